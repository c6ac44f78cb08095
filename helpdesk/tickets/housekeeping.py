"""Pending tickets whose time has come: owners are reminded, once, and tickets close by themselves.

Every process does it, and the command `housekeeping`; each deed is one conditional UPDATE: it is done once.
"""

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts.models import Person
from helpdesk.config import Config
from helpdesk.database import db, now, transaction
from helpdesk.tickets import outbox
from helpdesk.tickets.changing import owners
from helpdesk.tickets.models import AUTO_CLOSE, REMINDER, STATES, Queue, Ticket

EVERY_S = 60
MOST = 50

_REMINDERS = tuple(state for state, kind in STATES.items() if kind == REMINDER)
_CLOSING = tuple(state for state, kind in STATES.items() if kind == AUTO_CLOSE)
CLOSED_BY_ITSELF = "closed successful"


def run() -> int:
    """Do what is due, at most MOST of each kind, and return how much; the rest is done next time. Commits."""
    at, count = now(), 0
    for is_due, deed in ((_unreminded(at), _remind), (_closing(at), _close)):
        rows = select(Ticket.id, Ticket.state).where(*is_due).order_by(Ticket.pending_until).limit(MOST)
        found = db.session.execute(rows).all()
        db.session.rollback()
        for row in found:
            with transaction() as tx:
                count += deed(tx, row, (Ticket.id == row.id, *is_due))
    return count


def _unreminded(at: datetime) -> Any:
    return Ticket.state.in_(_REMINDERS), Ticket.pending_until <= at, Ticket.reminded_at.is_(None)


def _closing(at: datetime) -> Any:
    return Ticket.state.in_(_CLOSING), Ticket.pending_until <= at


def _remind(tx: Session, row: Any, is_due: Any) -> bool:
    ticket = _changed(tx, is_due, reminded_at=now())
    if ticket is None:
        return False
    events.record(tx, None, "ticket.reminded", "ticket", ticket.id)
    owner = _owner(tx, ticket)
    if owner is not None and owner.email:
        outbox.put(
            tx,
            owner.email,
            outbox.subject_of(ticket.number, f"Reminder: {ticket.title}"),
            _words(ticket),
            recipient_name=owner.name,
            ticket_id=ticket.id,
            is_automatic=True,
        )
    return True


def _close(tx: Session, row: Any, is_due: Any) -> bool:
    values = {"state": CLOSED_BY_ITSELF, "pending_until": None, "reminded_at": None, "closed_at": now()}
    ticket = _changed(tx, is_due, **values)
    if ticket is None:
        return False
    events.record(tx, None, "ticket.state", "ticket", ticket.id, was=row.state, now=CLOSED_BY_ITSELF)
    return True


def _changed(tx: Session, is_due: Any, **values: Any) -> Any:
    """Return the ticket, None if somebody was faster."""
    values |= {"version": Ticket.version + 1, "changed_at": now()}
    told = (Ticket.id, Ticket.number, Ticket.title, Ticket.owner_id, Ticket.queue_id, Ticket.pending_until)
    return tx.execute(update(Ticket).where(*is_due).values(**values).returning(*told)).first()


def _owner(tx: Session, ticket: Any) -> Any:
    """Return name and address of the owner, if he still may own it: nobody else is told what it is about."""
    if ticket.owner_id is None:
        return None
    group_id = tx.scalars(select(Queue.group_id).where(Queue.id == ticket.queue_id)).one()
    return tx.execute(owners(group_id).where(Person.id == ticket.owner_id).add_columns(Person.email)).first()


def _words(ticket: Any) -> str:
    config: Config = current_app.config["HELPDESK"]
    return (
        f"Ticket {ticket.number} “{ticket.title}” was pending until "
        f"{ticket.pending_until:%Y-%m-%d %H:%M} UTC.\n\n{config.public_url}/agent/tickets/{ticket.number}\n"
    )
