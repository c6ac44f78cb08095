"""Lists of tickets (requirement 57): by queue, state and words, sorted, in pages, with counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, select, true, tuple_

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.database import db, now
from helpdesk.tickets import search
from helpdesk.tickets.models import AUTO_CLOSE, CLOSED, MERGED, NEW, OPEN, REMINDER, STATES, Queue, Ticket
from helpdesk.tickets.reach import ALL, may_read, queues_with

PAGE = 50
OLDEST = 5
MOST_COUNTED = 1_000
# What a list holds, by its name in addresses.
KINDS = {
    "all": "All",
    "new": "New",
    "open": "Open",
    "pending": "Pending",
    "reminder": "Reminder",
    "escalated": "Escalated",
    "mine": "My tickets",
    "closed": "Closed",
}
WIDGETS = ("new", "open", "reminder", "escalated")
# What a list is sorted by, and whether its first page is that of the largest.
# Who came first has the smaller id, and the smaller number.
SORTS: dict[str, tuple[Any, bool]] = {
    "changed": (Ticket.changed_at, True),
    "age": (Ticket.id, False),
    "number": (Ticket.id, True),
    "priority": (Ticket.priority, True),
    "title": (func.lower(Ticket.title), False),
    "queue": (Queue.name, False),
}


def states_of(*kinds: str) -> tuple[str, ...]:
    """Return the states of these types."""
    return tuple(state for state, kind in STATES.items() if kind in kinds)


WORKED_ON = states_of(NEW, OPEN, REMINDER, AUTO_CLOSE)
STATES_OF = {
    "new": states_of(NEW),
    "open": states_of(OPEN),
    "pending": states_of(REMINDER, AUTO_CLOSE),
    "closed": states_of(CLOSED),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets, in which order; `after` is the number of the last ticket of the page before."""

    kind: str = "all"
    queue_id: int | None = None
    words: str = ""
    sort: str = "changed"
    is_falling: bool = True
    after: str = ""
    customer_id: int | None = None
    company_id: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """At most PAGE tickets; `next_key` is "" when there are no more.

    `is_cut` where so many hold the words that only the newest of them are in the list.
    """

    rows: Sequence[Any]
    next_key: str
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Widget:
    """A kind of tickets on the dashboard: how many there are, in words, and the oldest of them."""

    kind: str
    count: str
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets there are, in words, of each kind (closed ones are not counted) and in each queue.

    `by_kind` is of the queue that is chosen, `by_queue` (id, name, count) of the kind that is chosen.
    """

    by_kind: dict[str, str]
    by_queue: list[tuple[int, str, str]]


def page(identity: Identity, wanted: Wanted, most: int = PAGE) -> Page:
    """Return the tickets this person may read that are wanted; a constant number of queries."""
    column = Ticket.id if wanted.sort == "queue" and wanted.queue_id is not None else SORTS[wanted.sort][0]
    # Few are like the words that are looked for: nobody shall go through all tickets in their order for them.
    column = func.coalesce(column, column) if wanted.words else column
    order = [part.desc() if wanted.is_falling else part.asc() for part in dict.fromkeys((column, Ticket.id))]
    like = _found(identity, wanted)
    is_wanted = and_(may_read(identity), like.condition, *_facts(identity, wanted))
    # SQLite would read and sort all of a long list, instead of the first in their order.
    found = select(Ticket.id).where(is_wanted.is_(true()) if _is_long(wanted) else is_wanted)
    if wanted.sort == "queue":
        found = found.join(Queue, Queue.id == Ticket.queue_id)
    if wanted.after:
        found = found.where(_is_behind(identity, wanted, column))
    shown = ALL.where(Ticket.id.in_(found.order_by(*order).limit(most + 1))).order_by(*order)
    rows = db.session.execute(shown).all()
    return Page(rows[:most], rows[most - 1].number if len(rows) > most else "", like.is_cut)


def counts(identity: Identity, kind: str, queue_id: int | None) -> Counts:
    """Count the tickets that are not closed, of each kind and queue as far as MOST_COUNTED; two queries."""
    is_chosen: Any = Ticket.queue_id == queue_id if queue_id is not None else true()
    by_kind = [_count(identity, name, is_chosen, may_read(identity)).label(name) for name in KINDS]
    in_each = _count(identity, kind, Ticket.queue_id == Queue.id)
    is_readable = Queue.id.in_(queues_with(identity.person_id, "ro"))
    by_queue = db.session.execute(select(Queue.id, Queue.name, in_each).where(is_readable)).all()
    in_order = sorted(by_queue, key=lambda row: str(row.name).casefold())
    return Counts(
        {name: _words(count) for name, count in db.session.execute(select(*by_kind)).one()._asdict().items()},
        [(key, name, _words(count)) for key, name, count in in_order],
    )


def widgets(identity: Identity) -> list[Widget]:
    """Return what the dashboard shows of tickets; as many queries as widgets, and one."""
    counted = counts(identity, "all", None).by_kind
    return [
        Widget(kind, counted[kind], page(identity, Wanted(kind, sort="age", is_falling=False), OLDEST).rows)
        for kind in WIDGETS
    ]


def of_kind(identity: Identity, kind: str) -> ColumnElement[bool]:
    """Return the condition on Ticket that it is of this kind."""
    if kind == "all":
        return Ticket.state.not_in(states_of(MERGED))
    if kind == "mine":
        return and_(Ticket.owner_id == identity.person_id, Ticket.state.in_(WORKED_ON))
    if kind == "reminder":
        return and_(Ticket.state.in_(states_of(REMINDER)), Ticket.pending_until <= now())
    if kind == "escalated":
        before = escalated_before()
        is_open = Ticket.state.in_(states_of(NEW, OPEN))
        return and_(is_open, Ticket.created_at <= before) if before else false()
    return Ticket.state.in_(STATES_OF[kind])


def escalated_before() -> datetime | None:
    """Return when a new or open ticket must have been made to be escalated now; None while none is."""
    hours = int(settings.get("Ticket::EscalationHours"))
    return now() - timedelta(hours=hours) if hours else None


def _facts(identity: Identity, wanted: Wanted) -> list[ColumnElement[bool]]:
    facts = [of_kind(identity, wanted.kind)]
    if wanted.queue_id is not None:
        facts.append(Ticket.queue_id == wanted.queue_id)
    if wanted.customer_id is not None:
        facts.append(Ticket.customer_id == wanted.customer_id)
    if wanted.company_id is not None:
        facts.append(Ticket.company_id == wanted.company_id)
    return facts


def _found(identity: Identity, wanted: Wanted) -> search.Found:
    if not wanted.words:
        return search.Found(true())
    whose, others = search.in_queues(queues_with(identity.person_id, "ro"))
    narrowed = {"queue": wanted.queue_id, "customer": wanted.customer_id, "company": wanted.company_id}
    whose += [[search.key(name, each)] for name, each in narrowed.items() if each is not None]
    return search.matching(wanted.words, False, whose, others)


def _is_long(wanted: Wanted) -> bool:
    """Tell whether the list may hold many tickets, and no index of SQLite's has just them in their order."""
    is_narrow = wanted.words or wanted.customer_id is not None or wanted.company_id is not None
    has_index = wanted.kind in ("new", "open") and wanted.sort in ("age", "number")
    is_short = is_narrow or has_index or wanted.kind in ("mine", "reminder")
    return not is_short and db.engine.dialect.name == "sqlite"


def _is_behind(identity: Identity, wanted: Wanted, column: Any) -> ColumnElement[bool]:
    """Behind the last ticket of the page before, if that one may be read: its place would tell of it."""
    is_it = (Ticket.number == wanted.after, may_read(identity))
    last = select(column, Ticket.id).join(Queue, Queue.id == Ticket.queue_id).where(*is_it)
    key = db.session.execute(last).first()
    if key is None:
        return false()
    place, values = tuple_(column, Ticket.id), tuple_(*key)
    if wanted.is_falling:
        return and_(column <= key[0], place < values)  # the first lets PostgreSQL leave out whole queues
    return and_(column >= key[0], place > values)


def _count(identity: Identity, kind: str, *facts: ColumnElement[bool]) -> Any:
    is_it = {"all": Ticket.state.in_(WORKED_ON), "closed": false()}.get(kind)
    is_it = of_kind(identity, kind) if is_it is None else is_it
    some = select(Ticket.id).where(is_it, *facts).limit(MOST_COUNTED + 1).correlate(Queue).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _words(count: int) -> str:
    return str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED:,}+"
