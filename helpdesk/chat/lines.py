"""Lines of a chat: read from the database in pages, worded and rendered for one audience."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import Select, and_, bindparam, func, select

from helpdesk import files
from helpdesk.accounts.models import Person
from helpdesk.chat.models import AGENTS, EVERYONE, GUEST, PUBLIC, Chat, Message, Participation
from helpdesk.database import db
from helpdesk.links import linked
from helpdesk.web import iso, path, render_partial

PAGE = 50
# Kinds that somebody wrote; all others are of the system.
WRITTEN = frozenset({"line", "file"})
WORDING = {
    "joined": "{name} has joined this chat.",
    "left": "{name} has left this chat.",
    "withdrawn": "{name} has withdrawn the request.",
    "rejected": "{name} has rejected the chat request.",
    "abandoned": "{name} has gone. The request was withdrawn.",
    "asked": "Are you still there?",
    "silent": "This chat was closed: nothing was heard from {name} for {minutes} minutes.",
    "offered": "{name} offers this chat to {to}.",
    "lapsed": "Nobody has taken the chat that {name} offered.",
    "taken_over": "{name} has taken over this chat.",
    "lost": "We have lost the connection to {name}. A colleague can take over this chat.",
    "found": "{name} is connected again.",
    "moved": "{name} has changed the channel to {channel}.",
    "observes": "{name} has joined this chat as an observer.",
    "hides": "{name} has switched to observer mode.",
    "in_charge": "{name} is in charge of this chat now.",
    "parent_ended": "The chat this invitation was for has ended.",
}
# What guests read instead: to them an observer is not there.
KIND_FOR_GUESTS = {"hides": "left"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line as one audience sees it; `n` is its number there, `html` is safe, `at` is ISO 8601 in UTC.

    A note was written for agents only.
    """

    dom_id: str
    n: int
    kind: str
    is_system: bool
    author_key: str
    author_name: str
    html: Markup
    at: str
    client_id: str
    is_of_guest: bool
    is_note: bool


_COLUMNS = (
    Message.seq,
    Message.guest_seq,
    Message.kind,
    Message.text,
    Message.params,
    Message.author_id,
    Message.client_id,
    Message.created_at,
    func.coalesce(Participation.name, Person.name).label("name"),  # who moves a request is not in it
    Participation.mode,
)


def _with_author(statement: Select[Any]) -> Select[Any]:
    """The name of the author in the chat; of one who was never in it, his own."""
    in_chat = and_(Participation.chat_id == Message.chat_id, Participation.person_id == Message.author_id)
    return statement.outerjoin(Participation, in_chat).outerjoin(Person, Person.id == Message.author_id)


def _page(condition: Any, order: Any) -> Select[Any]:
    return (
        _with_author(select(*_COLUMNS))
        .where(Message.chat_id == bindparam("chat"), condition)
        .order_by(order)
        .limit(bindparam("most"))
    )


_NUMBER = bindparam("number", type_=Message.seq.type)
# A guest's numbers exist only on lines he may see, so the number alone keeps the rest from him.
_OF = {AGENTS: Message.seq, EVERYONE: Message.guest_seq}
_AFTER = {audience: _page(n > _NUMBER, n) for audience, n in _OF.items()}
_BEFORE = {audience: _page(n < _NUMBER, n.desc()) for audience, n in _OF.items()}
_LAST = {audience: _page(n > _NUMBER, n.desc()) for audience, n in _OF.items()}
_ALL = {
    audience: _with_author(select(*_COLUMNS)).where(Message.chat_id == bindparam("chat"), n > 0).order_by(n)
    for audience, n in _OF.items()
}


def after(chat: Any, audience: str, number: int) -> tuple[list[Line], bool]:
    """Return at most PAGE lines behind `number` in order, and whether more follow."""
    rows = _rows(_AFTER[audience], chat, number, PAGE + 1)
    return [line_of(row, chat, audience) for row in rows[:PAGE]], len(rows) > PAGE


def before(chat: Any, audience: str, number: int) -> list[Line]:
    """Return at most PAGE lines ahead of `number` in order; a page that begins behind 1 has more ahead."""
    rows = _rows(_BEFORE[audience], chat, number, PAGE)
    return [line_of(row, chat, audience) for row in reversed(rows)]


