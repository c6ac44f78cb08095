"""Customer users as agents find them."""

from typing import Any

from sqlalchemy import func, or_, select

from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import CUSTOMER, Company, Person
from helpdesk.database import db, is_like
from helpdesk.tickets import menu
from helpdesk.tickets.lists import STATES_OF
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.reach import may_read
from helpdesk.web import NotFound

LONGEST_WORDS = 100
FOUND = 10
PAGE = 50
PAGES = 1_000

_CUSTOMERS = (
    select(
        Person.id,
        Person.name,
        Person.login,
        Person.email,
        Person.company_id,
        Person.is_valid,
        Company.name.label("company_name"),
    )
    .outerjoin(Company, Company.id == Person.company_id)
    .where(Person.kind == CUSTOMER)
)


def require(identity: Identity) -> None:
    """Raise NotFound unless this agent sees customer users."""
    if not menu.of(identity).sees_customers:
        raise NotFound()


def found(words: str, after: int = 0, most: int = FOUND) -> list[Any]:
    """Return the first customer users whose name, login, e-mail or company holds all of these words, by name.

    The first `after` are left out, and at most `most + 1` come: one more says that there are more.
    """
    is_it = [
        or_(*(is_like(column, word) for column in (Person.name, Person.login, Person.email, Company.name)))
        for word in words.split()[:FOUND]
    ]
    rows = _CUSTOMERS.where(Person.is_valid, *is_it).order_by(Person.name, Person.id)
    return list(db.session.execute(rows.offset(after).limit(most + 1)))


def of_ids(person_ids: list[int]) -> list[Any]:
    """Return the valid customer users among these."""
    return list(db.session.execute(_CUSTOMERS.where(Person.id.in_(person_ids), Person.is_valid)))


def counts(identity: Identity, **is_theirs: int) -> dict[str, int]:
    """Count, by kind, the tickets of a `customer_id` or `company_id` that this agent may read; one query."""
    theirs = select(Ticket.state, func.count()).where(may_read(identity)).filter_by(**is_theirs)
    rows = db.session.execute(theirs.group_by(Ticket.state)).all()
    return {kind: sum(n for state, n in rows if state in states) for kind, states in STATES_OF.items()}


def one(person_id: int) -> Any:
    """Return a customer user, valid or not; raises NotFound."""
    row = db.session.execute(_CUSTOMERS.where(Person.id == person_id)).first()
    if row is None:
        raise NotFound()
    return row
