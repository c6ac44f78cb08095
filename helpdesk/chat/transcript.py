"""Transcripts: the whole history of a chat as one audience may see it, printed and sealed."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from helpdesk.accounts.models import AGENT, CUSTOMER, VISITOR, Company, Person
from helpdesk.accounts.preferences import zone_of
from helpdesk.chat import lines, seals
from helpdesk.chat.models import AGENTS, GUEST, INVITED, OBSERVER, Participation
from helpdesk.chat.permissions import Relation
from helpdesk.config import Config
from helpdesk.database import db, now
from helpdesk.press.press import PRESS
from helpdesk.web import Refusal, iso

MOST_LINES = 10_000
NAME_LENGTH = 60
KINDS = {VISITOR: "public user", CUSTOMER: "customer", AGENT: "agent"}


class TooLong(Refusal):
    """One PDF does not hold it."""

    status = 413


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as it is printed."""

    n: int
    at: datetime
    name: str
    text: str
    is_system: bool
    is_for_agents: bool


@dataclass(frozen=True)
class Transcript:
    """What a PDF of a chat holds; `zone` is the one its times are told in."""

    chat: Any
    audience: str
    requester: str
    guest: str
    agents: list[str]
    entries: list[Entry]
    made_at: datetime
    zone: ZoneInfo

    @cached_property
    def code(self) -> str:
        """The code that `/verify` reads."""
        said = [[e.n, iso(e.at), e.name, e.text, e.is_for_agents] for e in self.entries]
        facts = [self.chat.public_id, self.audience, self.chat.channel_name, self.requester, self.guest]
        content = json.dumps([facts, self.agents, said], ensure_ascii=True).encode()
        return seals.code(self.chat.public_id, self.audience, self.made_at, len(self.entries), content)

    @property
    def file_name(self) -> str:
        """`chat-<channel>-<date>.pdf`, of letters, digits and hyphens."""
        channel = re.sub(r"[\W_]+", "-", self.chat.channel_name).strip("-")[:NAME_LENGTH]
        return f"chat-{channel or 'channel'}-{self._local(self.chat.created_at):%Y-%m-%d}.pdf"

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)


def transcript(relation: Relation, audience: str, zone: str = "UTC") -> Transcript:
    """Return the transcript of a chat for one audience; raises TooLong. `zone` is an IANA name, else UTC."""
    history = lines.history(relation.chat, audience, MOST_LINES + 1)
    if len(history) > MOST_LINES:
        raise TooLong(f"This chat has more than {MOST_LINES:,} lines: too many for one PDF.")
    people = _people(relation.chat)
    return Transcript(
        chat=relation.chat,
        audience=audience,
        requester=_named([row for row in people if row.person_id == relation.chat.requester_id]),
        guest=_named([row for row in people if row.mode == GUEST]),
        agents=_agents(people) if audience == AGENTS else _seen_agents(history),
        entries=[_entry(*each) for each in history],
        made_at=now(),
        zone=zone_of(zone),
    )


def printed(made: Transcript) -> bytes:
    """Return the transcript as a sealed PDF; raises Busy or NotPrinted."""
    db.session.rollback()  # no connection is held while the press works
    return seals.stamped(PRESS.printed(document(made)), made.code)


def document(made: Transcript) -> dict[str, Any]:
    """Return the document that the press prints."""
    return {
        "title": "Chat transcript",
        "facts": [[label, text] for label, text in _facts(made) if text],
        "blocks": _blocks(made),
        "foot": _foot(made),
    }


def _people(chat: Any) -> list[Any]:
    statement = (
        select(
            Participation.person_id,
            Participation.name,
            Participation.mode,
            Participation.state,
            Person.kind,
            Company.name.label("company_name"),
        )
        .join(Person, Person.id == Participation.person_id)
        .outerjoin(Company, Company.id == Person.company_id)
        .where(Participation.chat_id == chat.id, Participation.state != INVITED)
        .order_by(Participation.name)
    )
    return list(db.session.connection().execute(statement))


def _named(people: list[Any]) -> str:
    return ", ".join(
        f"{row.name} ({KINDS[row.kind]}{', ' if row.company_name else ''}{row.company_name or ''})"
        for row in people
    )


def _agents(people: list[Any]) -> list[str]:
    return [row.name + " (observer)" * (row.mode == OBSERVER) for row in people if row.mode != GUEST]


def _seen_agents(history: list[tuple[lines.Line, Any]]) -> list[str]:
    """Guests are told of those whose doings they saw; an observer leaves no trace."""
    return sorted(
        {line.author_name for line, row in history if row.author_id and row.mode not in (GUEST, None)}
    )


def _entry(line: lines.Line, row: Any) -> Entry:
    return Entry(
        n=line.n,
        at=row.created_at,
        name=line.author_name,
        text=line.html.unescape() if line.is_system else row.text,
        is_system=line.is_system,
        is_for_agents=row.guest_seq is None,
    )


def _facts(made: Transcript) -> list[tuple[str, str]]:
    chat = made.chat
    return [
        ("Channel", chat.channel_name),
        ("Requester", made.requester),
        ("With", made.guest if made.guest != made.requester else ""),
        ("Agents", ", ".join(made.agents)),
        ("Started", _moment(made, chat.created_at)),
        ("Ended", _moment(made, chat.closed_at) if chat.closed_at else "still open"),
        ("Made", _moment(made, made.made_at)),
        ("Times", f"{made.zone.key} ({_offset(made._local(chat.created_at))})"),
        ("Lines", f"{len(made.entries):,}" + (", with lines for agents only" * _has_notes(made))),
        ("Reference", seals.mark_of(chat.public_id)),
    ]


def _has_notes(made: Transcript) -> bool:
    return any(entry.is_for_agents for entry in made.entries)


def _moment(made: Transcript, at: datetime) -> str:
    return f"{made._local(at):%Y-%m-%d %H:%M:%S}"


def _offset(at: datetime) -> str:
    minutes = (at.utcoffset() or timedelta()) // timedelta(minutes=1)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _blocks(made: Transcript) -> list[dict[str, str]]:
    blocks: list[dict[str, str]] = []
    day = ""
    for entry in made.entries:
        at = made._local(entry.at)
        if (today := f"{at:%A}, {at.day} {at:%B %Y}") != day:
            day = today
            blocks.append({"kind": "day", "text": day})
        blocks.append(
            {
                "kind": "note" if entry.is_system else "line",
                "name": entry.name,
                "time": f"{at:%H:%M:%S}",
                "text": entry.text,
                "mark": "agents only" if entry.is_for_agents else "",
            }
        )
    return blocks


def _foot(made: Transcript) -> list[str]:
    configuration: Config = current_app.config["HELPDESK"]
    audience = "For agents only. " if made.audience == AGENTS else ""
    return [
        f"{audience}Page {{page}} of {{pages}}. Whether this is unchanged: {configuration.public_url}/verify",
        made.code,
    ]
