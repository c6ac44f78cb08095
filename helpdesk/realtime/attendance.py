"""Attendance: leases are written, and what is shown follows; each function commits and announces."""

from collections.abc import Iterable

from sqlalchemy import bindparam, exists, literal, select, union_all

from helpdesk.accounts import sessions
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person, SignIn, VisitorToken
from helpdesk.database import database_now, db, transaction
from helpdesk.realtime import lease_rows, presence
from helpdesk.realtime.leases import Leases
from helpdesk.realtime.models import OFFLINE, Lease, Presence

AT_ONCE = 500

_IS_THERE = exists().where(Lease.person_id == Presence.person_id, Lease.alive_until > database_now())

_OWN = Person.id == bindparam("person")
_KEYS = union_all(
    select(Person.kind, literal("s"), SignIn.id).join(SignIn, SignIn.person_id == Person.id).where(_OWN),
    select(Person.kind, literal("v"), VisitorToken.id)
    .join(VisitorToken, VisitorToken.person_id == Person.id)
    .where(_OWN),
)


def is_there(person_id: int) -> bool:
    """Tell whether the person is connected, to whatever process, and is shown so; one query."""
    shown = select(Presence.person_id).where(Presence.person_id == person_id, Presence.shown != OFFLINE)
    return db.session.execute(shown.where(_IS_THERE)).first() is not None


def arrive(leases: Leases, identity: Identity) -> None:
    """Write the lease of one who was not here, and show him: he counts as available from now on.

    A session that ended since it was asked for leaves nothing behind.
    """
    person_id = identity.person_id
    held = leases.take_again(person_id)
    try:
        with transaction() as tx:
            presence.lock(tx, [person_id])
            lease_rows.write(tx, leases.process, held)
            presence.change(tx, [person_id])
    except BaseException:
        leases.give_back(held)
        raise
    if identity.session_key and not sessions.is_valid(identity.kind, identity.session_key):
        leave(leases, person_id)


def leave(leases: Leases, person_id: int) -> None:
    """Take back all leases of one who signed out of his last session, and show him as offline at once."""
    if has_session(person_id):
        return
    leases.forget(person_id)
    with transaction() as tx:
        presence.lock(tx, [person_id])
        lease_rows.remove(tx, person_id)
        presence.change(tx, [person_id])


def has_session(person_id: int) -> bool:
    """Tell whether any session or capability of this person still lets in; two queries."""
    db.session.rollback()
    rows = db.session.execute(_KEYS, {"person": person_id}).all()
    pairs = {(kind, f"{letter}{number}") for kind, letter, number in rows}
    db.session.rollback()
    return bool(pairs - sessions.invalid(pairs))


def write(leases: Leases, people: Iterable[int] | None = None) -> None:
    """Write what this process knows of these people, or of everybody (None), that the rows do not say yet."""
    held = leases.take(people)
    parted = [each.person_id for each in held if each.is_parted]
    try:
        # In slices, so that no line waits until thousands are written.
        for first in range(0, len(held), AT_ONCE):
            with transaction() as tx:
                lease_rows.write(tx, leases.process, held[first : first + AT_ONCE])
        if parted:
            # Apart, so that no process waits for another's rows while it holds its own.
            with transaction() as tx:
                lease_rows.end_others(tx, leases.process, parted)
    except BaseException:
        leases.give_back(held)
        raise
