"""Queues and channels that belong together, and the tickets of chats as one person may see them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.accounts.identity import Identity
from helpdesk.chat.models import Channel, QueueChannel
from helpdesk.database import db
from helpdesk.tickets import menu, queues
from helpdesk.tickets.models import Queue, Ticket
from helpdesk.tickets.reach import may_read

# Which permission a right on a chat needs besides: one of them on some queue.
NEEDS = {"chat.phone_ticket": {"create", "rw"}, "chat.append": {"note", "rw"}}


def link(tx: Session, queue_id: int, channel_id: int) -> None:
    """Have a queue and a channel belong together; the queue leaves the channel it had."""
    tx.merge(QueueChannel(queue_id=queue_id, channel_id=channel_id))
    tx.flush()


def channel_of(session: Any, queue_id: int) -> int | None:
    """Return the id of the queue's channel, while that is valid."""
    found: int | None = session.scalar(
        select(QueueChannel.channel_id)
        .join(Channel, Channel.id == QueueChannel.channel_id)
        .where(QueueChannel.queue_id == queue_id, Channel.validity == "valid")
    )
    return found


def queue_of(channel_id: int) -> int:
    """Return the id of the first queue of the channel by name; without one, of the queue of all others."""
    mine = select(Queue.id).join(QueueChannel, QueueChannel.queue_id == Queue.id)
    is_its = (QueueChannel.channel_id == channel_id, Queue.validity == "valid")
    found: int | None = db.session.scalar(mine.where(*is_its).order_by(Queue.name).limit(1))
    return found or queues.default_id(db.session)


def lacking(identity: Identity) -> frozenset[str]:
    """Return those rights on chats that are nobody's without a permission on a queue he lacks; one query."""
    has = menu.of(identity).on_queues
    return frozenset(right for right, needed in NEEDS.items() if not has & needed)


def numbers(identity: Identity, ticket_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return the numbers of those tickets that this person may read, by id; one query, none for none."""
    wanted = {each for each in ticket_ids if each is not None}
    if not wanted:
        return {}
    rows = select(Ticket.id, Ticket.number).where(Ticket.id.in_(wanted), may_read(identity))
    return {row.id: row.number for row in db.session.execute(rows)}
