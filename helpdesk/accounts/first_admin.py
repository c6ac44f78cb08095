"""The first administrator: made once, by whoever holds the one-time code printed at the start."""

import secrets
from base64 import b32encode

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts import people, permissions, tokens
from helpdesk.accounts.models import AGENT, FirstAdminCode, Group, Person
from helpdesk.accounts.signing_in import Browser, begin, log_event
from helpdesk.database import db, now, transaction
from helpdesk.web import Invalid

WRONG_CODE = (
    "This code is wrong or was used already. Starting the helpdesk again prints a new one if it is needed."
)


def make_code() -> str | None:
    """Return a new one-time code in place of any earlier one; None when there is an admin. Commits."""
    code = b32encode(secrets.token_bytes(20)).decode().lower()
    with transaction() as tx:
        people.ensure_groups(tx)
        if has_admin(tx):
            return None
        tx.execute(delete(FirstAdminCode))
        tx.execute(insert(FirstAdminCode).values(code_hash=_hash(code), created_at=now()))
    return "-".join(code[first : first + 8] for first in range(0, len(code), 8))


def is_open() -> bool:
    """Tell whether a code waits to be used."""
    return db.session.execute(select(FirstAdminCode.code_hash)).first() is not None


def use_code(code: str, login: str, name: str, password: str, browser: Browser) -> str:
    """Make the first administrator and sign him in; return the token of his session. Commits.

    Of several uses at once one wins: who deletes the code. Raises Invalid, and the code stays good, when
    the fields ("code", "login", "name", "password") cannot be used.
    """
    if not is_open():
        raise Invalid("code", WRONG_CODE)
    with transaction() as tx:
        used = delete(FirstAdminCode).where(FirstAdminCode.code_hash == _hash(code))
        if tx.execute(used.returning(FirstAdminCode.code_hash)).first() is None:
            raise Invalid("code", WRONG_CODE)
        person_id = _make(tx, login, name, password)
        token = begin(tx, person_id, browser)
    log_event("first_admin.made", browser, person=person_id)
    return token


def has_admin(tx: Session) -> bool:
    """Tell whether a valid agent has permission rw in group *admin*, himself or by a role."""
    granted = permissions.GRANTED.c
    found = (
        select(Person.id)
        .join(permissions.GRANTED, granted.person_id == Person.id)
        .join(Group, Group.id == granted.group_id)
        .where(Person.kind == AGENT, Person.is_valid, Group.name == people.ADMIN, granted.permission == "rw")
    )
    return tx.execute(found.limit(1)).first() is not None


def _make(tx: Session, login: str, name: str, password: str) -> int:
    if has_admin(tx):
        raise Invalid("code", WRONG_CODE)
    person_id = people.create_agent(tx, login, name, password)
    groups = people.ensure_groups(tx)
    permissions.grant(tx, person_id, groups[people.ADMIN], "rw", person_id)
    permissions.grant(tx, person_id, groups[people.USERS], "chat_owner", person_id)
    permissions.grant(tx, person_id, groups[people.USERS], "rw", person_id)
    events.record(tx, person_id, "first_admin.made", "person", person_id)
    return person_id


def _hash(code: str) -> str:
    """Hyphens, spaces and case are only for the eye."""
    return tokens.hash_of("".join(c for c in code[:200] if c.isalnum()).lower())
