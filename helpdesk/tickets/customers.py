"""Customer users as agents find them."""

from typing import Any

from sqlalchemy import or_, select, true

from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import CUSTOMER, Company, Person
from helpdesk.accounts.permissions import GRANTED, GROUP_LEVELS
from helpdesk.database import db, is_like
from helpdesk.tickets.models import Queue
from helpdesk.web import NotFound

LONGEST_WORDS = 100
FOUND = 10
PAGE = 50

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


def are_seen_by(identity: Identity) -> bool:
    """Tell whether an agent sees customer users: with any permission on a queue, or a level on chats."""
    if not identity.is_agent:
        return False
    granted, level = GRANTED.c, GROUP_LEVELS.c
    on_queue = select(true()).join_from(GRANTED, Queue, Queue.group_id == granted.group_id)
    any_level = select(true()).where(level.person_id == identity.person_id, level["rank"].is_not(None))
    either = or_(on_queue.where(granted.person_id == identity.person_id).exists(), any_level.exists())
    return bool(db.session.scalar(select(either)))


def require(identity: Identity) -> None:
    """Raise NotFound unless this agent sees customer users."""
    if not are_seen_by(identity):
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


def one(person_id: int) -> Any:
    """Return a customer user, valid or not; raises NotFound."""
    row = db.session.execute(_CUSTOMERS.where(Person.id == person_id)).first()
    if row is None:
        raise NotFound()
    return row
