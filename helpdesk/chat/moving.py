"""A running chat goes to another channel: levels are computed anew, and who has none there is out of it.

So is who loses his level while the chat stays where it is.

In charge stays who was, while his level there lets him write. Otherwise the remaining agent with the highest
level takes over, participants before observers; when none of them may write, the chat is a request again.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts.models import AGENT as AGENT_KIND
from helpdesk.accounts.models import Person
from helpdesk.accounts.permissions import GROUP_LEVELS
from helpdesk.chat import channels, invited, messages, offers, seats, tell
from helpdesk.chat.changes import change
from helpdesk.chat.models import (
    ACTIVE,
    AGENT,
    AGENTS,
    CUSTOMER,
    EVERYONE,
    GUEST,
    IN_CHARGE,
    JOINED,
    LEFT,
    OBSERVER,
    PARTICIPANT,
    REQUEST,
    TO_CUSTOMER,
    Channel,
    Chat,
    Participation,
)
from helpdesk.chat.permissions import OBSERVER_RANK, OWNER_RANK, PARTICIPANT_RANK, Relation
from helpdesk.chat.reach import hold, stand_in
from helpdesk.database import db, transaction
from helpdesk.web import Refusal


class NobodyLeft(Refusal):
    """In the new channel nobody of the chat could answer; it has to be confirmed."""

    def __init__(self, channel: str) -> None:
        super().__init__(
            f"Nobody in this chat can answer in {channel}. It becomes a chat request there again, "
            "with its history, and all agents leave it."
        )


@dataclass(frozen=True, slots=True)
class _Seat:
    """An agent who is in the chat, with his level on the new channel."""

    person_id: int
    name: str
    mode: str
    rank: int


def targets(relation: Relation) -> list[Any]:
    """Return rows (id, name) of the channels the chat can go to now, by name."""
    offered = channels.offered(db.session, channels.AUDIENCE[relation.chat.direction])
    return [row for row in offered if row.id != relation.chat.channel_id]


def move(relation: Relation, channel_id: int, *, is_confirmed: bool) -> None:
    """Put the chat into another channel on offer to its guest (row 12).

    Commits and announces. Raises Forbidden, NotFound, ChatClosed, Invalid for a channel that is not on offer,
    and NobodyLeft where `is_confirmed` is wanted.
    """
    relation.require("chat.change_channel")
    with transaction() as tx:
        held = hold(tx, relation)
        held.require("chat.change_channel")
        if channel_id == held.chat.channel_id:
            return
        name = channels.name_on_offer(tx, held.chat.direction, channel_id)
        people = _seats(tx, held.chat, channel_id)
        if _heir(people) is None and not is_confirmed:
            raise NobodyLeft(name)
        messages.system(tx, held, "moved", AGENTS, {"channel": name})
        events.record(tx, held.identity.person_id, "chat.moved", "chat", held.chat.id, channel=channel_id)
        offers.end(tx, held.chat)
        _settle(tx, held, channel_id, people)


def without_level() -> Any:
    """Return SQL: rows (id, in_charge_id) of running chats in which an agent has lost the level he needs."""
    has = partial(channels.has_level, Participation.person_id, Chat.channel_id)
    is_too_low = ~has(OBSERVER_RANK) | and_(Participation.mode == IN_CHARGE, ~has(PARTICIPANT_RANK))
    is_asker = and_(Chat.direction == TO_CUSTOMER, Participation.person_id == Chat.requester_id)
    is_one = (Participation.chat_id == Chat.id, Participation.state == JOINED, Participation.mode != GUEST)
    return (
        select(Chat.id, Chat.in_charge_id)
        .where(
            Chat.state == ACTIVE,
            Chat.direction != AGENT,
            exists(select(Participation.chat_id).where(*is_one, is_too_low, ~is_asker)),
        )
        .order_by(Chat.id)
    )


def settle(tx: Session, row: Any) -> None:
    """Do in a chat of `without_level` what a change of channel does: who has no level is out of it.

    Announces.
    """
    if tx.execute(select(Chat.id).where(Chat.id == row.id).with_for_update()).first() is None:
        return
    found = tx.execute(without_level().where(Chat.id == row.id)).first()
    if found is not None:
        held = stand_in(tx, found.in_charge_id, found.id)
        people = _seats(tx, held.chat, held.chat.channel_id)
        if people[0] != _heir(people):
            offers.end(tx, held.chat)
        _settle(tx, held, held.chat.channel_id, people)


def follow(tx: Session, held: Relation, channel_id: int, name: str) -> None:
    """Have those of a chat that came into another channel out of it who have no level there; tell agents."""
    messages.system(tx, held, "moved", AGENTS, {"channel": name})
    _remove(tx, held, [seat for seat in _seats(tx, held.chat, channel_id) if not seat.rank])
    tell.moved(tx, held.chat, channel_id)


def _seats(tx: Session, chat: Any, channel_id: int) -> list[_Seat]:
    """Everybody on our side, the one in charge first, then by level; who asked a customer needs none."""
    level = (
        select(func.max(GROUP_LEVELS.c.rank))
        .join(Channel, Channel.group_id == GROUP_LEVELS.c.group_id)
        .where(Channel.id == channel_id, GROUP_LEVELS.c.person_id == Participation.person_id)
        .correlate(Participation)
        .scalar_subquery()
    )
    rows = tx.execute(
        select(Participation.person_id, Participation.name, Participation.mode, level.label("rank"))
        .join(Person, Person.id == Participation.person_id)
        .where(Participation.chat_id == chat.id, Participation.state == JOINED, Person.kind == AGENT_KIND)
    )
    asker = chat.requester_id if chat.direction == TO_CUSTOMER else None
    people = [
        _Seat(row.person_id, row.name, row.mode, OWNER_RANK if row.person_id == asker else row.rank or 0)
        for row in rows
    ]
    return sorted(people, key=lambda s: (s.mode != IN_CHARGE, -s.rank, s.mode == OBSERVER, s.person_id))


def _heir(people: list[_Seat]) -> _Seat | None:
    return next((seat for seat in people if seat.rank >= PARTICIPANT_RANK), None)


def _settle(tx: Session, held: Relation, channel_id: int, people: list[_Seat]) -> None:
    heir = _heir(people)
    if heir is None:
        _ask_again(tx, held, channel_id, people)
    else:
        _go_on(tx, held, channel_id, people, heir)
    invited.tell_changed(tx, held.chat)


def _go_on(tx: Session, held: Relation, channel_id: int, people: list[_Seat], heir: _Seat) -> None:
    chat, gone = held.chat, [seat for seat in people if not seat.rank]
    is_handed_on = heir.mode != IN_CHARGE
    is_noticed = is_handed_on or any(seat.mode != OBSERVER for seat in gone)
    change(
        tx,
        (Chat.id == chat.id,),
        is_for_guests=is_noticed,
        channel_id=channel_id,
        in_charge_id=heir.person_id,
    )
    tell.moved(tx, chat, channel_id)
    if is_handed_on:
        _hand_on(tx, held, heir)
    _remove(tx, held, gone)
    tell.changed(tx, chat, is_for_guests=is_noticed)


def _hand_on(tx: Session, held: Relation, heir: _Seat) -> None:
    seats.change(tx, held.chat.id, held.identity.person_id, mode=PARTICIPANT)
    seats.change(tx, held.chat.id, heir.person_id, mode=IN_CHARGE)
    if heir.mode == OBSERVER:
        messages.system(tx, _about(held, heir), "joined")
    messages.system(tx, _about(held, heir), "in_charge", AGENTS)


def _ask_again(tx: Session, held: Relation, channel_id: int, people: list[_Seat]) -> None:
    """Nobody is left: a general request of the new channel, whoever of the two sides asked at first."""
    chat = held.chat
    values: dict[str, Any] = {"state": REQUEST, "in_charge_id": None, "accepted_at": None}
    if chat.direction == TO_CUSTOMER:
        is_guest = (Participation.chat_id == chat.id, Participation.mode == GUEST)
        guest_id = tx.scalar(select(Participation.person_id).where(*is_guest))
        values |= {"direction": CUSTOMER, "requester_id": guest_id, "target_id": None}
    channels.hold(tx, [chat.channel_id, channel_id])
    change(tx, (Chat.id == chat.id,), channel_id=channel_id, **values)
    _remove(tx, held, people)
    tell.changed(tx, chat)
    tell.counted(tx, chat)
    tell.row_came(tx, chat.id, channel_id)


def _remove(tx: Session, held: Relation, gone: list[_Seat]) -> None:
    """Who was seen is said to have left; an observer's going is for agents."""
    seats.change(tx, held.chat.id, *(seat.person_id for seat in gone), state=LEFT)
    for seat in gone:
        messages.system(tx, _about(held, seat), "left", AGENTS if seat.mode == OBSERVER else EVERYONE)
        tell.person(tx, seat.person_id, active=True)
    tell.fit(tx, *(seat.person_id for seat in gone))


def _about(held: Relation, seat: _Seat) -> Relation:
    who = replace(held.identity, person_id=seat.person_id, name=seat.name)
    return replace(held, identity=who, name=seat.name, mode=seat.mode)
