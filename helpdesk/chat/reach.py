"""Chats are only loaded through the person: what is not his does not exist."""

import re
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person
from helpdesk.accounts.permissions import GROUP_LEVELS
from helpdesk.chat import channels
from helpdesk.chat.models import (
    ACTIVE,
    AGENT,
    CLOSED,
    GUEST,
    INVITED,
    JOINED,
    LEFT,
    REQUEST,
    TO_CUSTOMER,
    Channel,
    Chat,
    HandOver,
    Participation,
)
from helpdesk.chat.permissions import OWNER_RANK, ChatClosed, Relation
from helpdesk.database import database_now, db
from helpdesk.web import NotFound

ME = bindparam("me", type_=Chat.requester_id.type)

RANK = (
    select(func.max(GROUP_LEVELS.c.rank))
    .where(GROUP_LEVELS.c.person_id == ME, GROUP_LEVELS.c.group_id == Channel.group_id)
    .correlate(Channel)
    .scalar_subquery()
)

FACTS = (
    Chat.id,
    Chat.public_id,
    Chat.channel_id,
    Chat.direction,
    Chat.state,
    Chat.requester_id,
    Chat.target_id,
    Chat.in_charge_id,
    Chat.parent_id,
    Chat.about_id,
    Chat.ticket_id,
    Chat.description,
    Chat.last_seq,
    Chat.last_guest_seq,
    Chat.version,
    Chat.guest_version,
    Chat.ours_delivered,
    Chat.ours_seen,
    Chat.theirs_delivered,
    Chat.theirs_seen,
    Chat.created_at,
    Chat.accepted_at,
    Chat.closed_at,
    Chat.closed_by_id,
    Channel.name.label("channel_name"),
    Channel.attachment_kb,
    Channel.attachment_endings,
)
MINE = (
    Participation.mode,
    Participation.state.label("my_state"),
    Participation.name.label("my_name"),
    Participation.monitoring,
    Participation.delivered_seq.label("my_delivered"),
    Participation.seen_seq.label("my_seen"),
)

# An internal chat of two, begun to invite the one to another chat: while he is in it, he may join that.
_INVITATION, _INVITED = aliased(Chat), aliased(Participation)
IS_INVITED = exists(
    select(_INVITATION.id)
    .join(_INVITED, and_(_INVITED.chat_id == _INVITATION.id, _INVITED.person_id == ME))
    .where(
        _INVITATION.parent_id == Chat.id,
        _INVITATION.target_id == ME,
        _INVITATION.state == ACTIVE,
        _INVITED.state == JOINED,
    )
).correlate(Chat)

_OWNS_IT = channels.has_level(ME, func.coalesce(HandOver.channel_id, Chat.channel_id), OWNER_RANK)
# For statements with Chat and HandOver: it is offered to this person, who still owns its channel, by another.
IS_FOR_ME = and_(
    or_(HandOver.to_id == ME, HandOver.to_id.is_(None)),
    _OWNS_IT,
    HandOver.by_id != ME,
    or_(HandOver.until.is_(None), HandOver.until > database_now()),
)
IS_OFFERED = exists(select(HandOver.chat_id).where(HandOver.chat_id == Chat.id, IS_FOR_ME)).correlate(Chat)

_BASE: Any = (
    select(
        *FACTS,
        *MINE,
        func.coalesce(RANK, 0).label("rank"),
        IS_INVITED.label("is_invited"),
        IS_OFFERED.label("is_offered"),
    )
    .join(Channel, Channel.id == Chat.channel_id)
    .outerjoin(Participation, and_(Participation.chat_id == Chat.id, Participation.person_id == ME))
)
# What an agent may come across; the rights say what he may do with it.
_OF_CHANNEL = and_(Chat.direction != AGENT, func.coalesce(RANK, 0) > 0)
_WAS_IN = and_(Chat.state == CLOSED, Participation.state == LEFT)
OF_AGENT = _BASE.where(
    or_(Participation.state.in_((JOINED, INVITED)), _OF_CHANNEL, _WAS_IN, IS_OFFERED, IS_INVITED)
)
OF_GUEST: Any = (
    select(*FACTS, *MINE)
    .join(Channel, Channel.id == Chat.channel_id)
    .join(Participation, and_(Participation.chat_id == Chat.id, Participation.person_id == ME))
    .where(Participation.mode == GUEST)
)
_ONE_OF_AGENT = OF_AGENT.where(Chat.public_id == bindparam("public_id"))
_ONE_OF_GUEST = OF_GUEST.where(Chat.public_id == bindparam("public_id"))


_PERSON = select(
    Person.id, Person.kind, Person.name, Person.company_id, Person.access_version, Person.availability
)
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}")


def chat_of(identity: Identity, public_id: str, right: str = "chat.read") -> Relation:
    """Return the person's relation to the chat; raises as `Relation.require`."""
    relation = relation_to(identity, public_id)
    relation.require(right)
    return relation


