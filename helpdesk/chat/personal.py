"""Personal requests: an agent asks a colleague or a customer user, who accepts or declines."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk import events, realtime, settings
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import AGENT as AGENT_KIND
from helpdesk.accounts.models import CUSTOMER as CUSTOMER_KIND
from helpdesk.accounts.models import INTERNAL, Person
from helpdesk.accounts.permissions import GROUP_LEVELS
from helpdesk.chat import channels, messages, seats, tell
from helpdesk.chat.changes import change
from helpdesk.chat.limits import count_line
from helpdesk.chat.models import (
    ACTIVE,
    AGENT,
    CLOSED,
    GUEST,
    IN_CHARGE,
    INVITED,
    JOINED,
    LEFT,
    PARTICIPANT,
    REQUEST,
    TO_CUSTOMER,
    Channel,
    Chat,
    Participation,
)
from helpdesk.chat.permissions import Forbidden, Relation
from helpdesk.chat.reach import OF_AGENT, chat_of, is_closed_by, relation_of
from helpdesk.chat.requests import DESCRIPTION_LENGTH, Declined, RequestGone, answered
from helpdesk.database import db, now, transaction
from helpdesk.web import NotFound, Refusal, TooMany

DIRECTIONS = {AGENT_KIND: AGENT, CUSTOMER_KIND: TO_CUSTOMER}
SETTINGS = {
    AGENT: "ChatEngine::ChatDirection::AgentToAgent",
    TO_CUSTOMER: "ChatEngine::ChatDirection::AgentToCustomer",
}


# Requests of one agent that nobody has answered yet.
MOST_WAITING = 20


class NotAvailable(Refusal):
    """The person asked is not there for a chat any more; `name` is his."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not available any more.")
        self.name = name


class SentAlready(Refusal):
    """The browser's id of this request made somebody else's chat."""

    def __init__(self) -> None:
        super().__init__("This message was sent already.")


@dataclass(frozen=True, slots=True)
class Ask:
    """Whom to ask, and the first message; cleaned already. `channel_id` None is the default channel.

    `about_id` is the ticket it is started from.
    """

    target_id: int
    text: str
    client_id: str
    channel_id: int | None = None
    parent_id: int | None = None
    about_id: int | None = None


def asked(relations: Iterable[Relation]) -> tuple[list[Any], str]:
    """Return which of a guest's open chats he is only asked for, and what moves when their list does."""
    chats = [relation.chat for relation in relations if relation.may("chat.decline")]
    return chats, ".".join(f"{chat.public_id}-{chat.guest_version}" for chat in chats) or "none"


def is_able() -> Any:
    """Return SQL: this Person can be asked now; an agent with a level and at least internal, or a customer.

    Connected is active or away. Correlates with Person.
    """
    is_agent = and_(Person.kind == AGENT_KIND, Person.availability >= INTERNAL, _has_level(Person.id))
    return and_(Person.is_valid, realtime.is_connected(Person.id), is_agent | (Person.kind == CUSTOMER_KIND))


def directions() -> frozenset[str]:
    """Return in which directions agents may ask now, as the settings say."""
    return frozenset(direction for direction, name in SETTINGS.items() if settings.get(name))


def target(identity: Identity, person_id: int) -> Any:
    """Return (id, kind, name) of somebody this agent can ask now.

    Raises Forbidden without a level on any channel, NotFound for nobody we know or oneself, NotAvailable.
    """
    return _target(db.session, identity, person_id)


def name_of(person_id: int) -> str:
    """Return the name of somebody agents can ask; raises NotFound for anybody else."""
    is_it = and_(Person.id == person_id, Person.kind.in_(DIRECTIONS))
    name: str | None = db.session.scalar(select(Person.name).where(is_it))
    if name is None:
        raise NotFound()
    return name


def ask(identity: Identity, wanted: Ask) -> str:
    """Ask, and return the public id of the chat; sent again it finds the chat it made.

    Commits and announces. Raises as `target`, TooMany at the limit, SentAlready.
    """
    count_line(identity.person_id)
    made = made_of(identity, wanted)
    if made is not None:
        return made
    try:
        with transaction() as tx:
            return add(tx, identity, wanted)
    except IntegrityError:
        made = made_of(identity, wanted)
        if made is not None:
            return made
        if db.session.scalar(select(Chat.id).where(Chat.start_id == wanted.client_id)) is None:
            raise
        raise SentAlready() from None


def add(tx: Session, identity: Identity, wanted: Ask) -> str:
    """Add a personal request with its first line to `tx`, announce it and return its public id.

    Raises as `target`, TooMany at the limit.
    """
    target = _target(tx, identity, wanted.target_id)
    _check_waiting(tx, identity)
    chat = _chat(tx, identity, target, wanted)
    tx.add(_of_target(chat, target))
    seats.take(tx, chat.id, identity, IN_CHARGE)
    relation = _own(tx, identity, chat.id)
    messages.first(tx, relation, wanted.text, wanted.client_id)
    events.record(tx, identity.person_id, "chat.asked", "chat", chat.id, target=target.id)
    tell.fit(tx, identity.person_id, target.id)
    tell.person(tx, identity.person_id, active=True)
    tell.personal(tx, target.id, chat.public_id, by=identity.name, text=chat.description)
    return chat.public_id


