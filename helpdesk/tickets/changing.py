"""Changes of a ticket: state, owner, lock, priority, queue and title; each is one event of its history.

What is so already is no change. Who says what his page showed (`seen`, of `shown`) overwrites nothing that
somebody else did meanwhile: that is Invalid, in the same field.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts.models import Person
from helpdesk.accounts.permissions import GRANTED
from helpdesk.database import now, transaction
from helpdesk.tickets import search
from helpdesk.tickets.models import AUTO_CLOSE, CLOSED, PRIORITIES, REMINDER, STATES, Queue, Ticket
from helpdesk.tickets.permissions import Relation
from helpdesk.tickets.reach import granted_on, hold
from helpdesk.web import Invalid

LONGEST_PENDING_DAYS = 3_650
MEANWHILE = "Somebody else has changed this meanwhile: see above what it is now. Send again if you insist."


def shown(ticket: Any) -> dict[str, str]:
    """Return what the form of each change shows of a ticket at first."""
    return {
        "state": f"{ticket.state} {ticket.pending_until or ''}".strip(),
        "priority": str(ticket.priority),
        "owner": str(ticket.owner_id or ""),
        "title": ticket.title,
        "queue": str(ticket.queue_id),
    }


def set_state(relation: Relation, state: str, until: datetime | None = None, seen: str | None = None) -> None:
    """Give the ticket another state; a pending one needs a time. Commits.

    Raises Invalid (field "state" or "pending"), and as `Relation.require`.
    """
    if state not in STATES or state == "merged":
        raise Invalid("state", "Please choose a state.")
    with transaction() as tx:
        held = hold(tx, relation, "ticket.state")
        put_state(tx, held.ticket, state, held.identity.person_id, until=until, seen=seen)


def put_state(
    tx: Session,
    ticket: Any,
    state: str,
    by_id: int | None,
    *,
    until: datetime | None = None,
    seen: str | None = None,
) -> None:
    """Do the same inside `tx`, where the right is granted already."""
    pending_until = pending(state, until)
    if (state, pending_until) == (ticket.state, ticket.pending_until):
        return
    _check_seen(ticket, "state", seen)
    closed_at = (ticket.closed_at or now()) if STATES[state] == CLOSED else None
    values = {"pending_until": pending_until, "reminded_at": None, "closed_at": closed_at}
    details = {"was": ticket.state, "now": state}
    if pending_until is not None:
        details["until"] = f"{pending_until:%Y-%m-%d %H:%M} UTC"
    change(tx, ticket.id, by_id, "ticket.state", details, state=state, **values)


def set_priority(relation: Relation, priority: int, seen: str | None = None) -> None:
    """Give the ticket another priority, 1 to 5. Commits; raises Invalid (field "priority")."""
    if priority not in PRIORITIES:
        raise Invalid("priority", "Please choose a priority.")
    with transaction() as tx:
        held = hold(tx, relation, "ticket.priority")
        if priority == held.ticket.priority:
            return
        _check_seen(held.ticket, "priority", seen)
        details = {"was": held.ticket.priority, "now": priority}
        change(tx, held.ticket.id, held.identity.person_id, "ticket.priority", details, priority=priority)


def set_owner(relation: Relation, owner_id: int | None, seen: str | None = None) -> None:
    """Give the ticket to an agent who may work on it, or to nobody. Commits; raises Invalid ("owner")."""
    with transaction() as tx:
        held = hold(tx, relation, "ticket.owner")
        if owner_id == held.ticket.owner_id:
            return
        _check_seen(held.ticket, "owner", seen)
        if owner_id is not None:
            check_owner(tx, owner_id, held.ticket.group_id)
        details = {"was": held.ticket.owner_id, "now": owner_id}
        values = {"owner_id": owner_id, "is_locked": owner_id is not None}
        change(tx, held.ticket.id, held.identity.person_id, "ticket.owner", details, **values)


def set_lock(relation: Relation, is_locked: bool) -> None:
    """Lock the ticket for its owner, who is the one who locks where it has none; or unlock it. Commits."""
    with transaction() as tx:
        held = hold(tx, relation, "ticket.lock")
        if is_locked == held.ticket.is_locked:
            return
        ticket, me = held.ticket, held.identity.person_id
        if is_locked and ticket.owner_id is None:
            change(tx, ticket.id, me, "ticket.owner", {"was": None, "now": me}, owner_id=me)
        change(tx, ticket.id, me, "ticket.lock", {"now": is_locked}, is_locked=is_locked)


def set_title(relation: Relation, title: str, seen: str | None = None) -> None:
    """Give the ticket another title, which is clean. Commits; raises Invalid (field "subject")."""
    with transaction() as tx:
        held = hold(tx, relation, "ticket.title")
        if title == held.ticket.title:
            return
        _check_seen(held.ticket, "title", seen, "subject")
        change(tx, held.ticket.id, held.identity.person_id, "ticket.title", {}, title=title)
        search.put(tx, held.ticket.id)


def move(relation: Relation, queue_id: int, seen: str | None = None) -> None:
    """Move the ticket to a queue the agent may move into. Commits; raises Invalid (field "queue")."""
    with transaction() as tx:
        held = hold(tx, relation, "ticket.queue")
        if queue_id == held.ticket.queue_id:
            return
        _check_seen(held.ticket, "queue", seen)
        queue = tx.execute(
            select(Queue.group_id).where(Queue.id == queue_id, Queue.validity == "valid")
        ).first()
        granted = granted_on(tx, held.identity, queue.group_id) if queue else frozenset()
        if granted.isdisjoint({"move_into", "rw"}):
            raise Invalid("queue", "Please choose a queue.")
        details = {"was": held.ticket.queue_id, "now": queue_id}
        change(tx, held.ticket.id, held.identity.person_id, "ticket.queue", details, queue_id=queue_id)
        search.put(tx, held.ticket.id)


def change(
    tx: Session, ticket_id: int, by_id: int | None, action: str, details: dict[str, Any], **values: Any
) -> None:
    """Write values of a ticket, and what is kept of it in its history."""
    values |= {"version": Ticket.version + 1, "changed_at": now()}
    tx.execute(update(Ticket).where(Ticket.id == ticket_id).values(**values))
    events.record(tx, by_id, action, "ticket", ticket_id, **details)


def _check_seen(ticket: Any, name: str, seen: str | None, field: str = "") -> None:
    if seen not in (None, shown(ticket)[name]):
        raise Invalid(field or name, MEANWHILE)


def pending(state: str, until: datetime | None) -> datetime | None:
    """Return until when a ticket in this state waits, None if it does not; raises Invalid ("pending")."""
    if STATES[state] not in (REMINDER, AUTO_CLOSE):
        return None
    if until is None or not now() < until < now() + timedelta(days=LONGEST_PENDING_DAYS):
        raise Invalid("pending", "Please enter a time in the future, at most ten years ahead.")
    return until


def check_owner(tx: Session, person_id: int, group_id: int) -> None:
    """Raise Invalid (field "owner") unless this is a valid agent who may work on tickets of the group."""
    if tx.execute(owners(group_id).where(Person.id == person_id)).first() is None:
        raise Invalid("owner", "Please choose an agent who may work on tickets of this queue.")


def owners(group_id: int) -> Any:
    """Return the query for (id, name) of the valid agents who may own tickets of the group, by name."""
    granted = GRANTED.c
    may = granted.permission.in_(("owner", "rw"))
    mine = select(granted.person_id).where(granted.group_id == group_id, may)
    return select(Person.id, Person.name).where(Person.id.in_(mine)).order_by(Person.name, Person.id)
