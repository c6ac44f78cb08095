"""Inviting a colleague: an internal chat of the two, from whose menu he can join the chat it is about."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from helpdesk.accounts.models import AGENT, Person
from helpdesk.chat import channels, circles, personal
from helpdesk.chat.limits import count_line
from helpdesk.chat.models import AGENT as INTERNAL
from helpdesk.chat.models import CLOSED, JOINED, Chat, Participation
from helpdesk.chat.permissions import OBSERVER_RANK, Relation
from helpdesk.chat.reach import hold
from helpdesk.database import db, transaction
from helpdesk.realtime.models import Presence
from helpdesk.web import NotFound, Refusal

MOST_AGENTS = 200


class InvitedAlready(Refusal):
    """An invitation of this agent to this chat is open; `name` is his."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is invited already.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent who can be invited, or is invited already."""

    person_id: int
    name: str
    circle: circles.Circle
    is_invited: bool


def candidates(relation: Relation) -> list[Candidate]:
    """Return who is available for this chat, by name: at most MOST_AGENTS."""
    rows = db.session.execute(_candidates(relation.chat).order_by(Person.name, Person.id).limit(MOST_AGENTS))
    return [Candidate(row.person_id, row.name, circles.of_person(row), row.is_invited) for row in rows]


def invite(relation: Relation, wanted: personal.Ask) -> str:
    """Ask the agent into an internal chat about this one and return its public id; sent again it is found.

    Commits and announces. Raises Forbidden, ChatClosed, NotFound, NotAvailable, InvitedAlready.
    """
    relation.require("chat.invite")
    count_line(relation.identity.person_id)
    made = personal.made_of(relation.identity, wanted)
    if made is not None:
        return made
    try:
        with transaction() as tx:
            hold(tx, relation).require("chat.invite")
            _check(tx, relation.chat, wanted.target_id)
            return personal.add(tx, relation.identity, wanted)
    except (IntegrityError, InvitedAlready):
        made = personal.made_of(relation.identity, wanted)
        if made is None:
            raise InvitedAlready(_name(db.session, wanted.target_id)) from None
        return made


def _check(tx: Session, chat: Any, person_id: int) -> None:
    row = tx.execute(_candidates(chat).where(Person.id == person_id)).first()
    if row is None:
        raise personal.NotAvailable(_name(tx, person_id))
    if row.is_invited:
        raise InvitedAlready(row.name)


def _name(session: Any, person_id: int) -> str:
    found = session.scalar(select(Person.name).where(Person.id == person_id, Person.kind == AGENT))
    if found is None:
        raise NotFound()
    return str(found)


def _candidates(chat: Any) -> Any:
    """Able agents who are not in the chat, with any level on its channel; between agents none is needed."""
    invitation = aliased(Chat)
    has_level = channels.has_level(Person.id, chat.channel_id, OBSERVER_RANK)
    is_in = and_(
        Participation.chat_id == chat.id, Participation.person_id == Person.id, Participation.state == JOINED
    )
    is_open = (invitation.parent_id == chat.id, invitation.target_id == Person.id, invitation.state != CLOSED)
    return (
        select(
            Person.id.label("person_id"),
            Person.name,
            Person.kind,
            Person.availability,
            *circles.FACTS,
            exists(select(invitation.id).where(*is_open)).label("is_invited"),
        )
        .outerjoin(Presence, Presence.person_id == Person.id)
        .where(
            Person.kind == AGENT,
            personal.is_able(),
            true() if chat.direction == INTERNAL else has_level,
            ~exists(select(Participation.chat_id).where(is_in)),
        )
    )
