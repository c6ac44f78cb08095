"""The internal chats in which agents are invited to another one: they follow what becomes of that."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.accounts.identity import Identity
from helpdesk.chat import messages, tell
from helpdesk.chat.changes import change
from helpdesk.chat.models import CLOSED, Chat
from helpdesk.chat.permissions import Relation
from helpdesk.database import db


def tell_end(tx: Session, relation: Relation) -> None:
    """Say in every internal chat that invited to this one that it has ended, by the person of `relation`.

    Announces the lines and the changed headers.
    """
    for chat in _invitations(tx, relation.chat):
        change(tx, (Chat.id == chat.id,))
        messages.system(tx, replace(relation, chat=chat, mode=None), "parent_ended")
        tell.changed(tx, chat)


def tell_changed(tx: Session, chat: Any, *person_ids: int) -> None:
    """Announce that what these people, or all, may do with the chat changed where they were invited to it."""
    whose = [Chat.target_id.in_(person_ids)] if person_ids else []
    for invitation in _invitations(tx, chat, *whose):
        tell.changed(tx, invitation)


def invitations_of(identity: Identity, chat: Any) -> list[str]:
    """Return the public ids of the chats in which this person was invited to `chat`."""
    return [row.public_id for row in _invitations(db.session, chat, Chat.target_id == identity.person_id)]


def _invitations(session: Any, chat: Any, *conditions: Any) -> list[Any]:
    wanted = select(Chat.id, Chat.public_id).where(Chat.parent_id == chat.id, Chat.state != CLOSED)
    return list(session.execute(wanted.where(*conditions).order_by(Chat.id)))