def accept(relation: Relation) -> None:
    """Take up the chat one was asked for. Commits and announces; raises RequestGone when it is gone."""
    relation.require("chat.take")
    with transaction() as tx:
        _answer(tx, relation, JOINED, state=ACTIVE, **answered())
        line = messages.system(tx, relation, "joined")
        tell.counted(tx, relation.chat)
        _tell_answer(tx, relation, line.seq, is_accepted=True)


def decline(relation: Relation) -> None:
    """Reject the request; it is over. Commits and announces; raises RequestGone when it is gone."""
    relation.require("chat.decline")
    with transaction() as tx:
        me = relation.identity.person_id
        _answer(tx, relation, LEFT, state=CLOSED, closed_at=now(), closed_by_id=me)
        line = messages.system(tx, relation, "rejected")
        _tell_answer(tx, relation, line.seq, is_accepted=False)


def made_of(identity: Identity, wanted: Ask) -> str | None:
    """Return the public id of what this start made already."""
    is_it = and_(Chat.start_id == wanted.client_id, Chat.requester_id == identity.person_id)
    return db.session.scalar(select(Chat.public_id).where(is_it))


def answerable(identity: Identity, public_id: str, right: str) -> Relation:
    """Return the relation to a request that asks this person alone.

    Raises RequestGone or Declined to who was asked and is no more, NotFound to everybody else.
    """
    try:
        return chat_of(identity, public_id, right)
    except NotFound:
        is_own_deed = is_closed_by(identity, public_id)
        if is_own_deed is None:
            raise
        raise (Declined() if is_own_deed else RequestGone()) from None


def _has_level(person_id: Any) -> Any:
    """Return SQL: this person has a level on a channel; without one he has nothing to do with chat."""
    mine = select(Channel.id).join(GROUP_LEVELS, GROUP_LEVELS.c.group_id == Channel.group_id)
    return exists(mine.where(GROUP_LEVELS.c.person_id == person_id).correlate(Person))


def _check_waiting(tx: Session, identity: Identity) -> None:
    waiting = (Chat.requester_id == identity.person_id, Chat.state == REQUEST)
    if (tx.scalar(select(func.count()).where(*waiting)) or 0) >= MOST_WAITING:
        raise TooMany("Too many of your requests wait for an answer. Please withdraw one first.", 60)


def _target(session: Any, identity: Identity, person_id: int) -> Any:
    if not session.scalar(select(_has_level(identity.person_id))):
        raise Forbidden("You have no level on any chat channel.")
    person = session.execute(
        select(Person.id, Person.kind, Person.name, is_able().label("is_able")).where(
            Person.id == person_id, Person.kind.in_(DIRECTIONS), Person.id != identity.person_id
        )
    ).first()
    if person is None:
        raise NotFound()
    if not person.is_able or DIRECTIONS[person.kind] not in directions():
        raise NotAvailable(person.name)
    return person


def _chat(tx: Session, identity: Identity, target: Any, wanted: Ask) -> Chat:
    chat = Chat(
        public_id=secrets.token_urlsafe(16),
        start_id=wanted.client_id,
        channel_id=wanted.channel_id or channels.default_id(tx),
        direction=DIRECTIONS[target.kind],
        state=REQUEST,
        requester_id=identity.person_id,
        target_id=target.id,
        in_charge_id=identity.person_id,
        parent_id=wanted.parent_id,
        about_id=wanted.about_id,
        description=" ".join(wanted.text[:DESCRIPTION_LENGTH].split()),
        created_at=now(),
    )
    tx.add(chat)
    tx.flush()
    return chat


def _of_target(chat: Chat, target: Any) -> Participation:
    mode = PARTICIPANT if target.kind == AGENT_KIND else GUEST
    return Participation(chat_id=chat.id, person_id=target.id, mode=mode, state=INVITED, name=target.name)


def _own(tx: Session, identity: Identity, chat_id: int) -> Relation:
    row = tx.execute(OF_AGENT.where(Chat.id == chat_id), {"me": identity.person_id}).one()
    return relation_of(identity, row)


def _answer(tx: Session, relation: Relation, own_state: str, **values: Any) -> None:
    chat, me = relation.chat, relation.identity.person_id
    if not change(tx, (Chat.id == chat.id, Chat.state == REQUEST, Chat.target_id == me), **values):
        raise RequestGone()
    seats.change(tx, chat.id, me, state=own_state, **seats.place(tx, me))


def _tell_answer(tx: Session, relation: Relation, n: int, *, is_accepted: bool) -> None:
    """The starter is told with the number of the line that says it, so that he is told once."""
    chat, me = relation.chat, relation.identity.person_id
    events.record(tx, me, "chat.accepted" if is_accepted else "chat.declined", "chat", chat.id)
    tell.changed(tx, chat)
    tell.fit(tx, me)
    tell.personal(tx, me, chat.public_id)
    tell.person(tx, me, active=True)
    answer = {"answered": chat.public_id, "by": relation.name, "is_accepted": is_accepted, "n": n}
    tell.person(tx, chat.requester_id, **answer)
