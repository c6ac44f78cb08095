"""Personal requests: an agent asks a colleague or a customer user, who accepts or declines."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk import events, realtime, settings
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import AGENT as AGENT_KIND
from helpdesk.accounts.models import CUSTOMER as CUSTOMER_KIND
from helpdesk.accounts.models import INTERNAL, Person
from helpdesk.accounts.permissions import GROUP_LEVELS
from helpdesk.chat import channels, messages, monitoring, order, tell
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
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import OF_AGENT, relation_of
from helpdesk.chat.requests import DESCRIPTION_LENGTH, RequestGone, answered
from helpdesk.database import db, now, transaction
from helpdesk.web import NotFound, Refusal

DIRECTIONS = {AGENT_KIND: AGENT, CUSTOMER_KIND: TO_CUSTOMER}
SETTINGS = {
    AGENT: "ChatEngine::ChatDirection::AgentToAgent",
    TO_CUSTOMER: "ChatEngine::ChatDirection::AgentToCustomer",
}


class NotAvailable(Refusal):
    """The person asked is not there for a chat any more; `name` is his."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not available any more.")


@dataclass(frozen=True, slots=True)
class Ask:
    """Whom to ask, and the first message; cleaned already. `channel_id` None is the default channel."""

    target_id: int
    text: str
    client_id: str
    channel_id: int | None = None
    parent_id: int | None = None


def is_able() -> Any:
    """Return SQL: this Person can be asked now; an agent with a level and at least internal, or a customer.

    Connected is active or away. Correlates with Person.
    """
    has_level = exists(
        select(Channel.id)
        .join(GROUP_LEVELS, GROUP_LEVELS.c.group_id == Channel.group_id)
        .where(GROUP_LEVELS.c.person_id == Person.id)
    )
    is_agent = and_(Person.kind == AGENT_KIND, Person.availability >= INTERNAL, has_level)
    return and_(Person.is_valid, realtime.is_connected(Person.id), is_agent | (Person.kind == CUSTOMER_KIND))


def ask(identity: Identity, wanted: Ask) -> str:
    """Ask, and return the public id of the chat; sent again it finds the chat it made.

    Commits and announces. Raises NotFound for nobody we know or oneself, NotAvailable.
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
        if made is None:
            raise
        return made


def add(tx: Session, identity: Identity, wanted: Ask) -> str:
    """Add a personal request with its first line to `tx`, announce it and return its public id.

    Raises NotFound for nobody we know or oneself, NotAvailable.
    """
    target = _target(tx, identity, wanted.target_id)
    chat = _chat(tx, identity, target, wanted)
    starter = _of_starter(chat, identity, order.place(tx, identity.person_id))
    starter.monitoring = monitoring.first(tx, identity.person_id)
    tx.add_all([starter, _of_target(chat, target)])
    tx.flush()
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


def _target(tx: Session, identity: Identity, person_id: int) -> Any:
    person = tx.execute(
        select(Person.id, Person.kind, Person.name, is_able().label("is_able")).where(
            Person.id == person_id, Person.kind.in_(DIRECTIONS), Person.id != identity.person_id
        )
    ).first()
    if person is None:
        raise NotFound()
    if not person.is_able or not settings.get(SETTINGS[DIRECTIONS[person.kind]]):
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
        description=" ".join(wanted.text[:DESCRIPTION_LENGTH].split()),
        created_at=now(),
    )
    tx.add(chat)
    tx.flush()
    return chat


def _of_starter(chat: Chat, identity: Identity, place: int) -> Participation:
    return Participation(
        chat_id=chat.id,
        person_id=identity.person_id,
        mode=IN_CHARGE,
        state=JOINED,
        name=identity.name,
        position=place,
    )


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
    tx.execute(
        update(Participation)
        .where(Participation.chat_id == chat.id, Participation.person_id == me)
        .values(state=own_state, position=order.place(tx, me), monitoring=monitoring.first(tx, me))
        .execution_options(synchronize_session=False)
    )


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
