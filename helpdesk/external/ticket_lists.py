"""The tickets a customer user may see: in pages, by state and by words; and where he may ask for more."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person
from helpdesk.chat.models import Channel
from helpdesk.database import db
from helpdesk.tickets import search
from helpdesk.tickets.models import CLOSED, MERGED, STATES, Queue, Ticket
from helpdesk.tickets.reach import may_read
from helpdesk.web import Invalid

PAGE = 25
MOST_PAGES = 400
CLOSED_STATES = tuple(state for state, kind in STATES.items() if kind in (CLOSED, MERGED))
SHOWN = {"open": "Open", "closed": "Closed", "all": "All"}
_CUSTOMER = aliased(Person)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets: those of the whole company, or one's own; `page` counts from 1."""

    is_company: bool
    shown: str
    words: str
    page: int


def may_see_company(identity: Identity) -> bool:
    """Tell whether this customer user has a company whose tickets are shown to him."""
    return identity.company_id is not None and bool(settings.get("Ticket::CompanyTickets"))


def rows(identity: Identity, wanted: Wanted) -> tuple[list[Any], bool]:
    """Return one page of rows, changed last first, and whether more follow."""
    page = (
        select(
            Ticket.number,
            Ticket.title,
            Ticket.state,
            Ticket.changed_at,
            Queue.name.label("queue_name"),
            _CUSTOMER.name.label("customer_name"),
        )
        .join(Queue, Queue.id == Ticket.queue_id)
        .outerjoin(_CUSTOMER, _CUSTOMER.id == Ticket.customer_id)
        .where(may_read(identity), *_conditions(identity, wanted))
        .order_by(Ticket.changed_at.desc(), Ticket.id.desc())
        .offset((wanted.page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    found = list(db.session.execute(page))
    return found[:PAGE], len(found) > PAGE and wanted.page < MOST_PAGES


def queues_on_offer() -> list[Any]:
    """Return rows (id, name, is_default) of the queues a customer user may choose, by name.

    They are the default queue and those whose group answers customers in a channel.
    """
    groups = select(Channel.group_id).where(Channel.is_for_customers, Channel.validity == "valid")
    is_offered = or_(Queue.is_default, Queue.group_id.in_(groups))
    offered = select(Queue.id, Queue.name, Queue.is_default).where(Queue.validity == "valid", is_offered)
    return list(db.session.execute(offered.order_by(Queue.name)))


def chosen_queue(queue_id: int | None) -> int:
    """Return the queue that was chosen; raises Invalid (field "queue") for any that is not on offer."""
    if queue_id is None or queue_id not in {row.id for row in queues_on_offer()}:
        raise Invalid("queue", "Please choose what it is about.")
    return queue_id


def _conditions(identity: Identity, wanted: Wanted) -> list[Any]:
    whose: Any = (
        Ticket.company_id == identity.company_id
        if wanted.is_company
        else Ticket.customer_id == identity.person_id
    )
    conditions = [whose]
    if wanted.shown != "all":
        is_closed = Ticket.state.in_(CLOSED_STATES)
        conditions.append(is_closed if wanted.shown == "closed" else ~is_closed)
    if wanted.words:
        company, own = search.key("company", identity.company_id), search.key("customer", identity.person_id)
        like = search.matching(wanted.words, True, [[company if wanted.is_company else own]])
        conditions.append(like.condition)
    return conditions
