"""Requests: begun by customers and visitors, accepted, moved to another channel, withdrawn."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from helpdesk import events, settings
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person
from helpdesk.chat import channels, invited, messages, seats, tell
from helpdesk.chat.changes import change
from helpdesk.chat.models import (
    ACTIVE,
    AGENTS,
    CLOSED,
    CUSTOMER,
    GUEST,
    IN_CHARGE,
    JOINED,
    LEFT,
    PUBLIC,
    REQUEST,
    Channel,
    Chat,
    Participation,
)
from helpdesk.chat.permissions import OWNER_RANK, ChatClosed, Forbidden, Relation
from helpdesk.chat.reach import OF_GUEST, relation_of
from helpdesk.chat.visits import NO_VISIT, Visit
from helpdesk.database import db, now, transaction
from helpdesk.web import Refusal, TooMany

DESCRIPTION_LENGTH = 200


class NobodyThere(Refusal):
    """No agent is available on the channel any more."""

    def __init__(self) -> None:
        super().__init__("It looks like no one is available at the moment.")


class AlreadyTaken(Refusal):
    """Another agent accepted first; `name` is his."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has already accepted this chat.")
        self.name = name


class RequestGone(Refusal):
    """The request was withdrawn or has ended."""

    def __init__(self) -> None:
        super().__init__("This request has been withdrawn.")


class Declined(Refusal):
    """Who was asked has said no already."""

    def __init__(self) -> None:
        super().__init__("You have declined this request.")


class MovedAway(Refusal):
    """Nothing is refused: the request went to a channel on which the mover has no level."""

    status = 200

    def __init__(self) -> None:
        super().__init__("The request now waits in a channel that is not yours to see.")


@dataclass(frozen=True, slots=True)
class Start:
    """What a guest typed to begin; cleaned already. `about_id` is the ticket it is started from."""

    channel_id: int | None
    text: str
    client_id: str
    visit: Visit = NO_VISIT
    about_id: int | None = None


def begin(tx: Session, identity: Identity, start: Start) -> str:
    """Add a general request with its first line to `tx`; return the public id. Announces the request.

    Raises NobodyThere when the channel is not on offer at this moment, TooMany at the limit of open chats,
    Invalid when there are several channels and none is named.
    """
    _check_open(tx, identity)
    chat = Chat(
        public_id=secrets.token_urlsafe(16),
        start_id=start.client_id,
        channel_id=_offered_channel(tx, identity, start.channel_id),
        direction=CUSTOMER if identity.is_customer else PUBLIC,
        state=REQUEST,
        requester_id=identity.person_id,
        description=" ".join(start.text[:DESCRIPTION_LENGTH].split()),
        created_at=now(),
        about_id=start.about_id,
        started_page=start.visit.page,
        current_page=start.visit.page,
        language=start.visit.language,
        browser=start.visit.browser,
    )
    tx.add(chat)
    tx.flush()
    me = identity.person_id
    tx.add(Participation(chat_id=chat.id, person_id=me, mode=GUEST, state=JOINED, name=identity.name))
    tx.flush()
    relation = _own(tx, identity, chat.public_id)
    messages.first(tx, relation, start.text, start.client_id)
    events.record(tx, identity.person_id, "chat.requested", "chat", chat.id, channel=chat.channel_id)
    tell.row_came(tx, chat.id, chat.channel_id)
    tell.fit(tx, identity.person_id)
    return chat.public_id


def accept(relation: Relation) -> None:
    """Make the chat active with this agent in charge; exactly one agent wins.

    Commits and announces. Raises AlreadyTaken with the winner's name, RequestGone, or Forbidden when the
    level went meanwhile.
    """
    relation.require("chat.take")
    chat, agent = relation.chat, relation.identity
    with transaction() as tx:
        if not change(tx, _takes(relation), state=ACTIVE, in_charge_id=agent.person_id, **answered()):
            raise why_not(chat.id)
        seats.take(tx, chat.id, agent, IN_CHARGE)
        messages.system(tx, relation, "joined")
        events.record(tx, agent.person_id, "chat.accepted", "chat", chat.id)
        tell.row_went(tx, chat)
        tell.changed(tx, chat)
        tell.fit(tx, agent.person_id)


def move(relation: Relation, channel_id: int) -> None:
    """Put the request into another channel on offer to its audience; agents read a line about it.

    Commits and announces. Raises Invalid for a channel that is not on offer, AlreadyTaken, RequestGone.
    """
    relation.require("chat.move")
    chat = relation.chat
    if channel_id == chat.channel_id:
        return
    with transaction() as tx:
        name = channels.name_on_offer(tx, chat.direction, channel_id)
        if not change(tx, _takes(relation), channel_id=channel_id):
            raise why_not(chat.id)
        messages.system(tx, relation, "moved", AGENTS, {"channel": name})
        events.record(tx, relation.identity.person_id, "chat.moved", "chat", chat.id, channel=channel_id)
        tell.row_moved(tx, chat, channel_id)
        tell.changed(tx, chat)


