"""The tickets a chat can be added to: found by number, title or customer, where the agent may add a note."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select

from helpdesk.chat.guests import Known
from helpdesk.chat.models import Chat
from helpdesk.chat.permissions import Relation
from helpdesk.database import db
from helpdesk.tickets import customers, search
from helpdesk.tickets.models import CLOSED, MERGED, STATES, Queue, Ticket
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
    is_open = Ticket.state.not_in(_OVER)
    first = [Ticket.number == chosen, Ticket.id == (relation.chat.about_id or 0)]
    rank = case((or_(*first), 0), (and_(is_his, is_open), 1), else_=2)
    # Each way is asked by itself, as far as it is shown: in one condition they would go through all tickets.
    his = [search.key("customer", guest.customer_id)] if guest and guest.customer_id else []
    like, his_like = (_like(relation, words, each) if words else [is_his] for each in ([], [his]))
    ways = [*first, *like, *(and_(is_his, is_open, each) for each in his_like)]
    ids = {key for way in ways for key in db.session.scalars(_newest(relation, way))}
    rows = ALL.where(Ticket.id.in_(ids)).order_by(rank, Ticket.changed_at.desc())
    found = list(db.session.execute(rows.limit(MOST_FOUND + 1)))
    return found[:MOST_FOUND], len(found) > MOST_FOUND


def _newest(relation: Relation, is_it: Any) -> Any:
    """Return the query for the ids of the last changed that take a note of this agent and can be chosen."""
    may = Ticket.queue_id.in_(_queues(relation))
    rows = select(Ticket.id).where(is_it, may, Ticket.state.not_in(_MERGED))
    # Not in the order of its index: SQLite would go through all tickets for the few that are like it.
    return rows.order_by(func.coalesce(Ticket.changed_at, Ticket.changed_at).desc()).limit(MOST_FOUND + 1)


def tied_to(chat_id: int) -> str:
    """Return the number of the ticket a chat was started from, or ""."""
    number = select(Ticket.number).join(Chat, Chat.about_id == Ticket.id).where(Chat.id == chat_id)
    return db.session.scalar(number) or ""


def _like(relation: Relation, words: str, whose: list[list[str]]) -> list[ColumnElement[bool]]:
    people = [row.id for row in customers.found(words)]
    its, others = search.in_queues(_queues(relation))
    found = search.matching(words, False, [*its, *whose], others)
    return [found.condition, *([Ticket.customer_id.in_(people)] if people else [])]


def _queues(relation: Relation) -> Any:
    me = relation.identity.person_id
    return queues_with(me, "note").where(Queue.id.in_(queues_with(me, "ro")))
