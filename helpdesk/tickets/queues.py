"""Queues: made, listed and chosen."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts.identity import Identity
from helpdesk.database import db
from helpdesk.tickets.models import Queue
from helpdesk.tickets.reach import queues_with
from helpdesk.web import Invalid, clean_text

DEFAULT = "Misc"


def create(tx: Session, name: str, group_id: int, *, comment: str = "", is_default: bool = False) -> int:
    """Add a queue and return its id; raises Invalid (field "name" or "comment")."""
    kept = clean_text(name, field="name", most=200)
    if not kept:
        raise Invalid("name", "Please enter a name.")
    queue = Queue(
        name=kept,
        group_id=group_id,
        comment=clean_text(comment, field="comment", most=250),
        is_default=is_default,
    )
    tx.add(queue)
    try:
        tx.flush()
    except IntegrityError as error:
        raise Invalid("name", "There is already a queue of this name.") from error
    events.record(tx, None, "queue.created", "queue", queue.id)
    return queue.id


def ensure_default(tx: Session, group_id: int) -> int:
    """Return the id of the queue for what names no other; made when it is missing."""
    found = tx.scalar(select(Queue.id).where(Queue.is_default).limit(1))
    return found or create(tx, DEFAULT, group_id, comment="What belongs nowhere else.", is_default=True)


def default_id(session: Any) -> int:
    """Return the id of the queue for what names no other."""
    return int(session.scalar(select(Queue.id).where(Queue.is_default)))


def choices(identity: Identity, permission: str) -> list[Any]:
    """Return rows (id, name) of the valid queues on which an agent has this permission, by name."""
    mine = Queue.id.in_(queues_with(identity.person_id, permission))
    rows = select(Queue.id, Queue.name).where(mine, Queue.validity == "valid")
    return list(db.session.execute(rows.order_by(Queue.name)))


def chosen(identity: Identity, queue_id: int | None, permission: str) -> int:
    """Return the queue that was chosen; raises Invalid (field "queue") for any that is not on offer."""
    if queue_id not in {row.id for row in choices(identity, permission)}:
        raise Invalid("queue", "Please choose a queue.")
    assert queue_id is not None
    return queue_id
