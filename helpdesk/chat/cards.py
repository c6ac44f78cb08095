"""Chat cards of agents: header, lines, and which cards stand in *My Active Chats*."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.chat import allowances, circles, cursors, lines, linking, order, parties
from helpdesk.chat.models import CLOSED, JOINED, Chat, Participation
from helpdesk.chat.permissions import RIGHTS, Relation
from helpdesk.chat.reach import ME, OF_AGENT, parents_of, relation_of
from helpdesk.database import db

MOST_CARDS = 50
_HIS, _CHAT = aliased(Participation), aliased(Chat)
_FIRST = (
    select(_CHAT.id)
    .join(_HIS, and_(_HIS.chat_id == _CHAT.id, _HIS.person_id == ME, _HIS.state == JOINED))
    .order_by(_CHAT.state == CLOSED, _CHAT.id.desc())
    .limit(MOST_CARDS)
)
LEVELS = ("", "Observer", "Participant", "Owner")


@dataclass(frozen=True, slots=True)
class Header:
    """The replaceable top of a card; `etag` answers a poll before anything is rendered.

    `may` holds the rights of its reader: what is absent there is absent in the menu. `others` are all but
    the reader and the one the card is named after. `parent_id` is the public id of the chat the reader was
    invited to in this one ("" = none), `parent_may` his rights there. `ticket` is the number of the ticket
    that holds the chat, `about` of the one it was started from, each "" where he may not read it.
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
    parent_id: str
    parent_may: frozenset[str]
    ticket: str
    about: str


@dataclass(frozen=True, slots=True)
class _Papers:
    """Rights on chats that are nobody's without a permission on tickets, and tickets' numbers by id."""

    lacking: frozenset[str]
    numbers: dict[int | None, str]


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
    marks: cursors.Marks


def active(identity: Identity) -> list[Relation]:
    """Return the agent's relations to the chats on his screen, in his order; at most MOST_CARDS.

    What is closed and was not dismissed keeps nothing that runs from the screen.
    """
    statement = OF_AGENT.where(Participation.state == JOINED, Chat.id.in_(_FIRST)).order_by(*order.BY)
    found = db.session.connection().execute(statement, {"me": identity.person_id})
    relations = [relation_of(identity, row) for row in found]
    return [relation for relation in relations if relation.may("chat.read")]


def cards(relations: list[Relation]) -> list[Card]:
    """Return the cards of `relations` with their last lines; at most three queries for all."""
    if not relations:
        return []
    chats = [relation.chat for relation in relations]
    people, logs = parties.of_chats(chats), lines.last_of_each(chats)
    parents = parents_of(relations[0].identity, relations)
    paper = _papers(relations)
    return [
        _card(
            _header(each, people[each.chat.id], parents.get(each.chat.parent_id), paper),
            each,
            logs[each.chat.id],
        )
        for each in relations
    ]


def header(relation: Relation) -> Header:
    """Return the header of one card."""
    people = parties.of_chats([relation.chat])[relation.chat.id]
    return _header(relation, people, _parent(relation), _papers([relation]))


def header_etag(relation: Relation) -> tuple[str, int]:
    """Return the header's ETag and version, without reading what only rendering needs."""
    return _etag(relation, parties.presence_version(relation.chat.id), _parent(relation))


def _parent(relation: Relation) -> Relation | None:
    return parents_of(relation.identity, [relation]).get(relation.chat.parent_id)


def _card(top: Header, relation: Relation, log: list[lines.Line]) -> Card:
    return Card(
        public_id=relation.chat.public_id,
        title=top.title,
        header=top,
        lines=log,
        may_write="chat.write" in top.may,
        allowance=allowances.allowance_of(relation),
        is_closed=relation.chat.state == CLOSED,
        n=relation.chat.last_seq,
        marks=cursors.marks_of(relation),
    )


def _papers(relations: list[Relation]) -> _Papers:
    """Return what is asked of tickets, for all these chats at once; nothing where none needs it."""
    reader = relations[0].identity
    may_store = any(each.may("chat.phone_ticket") for each in relations)
    ids = [ticket_id for each in relations for ticket_id in (each.chat.ticket_id, each.chat.about_id)]
    return _Papers(linking.lacking(reader) if may_store else frozenset(), linking.numbers(reader, ids))


def _header(
    relation: Relation, people: list[parties.Party], parent: Relation | None, papers: _Papers
) -> Header:
    chat, me = relation.chat, relation.identity.person_id
    etag, version = _etag(relation, sum(party.circle.version for party in people), parent)
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
        may=_rights(relation) - papers.lacking,
        monitoring=chat.monitoring or 0,
        parent_id=parent.chat.public_id if parent else "",
        parent_may=_rights(parent),
        ticket=papers.numbers.get(chat.ticket_id, ""),
        about=papers.numbers.get(chat.about_id, ""),
    )


def _rights(relation: Relation | None) -> frozenset[str]:
    return frozenset(right for right in RIGHTS if relation is not None and relation.may(right))


def _closed_by(chat: Any, people: list[parties.Party], me: int) -> str:
    """Say who ended it, where that was not the reader."""
    if chat.state != CLOSED or chat.closed_by_id == me:
        return ""
    return next((party.name for party in people if party.person_id == chat.closed_by_id), "")


def _etag(relation: Relation, presence_version: int, parent: Relation | None) -> tuple[str, int]:
    version = relation.chat.version + presence_version
    there = f"{parent.chat.state}.{_own(parent)}" if parent else ""
    return f"{version}.{_own(relation)}.{there}.{settings.version()}", version


def _own(relation: Relation) -> str:
    chat, identity = relation.chat, relation.identity
    now = (relation.rank, relation.state, relation.mode, int(relation.is_invited), chat.monitoring)
    return ".".join(map(str, (*now, identity.access_version)))
