"""Who hears what of chat: a function of the person, asked anew whenever his rights change."""

from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.identity import Identity
from helpdesk.chat import cards, channels, cursors, personal
from helpdesk.chat.desk import Desk
from helpdesk.chat.models import AGENT, Channel
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import open_chats_of
from helpdesk.database import db

MOST_CHATS = 50


def topics_of(identity: Identity) -> Iterable[str]:
    """Return the topics of chat this person may hear now."""
    audience = "agents" if identity.is_agent else "guests"
    chats = [f"chat:{relation.chat.id}:{audience}" for relation in _relations(identity)[0]]
    if not identity.is_agent:
        return chats
    levels = channels.levels_of(identity.person_id)
    return [*chats, *(f"channel:{channel_id}" for channel_id in levels), "presence"]


def ready_of(identity: Identity) -> dict[str, Any]:
    """Return where the person's chats and channels stand, so that a page fetches only where it is behind."""
    relations, asked = _relations(identity)
    chats = {r.chat.public_id: _numbers(r) for r in relations}
    marks = {r.chat.public_id: astuple(cursors.marks_of(r)) for r in relations}
    if not identity.is_agent:
        return {"chats": chats, "marks": marks, "own": asked}
    desk = Desk(identity)
    levels = [each.id for each in desk.choices]
    versions = db.session.execute(select(Channel.id, Channel.version).where(Channel.id.in_(levels)))
    found = {str(channel_id): version for channel_id, version in versions}
    return {"chats": chats, "marks": marks, "channels": found, "own": desk.mark}


def _relations(identity: Identity) -> tuple[list[Relation], str]:
    """Return whose lines the person hears, and the mark of what a guest is only asked for."""
    if identity.is_agent:
        return cards.active(identity), ""
    relations = open_chats_of(identity, MOST_CHATS)
    return [relation for relation in relations if relation.may("chat.read")], personal.asked(relations)[1]


def _numbers(relation: Relation) -> list[int]:
    chat = relation.chat
    if relation.identity.is_agent:
        return [chat.last_seq, chat.version, chat.monitoring, int(chat.direction == AGENT)]
    return [chat.last_guest_seq, chat.guest_version]
