"""Chat cards of agents: header, lines, and which cards stand in *My Active Chats*."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Company, Person
from helpdesk.chat import circles, lines
from helpdesk.chat.models import CLOSED, CUSTOMER, JOINED, PUBLIC, Chat, Participation
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import OF_AGENT, relation_of
from helpdesk.database import db
from helpdesk.realtime.models import Presence

MOST_CARDS = 50
LETTERS = {CUSTOMER: "C", PUBLIC: "P"}


@dataclass(frozen=True, slots=True)
class Header:
    """The replaceable top of a card; `etag` answers a poll before anything is rendered."""

    public_id: str
    version: int
    etag: str
    title: str
    direction: str
    letter: str
    company_name: str
    channel_name: str
    circle: circles.Circle
    state: str
    closed_by: str
    may_close: bool
    may_leave: bool
    may_dismiss: bool
    may_write: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One chat on the agent's screen."""

    public_id: str
    title: str
    header: Header
    lines: list[lines.Line]
    may_write: bool
    is_closed: bool
    n: int


@dataclass(frozen=True, slots=True)
class Other:
    """The other party of a chat, as agents see it."""

    person_id: int
    name: str
    company_name: str
    shown: str | None
    presence_version: int


def active(identity: Identity) -> list[Relation]:
    """Return the agent's relations to the chats on his screen, oldest accepted first; at most MOST_CARDS."""
    statement = (
        OF_AGENT.where(Participation.state == JOINED)
        .order_by(func.coalesce(Participation.position, 0), Chat.accepted_at, Chat.id)
        .limit(MOST_CARDS)
    )
    found = db.session.connection().execute(statement, {"me": identity.person_id})
    relations = [relation_of(identity, row) for row in found]
    return [relation for relation in relations if relation.may("chat.read")]


def cards(relations: list[Relation]) -> list[Card]:
    """Return the cards of `relations` with their last lines; two queries for all."""
    if not relations:
        return []
    others = _others([relation.chat.requester_id for relation in relations], relations)
    logs = lines.last_of_each([relation.chat for relation in relations])
    return [_card(each, others[each.chat.id], logs[each.chat.id]) for each in relations]


def header(relation: Relation) -> Header:
    """Return the header of one card."""
    chat = relation.chat
    return _header(relation, _others([chat.requester_id], [relation])[chat.id])


def header_etag(relation: Relation) -> tuple[str, int]:
    """Return the header's ETag and version, without reading what only rendering needs."""
    presence = db.session.scalar(
        select(Presence.version).where(Presence.person_id == relation.chat.requester_id)
    )
    return _etag(relation, presence or 0)


def _card(relation: Relation, other: Other, log: list[lines.Line]) -> Card:
    top = _header(relation, other)
    return Card(
        public_id=relation.chat.public_id,
        title=other.name,
        header=top,
        lines=log,
        may_write=top.may_write,
        is_closed=relation.chat.state == CLOSED,
        n=relation.chat.last_seq,
    )


def _header(relation: Relation, other: Other) -> Header:
    chat = relation.chat
    etag, version = _etag(relation, other.presence_version)
    is_left = chat.state == CLOSED and chat.closed_by_id == chat.requester_id
    circle = circles.of_guest(other.person_id, other.shown, other.presence_version)
    return Header(
        public_id=chat.public_id,
        version=version,
        etag=etag,
        title=other.name,
        direction=chat.direction,
        letter=LETTERS[chat.direction],
        company_name=other.company_name,
        channel_name=chat.channel_name,
        circle=circles.gone(other.presence_version) if is_left else circle,
        state=chat.state,
        closed_by=other.name if is_left else "",
        may_close=relation.may("chat.close"),
        may_leave=relation.may("chat.leave"),
        may_dismiss=relation.may("chat.dismiss"),
        may_write=relation.may("chat.write"),
    )


def _etag(relation: Relation, presence_version: int) -> tuple[str, int]:
    version = relation.chat.version + presence_version
    return f"{version}.{relation.rank}.{relation.state}.{settings.version()}", version


def _others(person_ids: list[int], relations: list[Relation]) -> dict[int, Other]:
    """The requesters of these chats, by chat id."""
    found: dict[tuple[int, int], Any] = {}
    rows = db.session.execute(
        select(
            Participation.chat_id,
            Participation.person_id,
            Participation.name,
            Company.name.label("company_name"),
            Presence.shown,
            Presence.version,
        )
        .join(Person, Person.id == Participation.person_id)
        .outerjoin(Company, Company.id == Person.company_id)
        .outerjoin(Presence, Presence.person_id == Person.id)
        .where(
            Participation.chat_id.in_([relation.chat.id for relation in relations]),
            Participation.person_id.in_(person_ids),
        )
    )
    for row in rows:
        found[row.chat_id, row.person_id] = row
    return {r.chat.id: _other(found[r.chat.id, r.chat.requester_id]) for r in relations}


def _other(row: Any) -> Other:
    return Other(row.person_id, row.name, row.company_name or "", row.shown, row.version or 0)