def answered() -> dict[str, Any]:
    """Return what is stored when a request becomes a chat: from now on its guest is heard or not."""
    at = now()
    return {"accepted_at": at, "heard_at": at}


def withdraw(relation: Relation) -> None:
    """End the request by who asked. Commits and announces; raises Forbidden once it is accepted."""
    relation.require("chat.withdraw")
    with transaction() as tx:
        withdraw_in(tx, relation)


def hold(tx: Session, relation: Relation) -> None:
    """Lock a request and its channel: who takes more than these takes them first, never crosswise."""
    chat = select(Chat.channel_id).where(Chat.id == relation.chat.id).with_for_update(key_share=True)
    channels.hold(tx, tx.scalars(chat).all())


def withdraw_in(tx: Session, relation: Relation, ticket_id: int | None = None) -> None:
    """Do the same inside `tx`, where the right is granted already; a ticket may take the request's place."""
    by_id = relation.identity.person_id
    if not end(tx, relation, "withdrawn", closed_by_id=by_id, ticket_id=ticket_id):
        raise Forbidden("Your request has just been answered.")


def end(tx: Session, relation: Relation, how: str, **values: Any) -> bool:
    """End the request with the line `how`, announce it, and tell whether it was one still."""
    chat, person_id = relation.chat, relation.identity.person_id
    condition = (Chat.id == chat.id, Chat.state == REQUEST, Chat.requester_id == person_id)
    if not change(tx, condition, state=CLOSED, closed_at=now(), **values):
        return False
    messages.system(tx, relation, how)
    tx.execute(update(Participation).where(Participation.chat_id == chat.id).values(state=LEFT))
    events.record(tx, person_id, f"chat.{how}", "chat", chat.id)
    tell.changed(tx, chat)
    invited.tell_end(tx, relation)
    if chat.target_id is None:
        tell.row_went(tx, chat)
    else:
        tell.fit(tx, chat.requester_id, chat.target_id)
        tell.person(tx, chat.requester_id, active=True)
        tell.personal(tx, chat.target_id, chat.public_id)
    return True


def why_not(chat_id: int) -> Refusal:
    """Say why a request could not be taken: who has it, or that it is over."""
    taker = func.coalesce(Chat.target_id, Chat.in_charge_id)
    row = db.session.execute(
        select(Chat.state, Chat.accepted_at, Chat.closed_by_id, Chat.target_id, Participation.name)
        .outerjoin(Participation, (Participation.chat_id == Chat.id) & (Participation.person_id == taker))
        .where(Chat.id == chat_id)
    ).one()
    if row.state == REQUEST:
        return Forbidden("Only agents with owner level on this channel can accept.")
    if row.accepted_at is not None:
        return AlreadyTaken(row.name) if row.state == ACTIVE else ChatClosed()
    is_declined = row.target_id is not None and row.closed_by_id == row.target_id
    return Declined() if is_declined else RequestGone()


def begun(start_id: str) -> Any:
    """Return (public_id, requester_id, kind, name, created_at) of what this start made already, or None."""
    return db.session.execute(
        select(Chat.public_id, Chat.requester_id, Person.kind, Person.name, Chat.created_at)
        .join(Person, Person.id == Chat.requester_id)
        .where(Chat.start_id == start_id)
    ).first()


def _check_open(tx: Session, identity: Identity) -> None:
    count = tx.scalar(
        select(func.count()).where(Chat.requester_id == identity.person_id, Chat.state != CLOSED)
    )
    if (count or 0) >= settings.get("ChatEngine::OpenLimit"):
        raise TooMany("You have too many open chats. Please close one first.", 60)


def _offered_channel(tx: Session, identity: Identity, wanted: int | None) -> int:
    offered = [row.id for row in channels.offered(tx, CUSTOMER if identity.is_customer else PUBLIC)]
    if wanted in offered:
        return int(wanted)  # type: ignore[arg-type]
    if wanted is None and offered:
        default = tx.scalar(select(Channel.id).where(Channel.is_default, Channel.id.in_(offered)))
        return default or offered[0]
    raise NobodyThere()


def _own(tx: Session, identity: Identity, public_id: str) -> Relation:
    statement = OF_GUEST.where(Chat.public_id == public_id)
    return relation_of(identity, tx.execute(statement, {"me": identity.person_id}).one())


def _takes(relation: Relation) -> tuple[Any, ...]:
    """The request is still one, still where it was, and this agent still owns its channel."""
    chat, me = relation.chat, relation.identity.person_id
    here = (Chat.id == chat.id, Chat.state == REQUEST, Chat.channel_id == chat.channel_id)
    return (*here, channels.has_level(me, chat.channel_id, OWNER_RANK))
