"""Starting a chat from the window: once, whatever is sent twice."""

from dataclasses import dataclass, replace
from datetime import timedelta

from flask import request
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk import realtime, settings
from helpdesk.accounts import limits, visitors
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import VISITOR, Person
from helpdesk.chat import requests
from helpdesk.database import now, transaction
from helpdesk.web import Refusal

AGAIN_WITHIN = timedelta(minutes=10)


class SentAlready(Refusal):
    """This start made a chat before, for somebody else or too long ago."""

    def __init__(self) -> None:
        super().__init__("This message was sent already.")


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a public user typed about himself, cleaned; of a customer user both are ""."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A chat that was begun; `token` is a new visitor's capability, "" when he has one."""

    identity: Identity
    public_id: str
    token: str


def begin(identity: Identity | None, visitor: Visitor, start: requests.Start) -> Begun:
    """Begin a chat, making the visitor when there is none. Commits and announces.

    The same start sent again finds its chat. Raises NobodyThere, TooMany, Invalid, SentAlready.
    """
    most = settings.get("ChatEngine::StartLimit")
    address = limits.network(request.remote_addr)
    limits.count("chat.start", address, most, 60, "You have started many chats.")
    again = _again(identity, start)
    if again is not None:
        return again
    try:
        with transaction() as tx:
            begun = _begin(tx, identity, visitor, start)
    except IntegrityError:
        again = _again(identity, start)
        if again is None:
            raise
        return again
    realtime.seen(begun.identity, True)
    return begun


def _begin(tx: Session, identity: Identity | None, visitor: Visitor, start: requests.Start) -> Begun:
    token = ""
    if identity is None:
        person_id, token = visitors.create(tx, visitor.name, visitor.email)
        identity = Identity(person_id, VISITOR, visitor.name, None, "", 1, 0)
    elif identity.is_visitor:
        identity = replace(identity, name=visitor.name)
        if visitor.email:
            tx.execute(update(Person).where(Person.id == identity.person_id).values(email=visitor.email))
    return Begun(identity, requests.begin(tx, identity, start), token)


def _again(identity: Identity | None, start: requests.Start) -> Begun | None:
    """The answer to the first sending may be lost: who knows its random id gets in once more, for a while."""
    found = requests.begun(start.client_id)
    if found is None:
        return None
    if identity is not None and found.requester_id == identity.person_id:
        return Begun(identity, found.public_id, "")
    if identity is not None or found.kind != VISITOR or found.created_at < now() - AGAIN_WITHIN:
        raise SentAlready()
    with transaction() as tx:
        token = visitors.add_token(tx, found.requester_id)
    return Begun(Identity(found.requester_id, VISITOR, found.name, None, "", 1, 0), found.public_id, token)