def relation_to(identity: Identity, public_id: str) -> Relation:
    """Return the person's relation to a chat he can come across; the caller requires a right.

    Raises NotFound.
    """
    if not PUBLIC_ID.fullmatch(public_id):
        raise NotFound()
    statement = _ONE_OF_AGENT if identity.is_agent else _ONE_OF_GUEST
    values = {"me": identity.person_id, "public_id": public_id}
    row = db.session.connection().execute(statement, values).first()
    if row is None:
        raise NotFound()
    return relation_of(identity, row)


def hold(tx: Session, relation: Relation, *, is_over_too: bool = False) -> Relation:
    """Lock a running chat in `tx` and return the relation as it is now: nothing of it moves until the end.

    Raises ChatClosed when it does not run any more, unless that is welcome too; NotFound when it is out of
    reach.
    """
    states = (ACTIVE, CLOSED) if is_over_too else (ACTIVE,)
    running = select(Chat.id).where(Chat.id == relation.chat.id, Chat.state.in_(states))
    if tx.scalar(running.with_for_update()) is None:
        raise ChatClosed()
    mine = OF_AGENT if relation.identity.is_agent else OF_GUEST
    row = tx.execute(mine.where(Chat.id == relation.chat.id), {"me": relation.identity.person_id}).first()
    if row is None:
        raise NotFound()
    return relation_of(relation.identity, row)


def parents_of(identity: Identity, relations: list[Relation]) -> dict[int, Relation]:
    """Return what the person is to the chats he was invited to in these ones, by their ids; one query."""
    mine = [r.chat for r in relations if r.chat.target_id == identity.person_id]
    wanted = {chat.parent_id for chat in mine if chat.parent_id}
    if not wanted:
        return {}
    rows = db.session.execute(OF_AGENT.where(Chat.id.in_(wanted)), {"me": identity.person_id})
    return {row.id: relation_of(identity, row) for row in rows}


def open_chats_of(guest: Identity, most: int) -> list[Relation]:
    """Return at most `most` chats of a guest that are not closed, newest first; those he is asked for too."""
    is_his = Participation.state.in_((JOINED, INVITED))
    statement = OF_GUEST.where(Chat.state != CLOSED, is_his).order_by(Chat.id.desc()).limit(most)
    return [relation_of(guest, row) for row in db.session.execute(statement, {"me": guest.person_id})]


def relation_of(identity: Identity, row: Any) -> Relation:
    """Return the relation that a row of OF_AGENT or OF_GUEST describes."""
    name = row.my_name or identity.name
    if not identity.is_agent:
        return Relation(identity, row, row.mode, row.my_state, name, 0)
    offers = (bool(row.is_invited), bool(row.is_offered))
    return Relation(identity, row, row.mode, row.my_state, name, _rank(identity, row), *offers)


def _rank(identity: Identity, row: Any) -> int:
    """Between agents nobody needs a level, and who asks a customer needs none either."""
    if row.my_state is not None and (
        row.direction == AGENT or (row.direction == TO_CUSTOMER and row.requester_id == identity.person_id)
    ):
        return OWNER_RANK
    return int(row.rank)


def stand_in(session: Any, person_id: int, chat_id: int) -> Relation:
    """Return what somebody is to a chat while it is not he who asks: for what the house does by itself.

    An agent may be out of the chat and of its reach by now.
    """
    person = session.execute(_PERSON.where(Person.id == person_id)).one()
    identity = Identity(
        person.id, person.kind, person.name, person.company_id, "", person.access_version, person.availability
    )
    statement = _BASE if identity.is_agent else OF_GUEST
    return relation_of(
        identity, session.execute(statement.where(Chat.id == chat_id), {"me": person_id}).one()
    )


def taken_from(identity: Identity, public_id: str) -> int | None:
    """Return the id of a chat that this agent could have seen as a request; nothing else of it."""
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    statement = (
        select(Chat.id)
        .join(Channel, Channel.id == Chat.channel_id)
        .where(Chat.public_id == public_id, Chat.state != REQUEST, func.coalesce(RANK, 0) > 0)
    )
    return db.session.scalar(statement, {"me": identity.person_id}) if identity.is_agent else None


def has_left(identity: Identity, public_id: str) -> bool:
    """Tell whether this person was in the chat once."""
    if not PUBLIC_ID.fullmatch(public_id):
        return False
    statement = (
        select(Participation.chat_id)
        .join(Chat, Chat.id == Participation.chat_id)
        .where(Chat.public_id == public_id, Participation.person_id == identity.person_id)
    )
    return db.session.scalar(statement) is not None


def is_closed_by(identity: Identity, public_id: str) -> bool | None:
    """Tell whether this person ended a request that asked him; None when none asked him, or it runs."""
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    asked = select(Chat.closed_by_id).where(
        Chat.public_id == public_id, Chat.target_id == identity.person_id, Chat.state == CLOSED
    )
    row = db.session.execute(asked).first()
    return None if row is None else row.closed_by_id == identity.person_id
