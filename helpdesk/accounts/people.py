"""Agents, customer users and their companies, groups and roles: made, changed, made invalid."""

import unicodedata

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts import passwords, permissions, sessions
from helpdesk.accounts.models import AGENT, CUSTOMER, Company, Group, Person, Role
from helpdesk.database import now
from helpdesk.web import Invalid, NotFound, clean_name, clean_text

LONGEST_LOGIN = 100
ADMIN, USERS = "admin", "users"
GROUPS = {ADMIN: "Administrators of the helpdesk.", USERS: "Everybody who works with the helpdesk."}

ENSURE_GROUP = text(
    "INSERT INTO permission_group (name, comment) VALUES (:name, :comment) ON CONFLICT (name) DO NOTHING"
)
ENSURE_COMPANY = text("INSERT INTO company (name) VALUES (:name) ON CONFLICT (name) DO NOTHING")


def create_agent(
    tx: Session,
    login: str,
    name: str,
    password: str | None = None,
    *,
    email: str = "",
    by_id: int | None = None,
) -> int:
    """Add an agent, unavailable and without permissions; return his id.

    Without a password he cannot sign in. Raises Invalid with field "login", "name", "email" or "password".
    """
    return _create(tx, AGENT, login, name, password=password, email=email, by_id=by_id)


def create_customer(
    tx: Session,
    login: str,
    name: str,
    password: str | None = None,
    *,
    company: str = "",
    email: str = "",
    by_id: int | None = None,
) -> int:
    """Add a customer user, of a company that is found by name or made; return his id.

    Raises like `create_agent`, and Invalid with field "company".
    """
    company_id = find_or_make_company(tx, company) if company else None
    return _create(
        tx, CUSTOMER, login, name, password=password, email=email, by_id=by_id, company_id=company_id
    )


def find_or_make_company(tx: Session, name: str) -> int:
    """Return the id of the company of this name; raises Invalid (field "company")."""
    kept = clean_text(name, field="company", most=200)
    if not kept:
        raise Invalid("company", "Please enter the name of the company.")
    tx.execute(ENSURE_COMPANY, {"name": kept})
    return tx.execute(select(Company.id).where(Company.name == kept)).scalar_one()


def set_password(tx: Session, person_id: int, password: str, by_id: int | None = None) -> None:
    """Set a password and end all sessions of this person; raises Invalid (field "password"), NotFound."""
    _update(tx, person_id, password_hash=passwords.make_hash(password))
    sessions.end_all(tx, person_id)
    events.record(tx, by_id, "password.changed", "person", person_id)


def invalidate(tx: Session, person_id: int, by_id: int | None = None) -> None:
    """Make a person invalid: nothing lets him in any more, from this commit on. Raises NotFound."""
    _update(tx, person_id, is_valid=False)
    sessions.end_all(tx, person_id)
    permissions.changed(tx, [person_id])
    events.record(tx, by_id, "person.invalidated", "person", person_id)


def create_group(tx: Session, name: str, comment: str = "") -> int:
    """Add a group of permissions and return its id; raises Invalid (field "name" or "comment")."""
    comment = clean_text(comment, field="comment", most=250)
    return _insert(
        tx, Group(name=_title(name), comment=comment), "name", "There is already a group of this name."
    )


def create_role(tx: Session, name: str) -> int:
    """Add a role and return its id; raises Invalid (field "name")."""
    return _insert(tx, Role(name=_title(name)), "name", "There is already a role of this name.")


def ensure_groups(tx: Session) -> dict[str, int]:
    """Return the ids of the groups *admin* and *users*, which are made when they are missing."""
    for name, comment in GROUPS.items():
        tx.execute(ENSURE_GROUP, {"name": name, "comment": comment})
    found = tx.execute(select(Group.name, Group.id).where(Group.name.in_(GROUPS)))
    return {row.name: row.id for row in found}


def login_typed(raw: str) -> str:
    """Return the form in which a typed user name is looked up; "" when nobody can have it."""
    try:
        return _login(raw)
    except Invalid:
        return ""


def _create(
    tx: Session,
    kind: str,
    login: str,
    name: str,
    *,
    password: str | None,
    email: str,
    by_id: int | None,
    company_id: int | None = None,
) -> int:
    person = Person(
        kind=kind,
        login=_login(login),
        name=clean_name(name, field="name"),
        email=clean_text(email, field="email", most=254) or None,
        password_hash=None if password is None else passwords.make_hash(password),
        company_id=company_id,
        created_at=now(),
    )
    key = _insert(tx, person, "login", "This user name is taken.")
    events.record(tx, by_id, "person.created", "person", key, kind=kind)
    return key


def _login(raw: str) -> str:
    """Two names that are written alike are one: compatible characters and cases are folded."""
    typed = clean_text(raw, field="login", most=LONGEST_LOGIN)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", typed).casefold())
    login = clean_text(folded, field="login", most=LONGEST_LOGIN)
    if not login:
        raise Invalid("login", "Please enter a user name.")
    return login


def _title(raw: str) -> str:
    title = clean_text(raw, field="name", most=200)
    if not title:
        raise Invalid("name", "Please enter a name.")
    return title


def _insert(tx: Session, row: Person | Group | Role, field: str, taken: str) -> int:
    tx.add(row)
    try:
        tx.flush()
    except IntegrityError as error:
        raise Invalid(field, taken) from error
    return row.id


def _update(tx: Session, person_id: int, **values: object) -> None:
    change = update(Person).where(Person.id == person_id).values(**values)
    if tx.execute(change.returning(Person.id)).first() is None:
        raise NotFound()
