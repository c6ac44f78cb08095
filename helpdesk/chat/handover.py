"""Hand over and take over: a running chat is offered, and goes to who takes it first."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk import events, settings
from helpdesk.accounts.models import EXTERNAL, Person
from helpdesk.accounts.permissions import GROUP_LEVELS
from helpdesk.chat import channels, messages, monitoring, moving, order, tell
from helpdesk.chat.changes import change
from helpdesk.chat.models import (
    ACTIVE,
    AGENTS,
    CUSTOMER,
    IN_CHARGE,
    JOINED,
    PARTICIPANT,
    PUBLIC,
    Channel,
    Chat,
    HandOver,
    Participation,
)
from helpdesk.chat.permissions import OWNER_RANK, REASONS, Forbidden, Relation
from helpdesk.chat.personal import NotAvailable, is_able
from helpdesk.database import database_now, now, transaction
from helpdesk.web import Invalid, NotFound, Refusal

MOST_COLLEAGUES = 200


_ENDING = (
    delete(HandOver)
    .where(
        HandOver.chat_id == bindparam("chat"),
        or_(HandOver.until.is_(None), HandOver.until > database_now()),
    )
    .returning(HandOver.by_id, HandOver.channel_id, HandOver.to_id)
)


class AlreadyOffered(Refusal):
    """The chat is on offer already."""

    def __init__(self) -> None:
        super().__init__("This chat is on offer already.")


def colleagues(session: Any, channel_id: int, but: int) -> list[Any]:
    """Return rows (id, name) of the agents to whom a chat of this channel can be handed, by name."""
    statement = select(Person.id, Person.name).where(_owns(channel_id), Person.id != but, is_able())
    return list(session.execute(statement.order_by(Person.name).limit(MOST_COLLEAGUES)))


def offer_to(relation: Relation, person_id: int) -> None:
    """Offer the chat to a colleague who owns its channel. Commits and announces.

    Raises NotAvailable, NotFound, AlreadyOffered.
    """
    relation.require("chat.hand_over")
    with transaction() as tx:
        name = tx.scalar(select(Person.name).where(Person.id == person_id, _owns(relation.chat.channel_id)))
        if name is None or person_id == relation.identity.person_id:
            raise NotFound()
        if person_id not in {row.id for row in colleagues(tx, relation.chat.channel_id, 0)}:
            raise NotAvailable(name)
        _offer(tx, relation, name, to_id=person_id)


def offer_to_channel(relation: Relation, channel_id: int) -> None:
    """Offer the chat to all owners of a channel, its own or another on offer. Commits and announces.

    Raises Invalid for a channel that is not on offer, AlreadyOffered.
    """
    relation.require("chat.hand_over")
    with transaction() as tx:
        names = {row.id: row.name for row in channels.offered(tx, audience_of(relation.chat))}
        names.setdefault(relation.chat.channel_id, relation.chat.channel_name)
        if channel_id not in names:
            raise Invalid("channel", "This channel is not available at the moment.")
        _offer(tx, relation, names[channel_id], channel_id=channel_id)


def audience_of(chat: Any) -> str:
    """Return whose channels a chat may be in: the customers' or the public's."""
    return PUBLIC if chat.direction == PUBLIC else CUSTOMER


def take(relation: Relation) -> None:
    """Put this agent in charge of a chat on offer; exactly one wins, who had it stays as participant.

    Commits and announces. Raises Forbidden when it is not on offer any more.
    """
    relation.require("chat.take_over")
    chat, me = relation.chat, relation.identity.person_id
    with transaction() as tx:
        taken = tx.execute(_ENDING, {"chat": chat.id}).first()
        if taken is None:
            raise Forbidden(REASONS["chat.take_over"])
        condition = (Chat.id == chat.id, Chat.state == ACTIVE, Chat.in_charge_id == chat.in_charge_id)
        values = {"in_charge_id": me, "channel_id": taken.channel_id or chat.channel_id, "asked_at": None}
        if not change(tx, condition, **values):
            raise Forbidden(REASONS["chat.take_over"])
        _change_places(tx, relation)
        messages.system(tx, relation, "taken_over")
        if taken.channel_id not in (None, chat.channel_id):
            name = tx.scalar(select(Channel.name).where(Channel.id == taken.channel_id))
            moving.follow(tx, relation, taken.channel_id, name or "")
        events.record(tx, me, "chat.taken_over", "chat", chat.id, before=chat.in_charge_id)
        tell.changed(tx, chat)
        tell.fit(tx, *_joined(tx, chat.id))
        for person_id in (me, chat.in_charge_id):
            tell.person(tx, person_id, active=True)
        tell_offer(tx, chat, taken)


def tell_offer(tx: Session, chat: Any, offer: Any, name: str = "") -> None:
    """Tell those to whom `offer` (by_id, channel_id, to_id) is or was made; with a name it is a new one."""
    people = [offer.to_id] if offer.to_id else []
    if offer.channel_id is not None:
        owners = select(Person.id).where(_owns(offer.channel_id), Person.availability == EXTERNAL)
        people += list(tx.scalars(owners.limit(MOST_COLLEAGUES)))
    text = chat.description if name else ""
    for person_id in {*people} - {offer.by_id}:
        tell.fit(tx, person_id)
        tell.personal(tx, person_id, chat.public_id, by=name, text=text)


def _offer(tx: Session, relation: Relation, to: str, **whom: Any) -> None:
    chat, me = relation.chat, relation.identity.person_id
    until = now() + timedelta(seconds=settings.get("ChatEngine::HandOverTime"))
    tx.execute(delete(HandOver).where(HandOver.chat_id == chat.id, HandOver.until <= now()))
    made = HandOver(chat_id=chat.id, by_id=me, offered_at=now(), until=until, **whom)
    try:
        tx.add(made)
        tx.flush()
    except IntegrityError:
        raise AlreadyOffered() from None
    messages.system(tx, relation, "offered", AGENTS, {"to": to})
    events.record(tx, me, "chat.offered", "chat", chat.id, **whom)
    tell_offer(tx, chat, made, relation.name)


def _owns(channel_id: int) -> Any:
    """SQL: this Person owns the channel; correlates with Person."""
    return exists(
        select(Channel.id)
        .join(GROUP_LEVELS, GROUP_LEVELS.c.group_id == Channel.group_id)
        .where(
            Channel.id == channel_id,
            GROUP_LEVELS.c.person_id == Person.id,
            GROUP_LEVELS.c.rank == OWNER_RANK,
        )
    )


def _joined(tx: Session, chat_id: int) -> list[int]:
    is_in = and_(Participation.chat_id == chat_id, Participation.state == JOINED)
    return list(tx.scalars(select(Participation.person_id).where(is_in)))


def _change_places(tx: Session, relation: Relation) -> None:
    chat, agent = relation.chat, relation.identity
    tx.execute(
        update(Participation)
        .where(
            Participation.chat_id == chat.id,
            Participation.person_id == chat.in_charge_id,
            Participation.mode == IN_CHARGE,
        )
        .values(mode=PARTICIPANT)
        .execution_options(synchronize_session=False)
    )
    tx.merge(
        Participation(
            chat_id=chat.id,
            person_id=agent.person_id,
            mode=IN_CHARGE,
            state=JOINED,
            name=agent.name,
            position=order.place(tx, agent.person_id),
            monitoring=monitoring.first(tx, agent.person_id),
        )
    )
    tx.flush()
