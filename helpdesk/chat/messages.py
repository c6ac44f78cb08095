"""Writing lines: one conditional draw of the numbers, one insert, one commit."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import Integer, and_, bindparam, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk import realtime
from helpdesk.chat import lines
from helpdesk.chat.limits import count_line
from helpdesk.chat.models import (
    ACTIVE,
    AGENTS,
    CLOSED,
    EVERYONE,
    JOINED,
    MESSAGE_LIMIT,
    OBSERVER,
    REQUEST,
    Chat,
    Message,
    Participation,
)
from helpdesk.chat.permissions import ChatClosed, Relation
from helpdesk.database import CoreTransaction, UTCDateTime, announce, core_transaction, db, now
from helpdesk.web import Invalid, clean_text


@dataclass(frozen=True, slots=True)
class Written:
    """A stored line with what its rendering needs; the fields are those of a page's row.

    `shown` keeps, per audience, the number and the rendered line that were pushed.
    """

    seq: int
    guest_seq: int | None
    kind: str
    text: str
    params: dict[str, Any] | None
    author_id: int | None
    client_id: str | None
    created_at: datetime
    name: str
    mode: str | None
    shown: dict[str, tuple[int, Markup]] = field(default_factory=dict)


_IS_JOINED = exists(
    select(Participation.chat_id).where(
        Participation.chat_id == Chat.id,
        Participation.person_id == bindparam("author"),
        Participation.state == JOINED,
        Participation.mode != OBSERVER,
    )
)


def _draw(condition: Any, **values: Any) -> Any:
    return (
        update(Chat)
        .where(Chat.id == bindparam("chat"), condition)
        .values(
            last_seq=Chat.last_seq + 1,
            last_guest_seq=Chat.last_guest_seq + bindparam("for_guests", type_=Integer),
            **values,
        )
        .returning(Chat.last_seq, Chat.last_guest_seq)
    )


_DRAW_OF_GUEST = _draw(and_(Chat.state != CLOSED, _IS_JOINED), heard_at=bindparam("at", type_=UTCDateTime()))
_IS_HIS_REQUEST = and_(Chat.state == REQUEST, Chat.requester_id == bindparam("author"))
_DRAW_OF_AGENT = _draw(and_(or_(Chat.state == ACTIVE, _IS_HIS_REQUEST), _IS_JOINED))
_DRAW_ANY = _draw(bindparam("author", type_=Integer).is_not(None))
_INSERT = insert(Message).inline()


def typed(raw_text: str | None, raw_client_id: str | None) -> tuple[str, str]:
    """Return text and client id as they will be stored; raises Invalid for empty, over-long or odd ones."""
    text = clean_text(raw_text, field="text", most=MESSAGE_LIMIT, is_multiline=True)
    if not text:
        raise Invalid("text", "Please write a message.")
    return text, client_id_of(raw_client_id)


def client_id_of(raw: str | None) -> str:
    """Return the browser's own id of a line in canonical form; raises Invalid when it is not a UUID."""
    try:
        return str(UUID(raw or ""))
    except ValueError:
        raise Invalid("text", "This page is out of date. Please reload it; your text is kept.") from None


def post(
    relation: Relation,
    text: str,
    client_id: str,
    *,
    audience: str = EVERYONE,
    kind: str = "line",
    params: dict[str, Any] | None = None,
    beside: Callable[[CoreTransaction, Written], None] | None = None,
) -> Written | None:
    """Store a line, announce and return it; None when this `client_id` was stored before.

    Its audience is decided here, for good: a line for agents only is an internal note.

    `beside` stores what belongs to the line, in the same transaction. Commits. Raises ChatClosed when
    the chat has ended, TooMany at the limit.
    """
    if relation.chat.state == CLOSED:
        _refuse_unless_stored(relation, client_id)
        return None
    relation.require("chat.write" if audience == EVERYONE else "chat.note")
    count_line(relation.identity.person_id)
    draw = _DRAW_OF_AGENT if relation.identity.is_agent else _DRAW_OF_GUEST
    try:
        with core_transaction() as tx:
            line = _insert(tx, draw, relation, kind, audience, text=text, client_id=client_id, params=params)
            if beside is not None:
                beside(tx, line)
            announce(tx, lambda: push(relation.chat, line))
        return line
    except ChatClosed:
        _refuse_unless_stored(relation, client_id)
    except IntegrityError:
        if not _is_stored(relation, client_id):
            raise
    return None


def first(tx: Session, relation: Relation, text: str, client_id: str) -> None:
    """Add the line a request begins with to `tx`; its row tells of it, so nobody hears a line yet."""
    _insert(tx, _DRAW_OF_GUEST, relation, "line", EVERYONE, text=text, client_id=client_id)


def system(
    tx: Session, relation: Relation, kind: str, audience: str = EVERYONE, params: dict[str, Any] | None = None
) -> Written:
    """Add a system line about the person of `relation` to `tx`, announce and return it."""
    line = _insert(tx, _DRAW_ANY, relation, kind, audience, params=params)
    announce(tx, lambda: push(relation.chat, line))
    return line


def push(chat: Any, line: Written) -> None:
    """Tell everybody who may see the line: rendered once per audience, one frame each."""
    _push(chat, f"chat:{chat.id}:agents", line, AGENTS)
    if line.guest_seq is not None:
        _push(chat, f"chat:{chat.id}:guests", line, EVERYONE)


def _push(chat: Any, topic: str, line: Written, audience: str) -> None:
    shown = lines.line_of(line, chat, audience)
    content = lines.rendered(chat.public_id, [shown])
    line.shown[audience] = (shown.n, content)
    realtime.publish(topic, json.dumps({"chat": chat.public_id, "n": shown.n, "content": content}))


def _insert(
    tx: Session | CoreTransaction,
    draw: Any,
    relation: Relation,
    kind: str,
    audience: str,
    *,
    text: str = "",
    client_id: str | None = None,
    params: dict[str, Any] | None = None,
) -> Written:
    chat_id, author_id = relation.chat.id, relation.identity.person_id
    at = now()
    numbers = {"chat": chat_id, "author": author_id, "for_guests": int(audience == EVERYONE), "at": at}
    drawn = tx.connection().execute(draw, numbers).first()
    if drawn is None:
        raise ChatClosed()
    row = {
        "seq": drawn.last_seq,
        "guest_seq": drawn.last_guest_seq if audience == EVERYONE else None,
        "kind": kind,
        "text": text,
        "params": params,
        "author_id": author_id,
        "client_id": client_id,
        "created_at": at,
    }
    tx.connection().execute(_INSERT, {**row, "chat_id": chat_id, "audience": audience})
    return Written(**row, name=relation.name, mode=relation.mode)


def _refuse_unless_stored(relation: Relation, client_id: str) -> None:
    """A line that came before the end is not refused when it is sent again behind it."""
    if not _is_stored(relation, client_id):
        raise ChatClosed()


def _is_stored(relation: Relation, client_id: str) -> bool:
    found = db.session.scalar(
        select(Message.id).where(
            Message.chat_id == relation.chat.id,
            Message.author_id == relation.identity.person_id,
            Message.client_id == client_id,
        )
    )
    return found is not None
