"""Presence: what is shown of a person follows from his leases; whoever changes the row tells of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, select, text, union, update
from sqlalchemy.orm import Session

from helpdesk import settings
from helpdesk.accounts.models import AGENT, Person
from helpdesk.database import announce, database_now, db, transaction
from helpdesk.realtime.lease_rows import database_time, is_connected
from helpdesk.realtime.models import ACTIVE, AWAY, OFFLINE, Lease, Presence

__all__ = [
    "Change",
    "PresenceState",
    "away_here",
    "change",
    "is_connected",
    "lock",
    "on_presence",
    "settle",
    "states",
]


@dataclass(frozen=True, slots=True)
class Change:
    """A person is shown differently from now on."""

    person_id: int
    shown: str
    version: int
    active_at: datetime | None


@dataclass(frozen=True, slots=True)
class PresenceState:
    """What is shown of a person: "active", "away" or "offline"; `active_at` is as of that change."""

    shown: str
    active_at: datetime | None
    version: int


OnPresence = Callable[[list[Change]], None]

_NEVER_SEEN = PresenceState(OFFLINE, None, 0)
_listeners: dict[OnPresence, None] = {}
_ADD = text(
    "INSERT INTO presence (person_id, shown, version) VALUES (:id, 'offline', 1) ON CONFLICT DO NOTHING"
)


def on_presence(fn: OnPresence) -> None:
    """Have `fn(changes)` called in the one process that changed the rows, after its commit."""
    _listeners[fn] = None


def states(person_ids: Iterable[int]) -> dict[int, PresenceState]:
    """Return what is shown of each of these people; one query."""
    asked = set(person_ids)
    columns = select(Presence.person_id, Presence.shown, Presence.active_at, Presence.version)
    rows = db.session.execute(columns.where(Presence.person_id.in_(asked))) if asked else ()
    known = {row.person_id: PresenceState(row.shown, row.active_at, row.version) for row in rows}
    return {person_id: known.get(person_id, _NEVER_SEEN) for person_id in asked}


def settle(people: Iterable[int] | None = None) -> None:
    """Show these people, or everybody (None), as they are due, and tell; two queries if nothing changes."""
    db.session.rollback()
    late = [row.person_id for row in _due(db.session(), people)]
    db.session.rollback()
    if not late:
        return
    with transaction() as tx:
        lock(tx, late)
        change(tx, late)


def lock(tx: Session, people: Iterable[int]) -> None:
    """Make sure each has a row, and hold it: worked out before the lock, what is due could miss a lease."""
    ids = sorted(people)
    tx.execute(_ADD, [{"id": person_id} for person_id in ids])
    rows = select(Presence.person_id).where(Presence.person_id.in_(ids)).order_by(Presence.person_id)
    tx.execute(rows.with_for_update()).all()


def change(tx: Session, people: Iterable[int]) -> list[Change]:
    """Change the locked rows of those who are due another colour, and announce it; few statements."""
    changes: list[Change] = []
    rows = sorted(_due(tx, people), key=_step)
    for (shown, due), group in groupby(rows, key=_step):
        changes += _change(tx, shown, due, {row.person_id: row.active_at for row in group})
    if changes:
        for listener in _listeners:
            announce(tx, partial(listener, changes))
    return changes


def away_here(process: str) -> frozenset[int]:
    """Return who of the people this process knows is shown as away; one query."""
    rows = select(Presence.person_id).join(Lease, Lease.person_id == Presence.person_id)
    return frozenset(db.session.scalars(rows.where(Lease.process == process, Presence.shown == AWAY)))


def _due(session: Session, people: Iterable[int] | None) -> list[Row[Any]]:
    """Return (person_id, shown, due, active_at) of those whose colour is not the one due."""
    now = database_time(session)
    values = {
        "now": now,
        "agents_since": now - timedelta(minutes=settings.get("ChatEngine::AgentOnlineThreshold")),
        "others_since": now - timedelta(minutes=settings.get("ChatEngine::CustomerOnlineThreshold")),
    }
    return list(session.execute(_due_statement(people), values))


def _due_statement(people: Iterable[int] | None) -> Select[Any]:
    leases = select(Lease.person_id, func.max(Lease.active_at).label("active_at"))
    leases = leases.where(Lease.alive_until > bindparam("now")).group_by(Lease.person_id)
    shown = select(Presence.person_id).where(Presence.shown != OFFLINE)
    if people is not None:
        ids = list(people)
        leases, shown = leases.where(Lease.person_id.in_(ids)), shown.where(Presence.person_id.in_(ids))
    alive = leases.cte("alive")
    who = union(select(alive.c.person_id), shown).subquery("who")
    since = case((Person.kind == AGENT, bindparam("agents_since")), else_=bindparam("others_since"))
    due = case((alive.c.person_id.is_(None), OFFLINE), (alive.c.active_at < since, AWAY), else_=ACTIVE)
    before = func.coalesce(Presence.shown, OFFLINE)
    return (
        select(who.c.person_id, before.label("shown"), due.label("due"), alive.c.active_at)
        .join(Person, Person.id == who.c.person_id)
        .outerjoin(alive, alive.c.person_id == who.c.person_id)
        .outerjoin(Presence, Presence.person_id == who.c.person_id)
        .where(due != before)
    )


def _step(row: Row[Any]) -> tuple[str, str]:
    return row.shown, row.due


def _change(tx: Session, shown: str, due: str, active: dict[int, datetime | None]) -> list[Change]:
    latest = select(func.max(Lease.active_at)).where(Lease.person_id == Presence.person_id).scalar_subquery()
    rows = tx.execute(
        update(Presence)
        .where(Presence.person_id.in_(list(active)), Presence.shown == shown)
        .values(
            shown=due,
            version=Presence.version + 1,
            active_at=func.coalesce(latest, Presence.active_at),
            changed_at=database_now(),
        )
        .returning(Presence.person_id, Presence.version, Presence.active_at),
        execution_options={"synchronize_session": False},
    )
    return [Change(row.person_id, due, row.version, row.active_at) for row in rows]
