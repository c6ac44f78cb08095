"""New tickets: one for each asking, however often it is asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts import people
from helpdesk.accounts.models import CUSTOMER, Person
from helpdesk.database import now
from helpdesk.tickets import articles, numbers
from helpdesk.tickets.changing import pending
from helpdesk.tickets.models import CLOSED, NORMAL, STATES, Ticket
from helpdesk.web import Invalid

THERE_ALREADY = "There is a customer user of this address already: please search and choose him."
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ticket that is asked for; texts are clean, and the queue is one the asker may create in.

    `start_id` is made by the asker. A customer is a customer user (`customer_id`), or only told of;
    `is_new_customer` makes him one, whose user name is his e-mail address, without a password yet.
    """

    title: str
    queue_id: int
    start_id: str | None = None
    customer_id: int | None = None
    customer_name: str = ""
    customer_email: str = ""
    is_new_customer: bool = False
    owner_id: int | None = None
    state: str = "new"
    priority: int = NORMAL
    pending_until: datetime | None = None
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """The ticket; `is_new` is False where it had been asked for before."""

    id: int
    number: str
    is_new: bool


def create(tx: Session, wanted: Wanted, first: articles.Draft) -> Created:
    """Make a ticket with its first article, or find the one that was made of the same asking.

    Raises Invalid (field "customer", "customer_name", "customer_email", "state", "pending").
    """
    found = _made(tx, wanted.start_id)
    if found is not None:
        return found
    made = _insert(tx, wanted, _customer(tx, wanted.customer_id))
    if made is None:
        found = _made(tx, wanted.start_id)
        assert found is not None
        return found
    if wanted.is_new_customer:  # not before: who makes the same ticket at the same time waits there
        tx.execute(update(Ticket).where(Ticket.id == made.id).values(customer_id=_new_customer(tx, wanted)))
    articles.add(tx, made.id, first)
    events.record(tx, wanted.by_id, "ticket.created", "ticket", made.id, queue=wanted.queue_id)
    return made


def _made(tx: Session, start_id: str | None) -> Created | None:
    if start_id is None:
        return None
    row = tx.execute(select(Ticket.id, Ticket.number).where(Ticket.start_id == start_id)).first()
    return None if row is None else Created(row.id, row.number, is_new=False)


def _insert(tx: Session, wanted: Wanted, customer: Any) -> Created | None:
    """Return None where somebody else made the same ticket in the meantime."""
    at = now()
    if wanted.state not in STATES or wanted.state == "merged":
        raise Invalid("state", "Please choose a state.")
    row: Any = _INSERT[tx.get_bind().dialect.name](Ticket).on_conflict_do_nothing(index_elements=["start_id"])
    row = row.values(
        number=numbers.draw(tx),
        start_id=wanted.start_id,
        title=wanted.title,
        queue_id=wanted.queue_id,
        state=wanted.state,
        priority=wanted.priority,
        owner_id=wanted.owner_id,
        is_locked=wanted.owner_id is not None,
        customer_id=wanted.customer_id,
        customer_name=customer.name if customer else wanted.customer_name,
        customer_email=(customer.email or "") if customer else wanted.customer_email,
        company_id=customer.company_id if customer else None,
        pending_until=pending(wanted.state, wanted.pending_until),
        created_by_id=wanted.by_id,
        created_at=at,
        changed_at=at,
        closed_at=at if STATES[wanted.state] == CLOSED else None,
    )
    found = tx.execute(row.returning(Ticket.id, Ticket.number)).first()
    return None if found is None else Created(found.id, found.number, is_new=True)


def _new_customer(tx: Session, wanted: Wanted) -> int:
    email = wanted.customer_email
    is_his = (Person.kind == CUSTOMER, func.lower(Person.email) == email.lower())
    if tx.scalar(select(Person.id).where(*is_his).limit(1)) is not None:
        raise Invalid("customer_email", THERE_ALREADY)
    try:
        return people.create_customer(tx, email, wanted.customer_name, email=email, by_id=wanted.by_id)
    except Invalid:
        raise Invalid("customer_email", THERE_ALREADY) from None


def _customer(tx: Session, person_id: int | None) -> Any:
    if person_id is None:
        return None
    is_he = (Person.id == person_id, Person.kind == CUSTOMER)
    row = tx.execute(select(Person.name, Person.email, Person.company_id).where(*is_he)).first()
    if row is None:
        raise Invalid("customer", "Please choose a customer user.")
    return row
