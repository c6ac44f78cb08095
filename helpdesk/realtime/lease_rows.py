"""The rows by which processes tell each other who is here; all times are the database's."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    bindparam,
    delete,
    exists,
    func,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from helpdesk.database import UTCDateTime, database_now
from helpdesk.realtime.leases import Held
from helpdesk.realtime.models import Lease, Presence

# How long what other processes heard by requests is good after the last socket; what they hear later is
# written within 15 s.
OTHERS_S = 30.0
KEPT_S = 600.0

_NOW = select(database_now())
_UPSERT = text(
    "INSERT INTO lease (person_id, process, has_socket, alive_until, active_at)"
    " VALUES (:person_id, :process, :has_socket, :alive_until, :active_at)"
    " ON CONFLICT (person_id, process) DO UPDATE SET"
    " has_socket = excluded.has_socket, alive_until = excluded.alive_until, active_at = excluded.active_at"
).bindparams(bindparam("alive_until", type_=UTCDateTime()), bindparam("active_at", type_=UTCDateTime()))
_CAP = (
    update(Lease)
    .where(
        Lease.person_id == bindparam("person"),
        Lease.process != bindparam("own"),
        Lease.has_socket.is_(False),
        Lease.alive_until > bindparam("end"),
    )
    .values(alive_until=bindparam("end"))
)


def is_connected(person_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition that this person is connected, to any process, for use in any statement."""
    is_alive = exists().where(Lease.person_id == person_id, Lease.alive_until > database_now())
    return is_alive.correlate_except(Lease)


def database_time(session: Session) -> datetime:
    """Return what the database's clock shows now."""
    now = session.scalar(_NOW)
    assert now is not None
    return now


def write(tx: Session, process: str, leases: Sequence[Held]) -> None:
    """Write these leases of a process in one statement."""
    if not leases:
        return
    now = database_time(tx)
    known = _last_active(tx, [held.person_id for held in leases if held.active_s is None])
    tx.execute(_UPSERT, [_row(process, held, now, known) for held in leases])


def end_others(tx: Session, process: str, people: Iterable[int]) -> None:
    """Shorten what other processes know of these people from requests alone."""
    end = database_time(tx) + timedelta(seconds=OTHERS_S)
    rows = [{"person": person_id, "own": process, "end": end} for person_id in sorted(people)]
    if rows:
        tx.connection().execute(_CAP, rows)


def remove(tx: Session, person_id: int) -> None:
    """Remove all leases of a person: he is not connected any more."""
    tx.execute(delete(Lease).where(Lease.person_id == person_id))


def clean(tx: Session) -> None:
    """Delete what dead processes left; expired rows say nothing."""
    before = database_time(tx) - timedelta(seconds=KEPT_S)
    tx.execute(delete(Lease).where(Lease.alive_until < before))


def _last_active(tx: Session, people: list[int]) -> dict[int, datetime]:
    """When they were last active as far as anybody wrote it: coming back without a deed is no activity."""
    if not people:
        return {}
    both = union_all(
        select(Lease.person_id, Lease.active_at).where(Lease.person_id.in_(people)),
        select(Presence.person_id, Presence.active_at).where(Presence.person_id.in_(people)),
    ).subquery()
    latest = select(both.c.person_id, func.max(both.c.active_at)).group_by(both.c.person_id)
    return {person_id: at for person_id, at in tx.execute(latest) if at is not None}


def _row(process: str, held: Held, now: datetime, known: dict[int, datetime]) -> dict[str, object]:
    active_at = known.get(held.person_id, now)
    if held.active_s is not None:
        active_at = now - timedelta(seconds=held.active_s)
    return {
        "person_id": held.person_id,
        "process": process,
        "has_socket": held.has_socket,
        "alive_until": now + timedelta(seconds=held.alive_s),
        "active_at": active_at,
    }
