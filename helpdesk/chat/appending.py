"""The tickets a chat can be added to: found by number, title or customer, where the agent may add a note."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, or_, select

from helpdesk.chat.guests import Known
from helpdesk.chat.models import Chat
from helpdesk.chat.permissions import Relation
from helpdesk.database import db
from helpdesk.tickets import customers, search
from helpdesk.tickets.models import CLOSED, MERGED, STATES, Ticket
from helpdesk.tickets.reach import ALL, queues_with

MOST_FOUND = 20
LONGEST_WORDS = 100
_OVER = tuple(state for state, kind in STATES.items() if kind in (CLOSED, MERGED))
_MERGED = tuple(state for state, kind in STATES.items() if kind == MERGED)


def found(relation: Relation, guest: Known | None, words: str, chosen: str = "") -> tuple[list[Any], bool]:
    """Return at most MOST_FOUND tickets like `words`, without words the customer's, and if there are more.

    First the one that is chosen and the one the chat was started from, then the customer's open ones, then
    those changed last.
    """
    is_his: Any = Ticket.customer_id == guest.customer_id if guest and guest.customer_id else false()
    is_first = or_(Ticket.number == chosen, Ticket.id == relation.chat.about_id)
    rank = case((is_first, 0), (and_(is_his, Ticket.state.not_in(_OVER)), 1), else_=2)
    me = relation.identity.person_id
    may = (Ticket.queue_id.in_(queues_with(me, "note")), Ticket.queue_id.in_(queues_with(me, "ro")))
    rows = ALL.where(*may, Ticket.state.not_in(_MERGED), or_(is_first, _like(words) if words else is_his))
    found = list(db.session.execute(rows.order_by(rank, Ticket.changed_at.desc()).limit(MOST_FOUND + 1)))
    return found[:MOST_FOUND], len(found) > MOST_FOUND


def tied_to(chat_id: int) -> str:
    """Return the number of the ticket a chat was started from, or ""."""
    number = select(Ticket.number).join(Chat, Chat.about_id == Ticket.id).where(Chat.id == chat_id)
    return db.session.scalar(number) or ""


def _like(words: str) -> ColumnElement[bool]:
    people = [row.id for row in customers.found(words)]
    return or_(search.matching(words, False), Ticket.customer_id.in_(people))
