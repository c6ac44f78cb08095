"""Lists of tickets (requirement 57): by queue, state and words, sorted, in pages, with counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.database import db, now
from helpdesk.tickets.models import AUTO_CLOSE, CLOSED, MERGED, NEW, OPEN, REMINDER, STATES, Queue, Ticket
from helpdesk.tickets.reach import ALL, may_read, queues_with
from helpdesk.tickets.search import matching

PAGE = 50
OLDEST = 5
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
# Who came first has the smaller id, and ids are in order already.
SORTS: dict[str, tuple[Any, bool]] = {
    "changed": (Ticket.changed_at, True),
    "age": (Ticket.id, False),
    "priority": (Ticket.priority, True),
    "number": (Ticket.number, True),
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
    """At most PAGE tickets; `next_key` is "" when there are no more."""

    rows: Sequence[Any]
    next_key: str


@dataclass(frozen=True, slots=True)
class Widget:
    """A kind of tickets on the dashboard: how many there are, and the oldest of them."""

    kind: str
    count: int
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets there are of each kind (of all and closed ones none are counted), and in each queue.

    `by_kind` is of the queue that is chosen, `by_queue` (id, name, count) of the kind that is chosen.
    """

    by_kind: dict[str, int]
    by_queue: list[tuple[int, str, int]]


def page(identity: Identity, wanted: Wanted, most: int = PAGE) -> Page:
    """Return the tickets this person may read that are wanted; one query, which joins what it found."""
    column, _ = SORTS[wanted.sort]
    # Few are like the words that are looked for: nobody shall go through all tickets in their order for them.
    column = func.coalesce(column, column) if wanted.words else column
    order = [part.desc() if wanted.is_falling else part.asc() for part in (column, Ticket.id)]
    is_wanted = and_(may_read(identity), *_facts(identity, wanted))
    # Of lists that hold most tickets SQLite would read and sort all, instead of the first in their order.
    found = select(Ticket.id).where(is_wanted.is_(true()) if _is_long(wanted) else is_wanted)
    if wanted.sort == "queue":
        found = found.join(Queue, Queue.id == Ticket.queue_id)
    if wanted.after:
        found = found.where(_is_behind(identity, wanted, column))
    shown = ALL.where(Ticket.id.in_(found.order_by(*order).limit(most + 1))).order_by(*order)
    rows = db.session.execute(shown).all()
    return Page(rows[:most], rows[most - 1].number if len(rows) > most else "")


def counts(identity: Identity, kind: str, queue_id: int | None) -> Counts:
    """Count the tickets that are not closed; one query."""
    rows = db.session.execute(_counted(identity)).all()
    by_queue: dict[int, tuple[str, int]] = {}
    for row in rows:
        name, count = by_queue.get(row.queue_id, (row.name, 0))
        by_queue[row.queue_id] = name, count + _figures(row)[kind]
    mine = [_figures(row) for row in rows if queue_id in (None, row.queue_id)]
    by_kind = {name: sum(figures[name] for figures in mine) for name in KINDS}
    found = [(key, name, count) for key, (name, count) in by_queue.items()]
    return Counts(by_kind, sorted(found, key=lambda queue: queue[1].casefold()))


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
    if wanted.words:
        facts.append(matching(wanted.words, is_for_customer=False))
    if wanted.customer_id is not None:
        facts.append(Ticket.customer_id == wanted.customer_id)
    if wanted.company_id is not None:
        facts.append(Ticket.company_id == wanted.company_id)
    return facts


def _is_long(wanted: Wanted) -> bool:
    """Tell whether the list holds a good part of all tickets."""
    return wanted.kind in ("all", "closed") and not (
        wanted.words or wanted.customer_id is not None or wanted.company_id is not None
    )


def _is_behind(identity: Identity, wanted: Wanted, column: Any) -> ColumnElement[bool]:
    """Behind the last ticket of the page before, if that one may be read: its place would tell of it."""
    key = (
        select(column.label("value"), Ticket.id)
        .join(Queue, Queue.id == Ticket.queue_id)
        .where(Ticket.number == wanted.after, may_read(identity))
        .subquery()
    )
    value, number = select(key.c.value).scalar_subquery(), select(key.c.id).scalar_subquery()
    if wanted.is_falling:
        return or_(column < value, and_(column == value, Ticket.id < number))
    return or_(column > value, and_(column == value, Ticket.id > number))


def _counted(identity: Identity) -> Any:
    """One row for each queue that may be read, also where it is empty, and state."""
    mine = func.sum(_one(Ticket.owner_id == identity.person_id)).label("mine")
    reminder = func.sum(_one(of_kind(identity, "reminder"))).label("reminder")
    escalated = func.sum(_one(of_kind(identity, "escalated"))).label("escalated")
    is_its = and_(Ticket.queue_id == Queue.id, Ticket.state.in_(WORKED_ON))
    return (
        select(
            Queue.id.label("queue_id"),
            Queue.name,
            Ticket.state,
            func.count(Ticket.id).label("count"),
            mine,
            reminder,
            escalated,
        )
        .outerjoin(Ticket, is_its)
        .where(Queue.id.in_(queues_with(identity.person_id, "ro")))
        .group_by(Queue.id, Queue.name, Ticket.state)
    )


def _one(condition: ColumnElement[bool]) -> Any:
    return case((condition, 1), else_=0)


def _figures(row: Any) -> dict[str, int]:
    figures = dict.fromkeys(KINDS, 0)
    for kind in ("new", "open", "pending"):
        figures[kind] = row.count if row.state in STATES_OF[kind] else 0
    figures["all"] = row.count
    for kind in ("mine", "reminder", "escalated"):
        figures[kind] = int(getattr(row, kind) or 0)
    return figures
