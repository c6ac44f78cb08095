"""The protocol of a chat that is over: who, when, how long, why it ended, and what was said."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from helpdesk.chat import lines, linking, parties
from helpdesk.chat.models import AGENTS, INVITED, Message
from helpdesk.chat.permissions import RIGHTS, Relation
from helpdesk.database import db
from helpdesk.web import iso

DIRECTIONS = {
    "public": "From a public user",
    "customer": "From a customer",
    "agent": "With another agent",
    "to_customer": "To a customer",
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """One page of it; `waited_s` and `lasted_s` are None where nobody accepted, times are ISO 8601.

    `previous` and `following` are the numbers behind which the pages before and after begin, or None.
    `ticket` is the number of the ticket that holds it, `about` of the one it was started from, each "" where
    the reader may not see it.
    """

    public_id: str
    title: str
    direction: str
    channel_name: str
    people: list[parties.Party]
    begun_at: str
    closed_at: str
    waited_s: int | None
    lasted_s: int | None
    why: str
    lines: list[lines.Line]
    previous: int | None
    following: int | None
    may: frozenset[str]
    ticket: str
    about: str


def protocol(relation: Relation, after: int) -> Protocol:
    """Return the page of lines behind `after`; four queries and one for the people."""
    chat = relation.chat
    people = parties.of_chats([chat])[chat.id]
    found, has_more = lines.after(chat, AGENTS, after)
    numbers = linking.numbers(relation.identity, [chat.ticket_id, chat.about_id])
    may = frozenset(right for right in RIGHTS if relation.may(right))
    return Protocol(
        public_id=chat.public_id,
        title=parties.other_than(relation.identity.person_id, chat, people).name,
        direction=DIRECTIONS[chat.direction],
        channel_name=chat.channel_name,
        people=[party for party in people if party.state != INVITED],
        begun_at=iso(chat.created_at),
        closed_at=iso(chat.closed_at),
        waited_s=_seconds(chat.created_at, chat.accepted_at),
        lasted_s=_seconds(chat.accepted_at, chat.closed_at),
        why=_why(chat),
        lines=found,
        previous=max(0, after - lines.PAGE) if after else None,
        following=found[-1].n if has_more else None,
        may=may - linking.lacking(relation.identity),
        ticket=numbers.get(chat.ticket_id, ""),
        about=numbers.get(chat.about_id, ""),
    )


def _seconds(begin: Any, end: Any) -> int | None:
    return None if begin is None or end is None else max(0, int((end - begin).total_seconds()))


def _why(chat: Any) -> str:
    """The last line of the system says how it came to its end."""
    last = db.session.scalar(
        select(func.max(Message.seq)).where(Message.chat_id == chat.id, Message.kind.in_(lines.WORDING))
    )
    if last is None:
        return ""
    found, _ = lines.after(chat, AGENTS, last - 1)
    return str(found[0].html.striptags()) if found else ""
