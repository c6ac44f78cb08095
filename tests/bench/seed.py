"""The world of the benchmarks, written straight into the tables: agents, visitors, chats, requests."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from helpdesk import create_app, migrations, settings
from helpdesk.accounts import people, tokens
from helpdesk.accounts.models import AGENT, EXTERNAL, VISITOR, Person, PersonPermission, SignIn, VisitorToken
from helpdesk.chat import channels
from helpdesk.chat.models import (
    ACTIVE,
    CUSTOMER,
    GUEST,
    IN_CHARGE,
    JOINED,
    PUBLIC,
    REQUEST,
    Chat,
    Message,
    Participation,
)
from helpdesk.database import db, now, transaction
from helpdesk.realtime.models import Lease, Presence
from tests.support.databases import configuration

WORDS = "Good morning, the printer on the second floor shows error 13."
BUSY_CHATS, BUSY_LINES, REQUESTS = 6, 50, 20


@dataclass(frozen=True)
class Talk:
    """A running chat: who is in it, and what their browsers know."""

    public_id: str
    agent_token: str
    visitor_token: str


@dataclass(frozen=True)
class World:
    """What the load generator needs; `busy` is an agent with six long chats, who also sees 20 requests."""

    agents: list[str]
    visitors: list[str]
    talks: list[Talk]
    busy: str
    busy_chat: str


def fill(url: str, folder: Path, agents: int, visitors: int) -> World:
    """Fill an empty database; visitor n is in a chat with agent n modulo `agents`."""
    app = create_app(configuration(url, folder))
    with app.app_context():
        migrations.upgrade()
        with transaction() as tx:
            channel_id, group_id = _channel(tx)
            settings.put(tx, "ChatEngine::MessageLimit", 1_000_000, None)
            staff = _people(tx, AGENT, agents + 1, group_id)
            guests = _people(tx, VISITOR, visitors + BUSY_CHATS + REQUESTS)
            ids = list(staff)[:-1]
            pairs = [(person_id, ids[n % agents]) for n, person_id in enumerate(list(guests)[:visitors])]
            talks = _chats(tx, channel_id, pairs, 1)
            busy_id = list(staff)[-1]
            busy = _chats(
                tx, channel_id, [(each, busy_id) for each in list(guests)[visitors:-REQUESTS]], BUSY_LINES
            )
            _chats(tx, channel_id, [(each, None) for each in list(guests)[-REQUESTS:]], 1)
        db.session.remove()
        db.engine.dispose()
    rooms = [Talk(chat, staff[pair[1]], guests[pair[0]]) for chat, pair in zip(talks, pairs, strict=True)]
    visitors_tokens = list(guests.values())[:visitors]
    return World(list(staff.values())[:-1], visitors_tokens, rooms, staff[busy_id], busy[0])


def _channel(tx: Session) -> tuple[int, int]:
    group_id = people.create_group(tx, "Support")
    return channels.create(tx, "Support", group_id, is_for_customers=True, is_for_public=True), group_id


def _people(tx: Session, kind: str, count: int, group_id: int | None = None) -> dict[int, str]:
    """Add people who are there and return the token of each."""
    at = now()
    first = (tx.scalar(select(Person.id).order_by(Person.id.desc()).limit(1)) or 0) + 1
    made = {first + n: tokens.make() for n in range(count)}
    position = EXTERNAL if kind == AGENT else 0
    tx.execute(
        insert(Person),
        [
            {"kind": kind, "login": f"{kind}{key}", "name": f"{kind.title()} {key}", "availability": position}
            | {"availability_changed_at": at - timedelta(hours=1), "created_at": at}
            for key in made
        ],
    )
    assert set(tx.scalars(select(Person.id).where(Person.id >= first))) == set(made)
    tx.execute(
        insert(SignIn if kind == AGENT else VisitorToken), [_key(kind, *each) for each in made.items()]
    )
    if group_id is not None:
        grants = [{"person_id": key, "group_id": group_id, "permission": "chat_owner"} for key in made]
        tx.execute(insert(PersonPermission), grants)
    _attend(tx, list(made))
    return made


def _key(kind: str, person_id: int, token: str) -> dict[str, Any]:
    at = now()
    row = {"token_hash": tokens.hash_of(token), "person_id": person_id, "created_at": at, "last_used_at": at}
    extra = {"address": "127.0.0.1", "browser": "bench"} if kind == AGENT else {}
    return row | {"expires_at": at + timedelta(days=1)} | extra


def _attend(tx: Session, ids: list[int]) -> None:
    """Everybody counts as here already: opening sockets is not to tell each of all others."""
    at = now()
    tx.execute(
        insert(Presence),
        [{"person_id": key, "shown": "active", "active_at": at, "version": 1} for key in ids],
    )
    until = at + timedelta(hours=1)
    tx.execute(
        insert(Lease),
        [
            {"person_id": key, "process": "seed", "has_socket": True, "alive_until": until, "active_at": at}
            for key in ids
        ],
    )


def _chats(tx: Session, channel_id: int, pairs: Sequence[tuple[int, int | None]], lines: int) -> list[str]:
    """Add a chat per (visitor, agent) and return the public ids; without an agent it is a request."""
    first = (tx.scalar(select(Chat.id).order_by(Chat.id.desc()).limit(1)) or 0) + 1
    rows = [_chat(first + n, channel_id, *pair, lines) for n, pair in enumerate(pairs)]
    tx.execute(insert(Chat), rows)
    assert tx.scalar(select(Chat.id).order_by(Chat.id.desc()).limit(1)) == rows[-1]["id"]
    tx.execute(insert(Participation), [each for row in rows for each in _participations(row)])
    tx.execute(
        insert(Message),
        [_line(row["id"], row["requester_id"], n) for row in rows for n in range(1, lines + 1)],
    )
    return [row["public_id"] for row in rows]


def _chat(chat_id: int, channel_id: int, visitor_id: int, agent_id: int | None, lines: int) -> dict[str, Any]:
    return {
        "id": chat_id,
        "public_id": secrets.token_urlsafe(16),
        "channel_id": channel_id,
        "direction": CUSTOMER if agent_id is None and visitor_id % 2 else PUBLIC,
        "state": ACTIVE if agent_id else REQUEST,
        "requester_id": visitor_id,
        "in_charge_id": agent_id,
        "description": WORDS,
        "last_seq": lines,
        "last_guest_seq": lines,
        "created_at": now(),
        "accepted_at": now() if agent_id else None,
    }


def _participations(chat: dict[str, Any]) -> list[dict[str, Any]]:
    both = ((chat["requester_id"], GUEST, "Visitor"), (chat["in_charge_id"], IN_CHARGE, "Agent"))
    return [
        {"chat_id": chat["id"], "person_id": key, "mode": mode, "state": JOINED, "name": f"{name} {key}"}
        for key, mode, name in both
        if key
    ]


def _line(chat_id: int, author_id: int, number: int) -> dict[str, Any]:
    row = {"chat_id": chat_id, "seq": number, "guest_seq": number, "author_id": author_id, "kind": "line"}
    return row | {"text": f"{number}. {WORDS}", "created_at": now()}
