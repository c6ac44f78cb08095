"""The chats that run in an agent's channels, as the list of *Active Chats* shows them (row 17)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, select

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.chat import lines, parties
from helpdesk.chat.models import ACTIVE, AGENT, EVERYONE, GUEST, JOINED, Chat, Message, Participation
from helpdesk.chat.permissions import RIGHTS, Relation, owns_channel
from helpdesk.chat.reach import OF_AGENT, relation_of
from helpdesk.database import db
from helpdesk.web import iso

MOST_RUNNING = 50
LAST_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One running chat; `last` is for owners of its channel alone, `may` the rights of the reader."""

    public_id: str
    channel_name: str
    guest: parties.Party
    agents: list[parties.Party]
    since: str
    waits_for_agent: bool
    last: str
    is_mine: bool
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """At most MOST_RUNNING of them, those begun first at the top; `next_key` "" when no more follow."""

    rows: list[Row]
    has_last: bool
    next_key: str
    etag: str


# What was said last by either side; system lines, and what only agents read, do not count.
_LAST = (
    select(Message.seq)
    .where(Message.chat_id == Chat.id, Message.kind.in_(lines.WRITTEN), Message.audience == EVERYONE)
    .order_by(Message.seq.desc())
    .limit(1)
    .correlate(Chat)
    .scalar_subquery()
)


def page(identity: Identity, channel_ids: Iterable[int], after: str = "") -> Page:
    """Return the chats with customers and visitors that run in these channels, behind the chat `after`."""
    statement = OF_AGENT.where(
        Chat.state == ACTIVE, Chat.direction != AGENT, Chat.channel_id.in_(list(channel_ids))
    ).order_by(Chat.id)
    if after:
        statement = statement.where(
            Chat.id > select(Chat.id).where(Chat.public_id == after).scalar_subquery()
        )
    found = db.session.execute(statement.limit(MOST_RUNNING + 1), {"me": identity.person_id}).all()
    relations = [relation_of(identity, row) for row in found[:MOST_RUNNING]]
    rows = _rows([relation for relation in relations if relation.rank])
    next_key = relations[-1].chat.public_id if len(found) > MOST_RUNNING else ""
    made = Page(rows, any(owns_channel(relation) for relation in relations), next_key, "")
    mark = f"{settings.version()}{made}"
    return replace(made, etag=hashlib.sha256(mark.encode("utf-8", "replace")).hexdigest()[:16])


def _rows(relations: list[Relation]) -> list[Row]:
    chats = [relation.chat for relation in relations]
    people, said = parties.of_chats(chats), _last_lines([chat.id for chat in chats])
    return [_row(each, people[each.chat.id], said.get(each.chat.id)) for each in relations]


def _last_lines(chat_ids: list[int]) -> dict[int, Any]:
    author = and_(Participation.chat_id == Message.chat_id, Participation.person_id == Message.author_id)
    rows = db.session.execute(
        select(Message.chat_id, Message.text, Participation.mode)
        .join(Chat, Chat.id == Message.chat_id)
        .outerjoin(Participation, author)
        .where(Chat.id.in_(chat_ids), Message.seq == _LAST)
    )
    return {row.chat_id: row for row in rows}


def _row(relation: Relation, people: list[parties.Party], said: Any) -> Row:
    chat = relation.chat
    return Row(
        public_id=chat.public_id,
        channel_name=chat.channel_name,
        guest=parties.other_than(relation.identity.person_id, chat, people),
        agents=[party for party in people if party.letter == "A" and party.state == JOINED],
        since=iso(chat.accepted_at or chat.created_at),
        waits_for_agent=said is not None and said.mode == GUEST,
        last=" ".join(said.text[:LAST_LENGTH].split()) if said is not None and owns_channel(relation) else "",
        is_mine=relation.state == JOINED,
        may=tuple(sorted(right for right in RIGHTS if relation.may(right))),
    )
