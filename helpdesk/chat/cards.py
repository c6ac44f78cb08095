"""Chat cards of agents: header, lines, and which cards stand in *My Active Chats*."""

from dataclasses import dataclass
from typing import Any

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.chat import allowances, circles, lines, order, parties
from helpdesk.chat.models import CLOSED, JOINED, Participation
from helpdesk.chat.permissions import RIGHTS, Relation
from helpdesk.chat.reach import OF_AGENT, relation_of
from helpdesk.database import db

MOST_CARDS = 50
LEVELS = ("", "Observer", "Participant", "Owner")


@dataclass(frozen=True, slots=True)
class Header:
    """The replaceable top of a card; `etag` answers a poll before anything is rendered.

    `may` holds the rights of its reader: what is absent there is absent in the menu. `others` are all but
    the reader and the one the card is named after.
    """

    public_id: str
    version: int
    etag: str
    title: str
    direction: str
    letter: str
    company_id: int | None
    company_name: str
    channel_name: str
    level: str
    mode: str
    circle: circles.Circle
    others: list[parties.Party]
    state: str
    closed_by: str
    may: frozenset[str]
    monitoring: int


@dataclass(frozen=True, slots=True)
class Card:
    """One chat on the agent's screen."""

    public_id: str
    title: str
    header: Header
    lines: list[lines.Line]
    may_write: bool
    allowance: allowances.Allowance | None
    is_closed: bool
    n: int


def active(identity: Identity) -> list[Relation]:
    """Return the agent's relations to the chats on his screen, in his order; at most MOST_CARDS."""
    statement = OF_AGENT.where(Participation.state == JOINED).order_by(*order.BY).limit(MOST_CARDS)
    found = db.session.connection().execute(statement, {"me": identity.person_id})
    relations = [relation_of(identity, row) for row in found]
    return [relation for relation in relations if relation.may("chat.read")]


def cards(relations: list[Relation]) -> list[Card]:
    """Return the cards of `relations` with their last lines; two queries for all."""
    if not relations:
        return []
    chats = [relation.chat for relation in relations]
    people, logs = parties.of_chats(chats), lines.last_of_each(chats)
    return [_card(each, people[each.chat.id], logs[each.chat.id]) for each in relations]


def header(relation: Relation) -> Header:
    """Return the header of one card."""
    return _header(relation, parties.of_chats([relation.chat])[relation.chat.id])


def header_etag(relation: Relation) -> tuple[str, int]:
    """Return the header's ETag and version, without reading what only rendering needs."""
    return _etag(relation, parties.presence_version(relation.chat.id))


def _card(relation: Relation, people: list[parties.Party], log: list[lines.Line]) -> Card:
    top = _header(relation, people)
    return Card(
        public_id=relation.chat.public_id,
        title=top.title,
        header=top,
        lines=log,
        may_write="chat.write" in top.may,
        allowance=allowances.allowance_of(relation),
        is_closed=relation.chat.state == CLOSED,
        n=relation.chat.last_seq,
    )


def _header(relation: Relation, people: list[parties.Party]) -> Header:
    chat, me = relation.chat, relation.identity.person_id
    etag, version = _etag(relation, sum(party.circle.version for party in people))
    other = parties.other_than(me, chat, people)
    return Header(
        public_id=chat.public_id,
        version=version,
        etag=etag,
        title=other.name,
        direction=chat.direction,
        letter=other.letter,
        company_id=other.company_id,
        company_name=other.company_name,
        channel_name=chat.channel_name,
        level=LEVELS[relation.rank],
        mode=relation.mode or "",
        circle=other.circle,
        others=[party for party in people if party.person_id not in (me, other.person_id)],
        state=chat.state,
        closed_by=_closed_by(chat, people, me),
        may=frozenset(right for right in RIGHTS if relation.may(right)),
        monitoring=chat.monitoring or 0,
    )


def _closed_by(chat: Any, people: list[parties.Party], me: int) -> str:
    """Say who ended it, where that was not the reader."""
    if chat.state != CLOSED or chat.closed_by_id == me:
        return ""
    return next((party.name for party in people if party.person_id == chat.closed_by_id), "")


def _etag(relation: Relation, presence_version: int) -> tuple[str, int]:
    version = relation.chat.version + presence_version
    own = f"{relation.rank}.{relation.state}.{relation.mode}.{int(relation.is_invited)}"
    own += f".{relation.chat.monitoring}"
    return f"{version}.{own}.{settings.version()}", version