def last_of_each(chats: list[Any]) -> dict[int, list[Line]]:
    """Return the last PAGE lines of each chat for agents, in order, by chat id; one query."""
    by_id = {chat.id: chat for chat in chats}
    statement = (
        _with_author(select(Message.chat_id, *_COLUMNS).join(Chat, Chat.id == Message.chat_id))
        .where(Message.chat_id.in_(list(by_id)), Message.seq > Chat.last_seq - PAGE)
        .order_by(Message.chat_id, Message.seq)
    )
    found: dict[int, list[Line]] = {chat_id: [] for chat_id in by_id}
    for row in db.session.connection().execute(statement):
        found[row.chat_id].append(line_of(row, by_id[row.chat_id], AGENTS))
    return found


def last(chat: Any, audience: str) -> list[Line]:
    """Return the last PAGE lines in order."""
    rows = _rows(_LAST[audience], chat, 0, PAGE)
    return [line_of(row, chat, audience) for row in reversed(rows)]


def history(chat: Any, audience: str, most: int) -> list[tuple[Line, Any]]:
    """Return the first `most` lines in order, each with the row it was read from."""
    return [(line_of(row, chat, audience), row) for row in _rows(_AFTER[audience], chat, 0, most)]


def everything(session: Any, chat: Any, audience: str) -> list[Any]:
    """Return the rows of all lines in order, however many; `words_of` tells what each says."""
    return list(session.execute(_ALL[audience], {"chat": chat.id}))


def words_of(row: Any, audience: str) -> str:
    """Return a line as plain text: a file's is its name."""
    kind = row.kind if audience == AGENTS else KIND_FOR_GUESTS.get(row.kind, row.kind)
    return str(row.text) if kind in WRITTEN else _words(kind, row)


def _rows(statement: Select[Any], chat: Any, number: int, most: int) -> list[Any]:
    values = {"chat": chat.id, "number": number, "most": most}
    return list(db.session.connection().execute(statement, values))


def line_of(row: Any, chat: Any, audience: str) -> Line:
    """Return a line from a row with the columns of a page; `name` and `mode` are the author's in the chat."""
    n = row.seq if audience == AGENTS else row.guest_seq
    kind = row.kind if audience == AGENTS else KIND_FOR_GUESTS.get(row.kind, row.kind)
    is_system = kind not in WRITTEN
    is_note = not is_system and row.guest_seq is None
    return Line(
        dom_id=f"line-{chat.public_id}-{n}",
        n=n,
        kind=kind,
        is_system=is_system,
        author_key=_author_key(row, audience),
        author_name=row.name or "",
        html=_html(kind, row, chat, audience),
        at=iso(row.created_at),
        client_id=_client_id(row, audience),
        is_of_guest=row.mode == GUEST,
        is_note=is_note,
    )


def rendered(public_id: str, lines: list[Line]) -> Markup:
    """Return the upsert of `lines`: the same for an answer, a catch-up and a push."""
    return render_partial("chat/_lines.html", public_id=public_id, lines=lines)


def _author_key(row: Any, audience: str) -> str:
    """Guests never meet a number of ours: to them a line is of the guest or of an agent."""
    if row.author_id is None:
        return ""
    if audience == AGENTS:
        return str(row.author_id)
    return "guest" if row.mode == GUEST else "agent"


def _client_id(row: Any, audience: str) -> str:
    """Only the author's side needs it, and a guest's first one lets in again whoever knows it."""
    is_own = (row.mode == GUEST) == (audience == EVERYONE)
    return row.client_id or "" if is_own else ""


def _words(kind: str, row: Any) -> str:
    return WORDING[kind].format(name=row.name or "", **(row.params or {}))


def _html(kind: str, row: Any, chat: Any, audience: str) -> Markup:
    if kind == "file":
        return _file(row, chat, audience)
    return linked(row.text) if kind in WRITTEN else escape(_words(kind, row))


def _file(row: Any, chat: Any, audience: str) -> Markup:
    """The address of a file ends with the number its line has for the same reader."""
    n = row.seq if audience == AGENTS else row.guest_seq
    guests = "window" if chat.direction == PUBLIC else "external_window"
    endpoint = "chat.agent_attachment" if audience == AGENTS else f"{guests}.attachment"
    return render_partial(
        "chat/_file.html",
        file_name=row.text,
        size=files.size_words(row.params["size_bytes"]),
        is_text=row.params["type"] in files.READ_AS_TEXT,
        href=path(endpoint, public_id=chat.public_id, number=n),
    )
