"""*Closed Chats* (row 17): those of an agent's channels and his own, searched in bounded steps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select

from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person
from helpdesk.chat import parties
from helpdesk.chat.models import AGENT, CLOSED, GUEST, INVITED, Chat, Message, Participation
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import OF_AGENT, relation_of
from helpdesk.database import db, is_like
from helpdesk.web import iso

MOST_CLOSED = 50
MOST_SEARCHED = 5_000
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; cleaned already, and everything may be missing. `begin` and `end` bound a day."""

    name: str = ""
    text: str = ""
    agent: str = ""
    channel_id: int | None = None
    company_id: int | None = None
    person_id: int | None = None
    ticket_id: int | None = None
    begin: datetime | None = None
    end: datetime | None = None

    @property
    def has_words(self) -> bool:
        """Whether chats must be looked into, not only up."""
        return bool(self.name or self.text or self.agent)


@dataclass(frozen=True, slots=True)
class Row:
    """One chat that is over."""

    public_id: str
    closed_at: str
    other: parties.Party
    agents: list[str]
    channel_name: str
    description: str
    was_accepted: bool


@dataclass(frozen=True, slots=True)
class Page:
    """At most MOST_CLOSED chats, closed last first; `next_key` "" when there are no more.

    `is_cut` is True where words were looked for in MOST_SEARCHED chats and more are left.
    """

    rows: list[Row]
    next_key: str
    is_cut: bool


def page(identity: Identity, wanted: Wanted, before: str = "") -> Page:
    """Return the closed chats this agent may read that are like `wanted`, behind the chat `before`."""
    statement = _closed(wanted, before)
    found = _among(identity, _with_words(statement, wanted) if wanted.has_words else statement)
    rows = rows_of([relation_of(identity, row) for row in found[:MOST_CLOSED]])
    if len(found) > MOST_CLOSED:
        return Page(rows, found[MOST_CLOSED - 1].public_id, is_cut=False)
    last = _last_searched(identity, statement) if wanted.has_words else ""
    return Page(rows, last, is_cut=bool(last))


def earlier(relation: Relation, person_id: int, most: int) -> tuple[list[Row], bool]:
    """Return the last closed chats of a guest, without the one of `relation`, and whether there are more."""
    identity = relation.identity
    statement = _closed(Wanted(person_id=person_id), "").where(Chat.id != relation.chat.id)
    found = _among(identity, statement, most + 1)
    return rows_of([relation_of(identity, row) for row in found[:most]]), len(found) > most


def rows_of(relations: list[Relation]) -> list[Row]:
    """Return the rows of those chats that may be read; one query for all."""
    mine = [relation for relation in relations if relation.may("chat.read")]
    people = parties.of_chats([relation.chat for relation in mine])
    return [_row(relation, people[relation.chat.id]) for relation in mine]


def _among(identity: Identity, statement: Select[Any], most: int = 0) -> list[Any]:
    limited = statement.limit(most or MOST_CLOSED + 1)
    return list(db.session.execute(limited, {"me": identity.person_id}))


def _closed(wanted: Wanted, before: str) -> Select[Any]:
    statement: Select[Any] = OF_AGENT.where(Chat.state == CLOSED, *_facts(wanted))
    if before:
        key = select(Chat.closed_at, Chat.id).where(Chat.public_id == before).subquery()
        at, number = select(key.c.closed_at).scalar_subquery(), select(key.c.id).scalar_subquery()
        statement = statement.where(or_(Chat.closed_at < at, and_(Chat.closed_at == at, Chat.id < number)))
    return statement.order_by(Chat.closed_at.desc(), Chat.id.desc())


def _facts(wanted: Wanted) -> list[Any]:
    conditions: list[Any] = []
    if wanted.channel_id is not None:
        conditions.append(Chat.channel_id == wanted.channel_id)
    if wanted.begin is not None and wanted.end is not None:
        conditions += [Chat.closed_at >= wanted.begin, Chat.closed_at < wanted.end]
    if wanted.person_id is not None:
        conditions.append(_somebody(Chat.id, Participation.mode == GUEST, Person.id == wanted.person_id))
    if wanted.ticket_id is not None:
        conditions.append(or_(Chat.ticket_id == wanted.ticket_id, Chat.about_id == wanted.ticket_id))
    if wanted.company_id is not None:
        is_theirs = Person.company_id == wanted.company_id
        conditions.append(_somebody(Chat.id, Participation.mode == GUEST, is_theirs))
    return conditions


def _somebody(chat_id: Any, *conditions: Any) -> Any:
    rows = select(Participation.chat_id).join(Person, Person.id == Participation.person_id)
    return exists(
        rows.where(Participation.chat_id == chat_id, *conditions).correlate_except(Participation, Person)
    )


def _with_words(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    """Look for words in the newest of them only: one search never reads everything that was ever said."""
    newest = statement.limit(MOST_SEARCHED).subquery()
    found = select(newest).order_by(newest.c.closed_at.desc(), newest.c.id.desc())
    if wanted.name:
        is_other = or_(Participation.mode == GUEST, newest.c.direction == AGENT)
        found = found.where(_named(newest, is_other, wanted.name))
    if wanted.agent:
        was_there = and_(Participation.mode != GUEST, Participation.state != INVITED)
        found = found.where(_named(newest, was_there, wanted.agent))
    if wanted.text:
        said = is_like(Message.text, wanted.text)
        found = found.where(
            exists(select(Message.id).where(Message.chat_id == newest.c.id, said).correlate(newest))
        )
    return found


def _named(newest: Any, who: Any, words: str) -> Any:
    like = is_like(Participation.name, words)
    return exists(
        select(Participation.chat_id).where(Participation.chat_id == newest.c.id, who, like).correlate(newest)
    )


def _last_searched(identity: Identity, statement: Select[Any]) -> str:
    """Return where the search goes on, "" when it saw everything."""
    rest = statement.offset(MOST_SEARCHED - 1).limit(2)
    rows = db.session.execute(rest, {"me": identity.person_id}).all()
    return str(rows[0].public_id) if len(rows) == 2 else ""


def _row(relation: Relation, people: list[parties.Party]) -> Row:
    chat = relation.chat
    other = parties.other_than(relation.identity.person_id, chat, people)
    return Row(
        public_id=chat.public_id,
        closed_at=iso(chat.closed_at),
        other=other,
        agents=[
            party.name
            for party in people
            if party.letter == "A" and party.state != INVITED and party.person_id != other.person_id
        ],
        channel_name=chat.channel_name,
        description=chat.description,
        was_accepted=chat.accepted_at is not None,
    )
