"""Chats on offer (row 41): one row for each, made, ended, and told to those who may take it."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk.accounts.models import EXTERNAL, Person
from helpdesk.chat import channels, tell
from helpdesk.chat.models import HandOver
from helpdesk.chat.permissions import OWNER_RANK
from helpdesk.database import now
from helpdesk.web import Refusal

MOST_COLLEAGUES = 200


class AlreadyOffered(Refusal):
    """The chat is on offer already."""

    def __init__(self) -> None:
        super().__init__("This chat is on offer already.")


def make(tx: Session, chat: Any, by: Any, until: datetime | None, **whom: int) -> None:
    """Offer the chat of `by` (id, name) to `to_id` or `channel_id`, and announce it.

    Raises AlreadyOffered.
    """
    tx.execute(delete(HandOver).where(HandOver.chat_id == chat.id, HandOver.until <= now()))
    made = HandOver(chat_id=chat.id, by_id=by.person_id, offered_at=now(), until=until, **whom)
    try:
        tx.add(made)
        tx.flush()
    except IntegrityError:
        raise AlreadyOffered() from None
    _tell(tx, chat, made, by=by.name, text=chat.description, how="handed" if until else "lost")


def end(tx: Session, chat: Any, *conditions: Any) -> Any:
    """Take away the chat's offer where it has one and all `conditions` hold, and announce that.

    Returns what it was (by_id, to_id, channel_id), or None.
    """
    gone = tx.execute(
        delete(HandOver)
        .where(HandOver.chat_id == chat.id, *conditions)
        .returning(HandOver.by_id, HandOver.to_id, HandOver.channel_id)
        .execution_options(synchronize_session=False)
    ).first()
    if gone is not None:
        _tell(tx, chat, gone)
    return gone


def _tell(tx: Session, chat: Any, offer: Any, **news: str) -> None:
    people = [offer.to_id] if offer.to_id else []
    if offer.channel_id is not None:
        owns = channels.has_level(Person.id, offer.channel_id, OWNER_RANK)
        owners = select(Person.id).where(owns, Person.availability == EXTERNAL)
        people += list(tx.scalars(owners.limit(MOST_COLLEAGUES)))
    for person_id in {*people} - {offer.by_id}:
        tell.fit(tx, person_id)
        tell.personal(tx, person_id, chat.public_id, **news)
