"""Hand over and take over: a running chat is offered, and goes to who takes it first."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from helpdesk import events, settings
from helpdesk.accounts.models import Person
from helpdesk.chat import channels, messages, moving, offers, seats, tell
from helpdesk.chat.changes import change
from helpdesk.chat.models import (
    AGENTS,
    IN_CHARGE,
    JOINED,
    PARTICIPANT,
    Channel,
    Chat,
    Participation,
)
from helpdesk.chat.permissions import OWNER_RANK, Relation
from helpdesk.chat.personal import NotAvailable, is_able
from helpdesk.chat.reach import hold
from helpdesk.chat.requests import why_not
from helpdesk.database import now, transaction
from helpdesk.web import NotFound


def colleagues(session: Any, relation: Relation) -> list[Any]:
    """Return rows (id, name) of the agents to whom this chat can be handed, by name."""
    found = _owners(relation).where(is_able()).order_by(Person.name, Person.id).limit(offers.MOST_COLLEAGUES)
    return list(session.execute(found))


def offer_to(relation: Relation, person_id: int) -> None:
    """Offer the chat to a colleague who owns its channel. Commits and announces.

    Raises NotAvailable, NotFound, AlreadyOffered, Forbidden, ChatClosed.
    """
    with transaction() as tx:
        held = _held(tx, relation)
        wanted = _owners(held).add_columns(is_able().label("is_able")).where(Person.id == person_id)
        colleague = tx.execute(wanted).first()
        if colleague is None:
            raise NotFound()
        if not colleague.is_able:
            raise NotAvailable(colleague.name)
        _offer(tx, held, colleague.name, to_id=person_id)


def offer_to_channel(relation: Relation, channel_id: int) -> None:
    """Offer the chat to all owners of a channel, its own or another on offer. Commits and announces.

    Raises Invalid for a channel that is not on offer, AlreadyOffered, Forbidden, ChatClosed.
    """
    with transaction() as tx:
        held = _held(tx, relation)
        chat, is_own = held.chat, channel_id == held.chat.channel_id
        name = chat.channel_name if is_own else channels.name_on_offer(tx, chat.direction, channel_id)
        _offer(tx, held, name, channel_id=channel_id)


def take(relation: Relation) -> None:
    """Put this agent in charge of a chat on offer; exactly one wins, who had it stays as participant.

    Commits and announces. Raises AlreadyTaken when it is not on offer any more, NotFound, ChatClosed.
    """
    with transaction() as tx:
        held = hold(tx, relation)
        chat, me = held.chat, held.identity.person_id
        taken = offers.end(tx, chat) if held.may("chat.take_over") else None
        if taken is None:
            raise why_not(chat.id)
        channel_id = taken.channel_id or chat.channel_id
        change(tx, (Chat.id == chat.id,), in_charge_id=me, channel_id=channel_id, asked_at=None)
        seats.change(tx, chat.id, chat.in_charge_id, mode=PARTICIPANT)
        seats.take(tx, chat.id, held.identity, IN_CHARGE)
        messages.system(tx, held, "taken_over")
        if channel_id != chat.channel_id:
            name = tx.scalar(select(Channel.name).where(Channel.id == channel_id))
            moving.follow(tx, held, channel_id, name or "")
        events.record(tx, me, "chat.taken_over", "chat", chat.id, before=chat.in_charge_id)
        tell.changed(tx, chat)
        tell.fit(tx, *_joined(tx, chat.id))
        for person_id in (me, chat.in_charge_id):
            tell.person(tx, person_id, active=True)


def _held(tx: Session, relation: Relation) -> Relation:
    relation.require("chat.hand_over")
    held = hold(tx, relation)
    held.require("chat.hand_over")
    return held


def _offer(tx: Session, relation: Relation, to: str, **whom: int) -> None:
    until = now() + timedelta(seconds=settings.get("ChatEngine::HandOverTime"))
    offers.make(tx, relation.chat, relation.identity, until, **whom)
    messages.system(tx, relation, "offered", AGENTS, {"to": to})
    events.record(tx, relation.identity.person_id, "chat.offered", "chat", relation.chat.id, **whom)


def _owners(relation: Relation) -> Any:
    """Rows (id, name) of everybody else who owns the chat's channel."""
    owns = channels.has_level(Person.id, relation.chat.channel_id, OWNER_RANK)
    return select(Person.id, Person.name).where(owns, Person.id != relation.identity.person_id)


def _joined(tx: Session, chat_id: int) -> list[int]:
    is_in = and_(Participation.chat_id == chat_id, Participation.state == JOINED)
    return list(tx.scalars(select(Participation.person_id).where(is_in)))
