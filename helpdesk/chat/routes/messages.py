"""Lines: read around a number, write one, say how far one has read. The same functions under every door."""

from flask import Blueprint, Response, request

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import cursors, lines, messages
from helpdesk.chat.models import AGENTS, EVERYONE
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint
from helpdesk.web import fragment, typed_id


def mount(guests: Blueprint) -> None:
    """Mount all three under a guests' blueprint."""
    guests.add_url_rule("/chats/<public_id>/messages", "lines", read)
    guests.add_url_rule("/chats/<public_id>/messages", "post", write, methods=["POST"])
    guests.add_url_rule("/chats/<public_id>/cursor", "cursor", cursor, methods=["POST"])


@blueprint.get("/chats/<public_id>/messages", endpoint="agent_lines")
@allow("agent", "customer", "visitor")
def read(public_id: str) -> Response:
    """Answer the lines behind `after`, or the last ones ahead of `before`; 204 when there are none."""
    relation, before = chat_of(identity(), public_id), typed_id("before")
    if before is None:
        return _lines(relation)
    return _answer(relation, lines.before(relation.chat, _audience(relation), before))


@blueprint.post("/chats/<public_id>/messages", endpoint="agent_post")
@allow("agent", "customer", "visitor")
def write(public_id: str) -> Response:
    """Store a line, for agents only with `note`, and answer the lines behind `after`, this one included."""
    text, client_id = messages.typed(request.form.get("text"), request.form.get("client_id"))
    relation = chat_of(identity(), public_id)
    return answer(relation, messages.post(relation, text, client_id, audience=typed_audience()))


def typed_audience() -> str:
    """Return whom what was sent is for: with `note`, agents only."""
    return AGENTS if request.form.get("note") else EVERYONE


def answer(relation: Relation, line: messages.Written | None) -> Response:
    """Answer what its author's page lacks after a line was stored (None: before), this line included."""
    n, shown = line.shown.get(_audience(relation), (0, "")) if line else (0, "")
    return fragment(shown) if shown and typed_id("after") == n - 1 else _lines(relation)


@blueprint.post("/chats/<public_id>/cursor", endpoint="agent_cursor")
@allow("agent", "customer", "visitor")
def cursor(public_id: str) -> Response:
    """Note how far the lines are `delivered` and `seen`; while the socket is up, pages say it there."""
    step = cursors.step(chat_of(identity(), public_id), typed_id("delivered") or 0, typed_id("seen") or 0)
    cursors.move([step] if step else [])
    return fragment(status=204)


def _audience(relation: Relation) -> str:
    return AGENTS if relation.identity.is_agent else EVERYONE


def _lines(relation: Relation) -> Response:
    found, has_more = lines.after(relation.chat, _audience(relation), typed_id("after") or 0)
    response = _answer(relation, found)
    marks = cursors.marks_of(relation)
    response.headers["X-Marks"] = f"{marks.delivered} {marks.seen} {marks.read}"
    if has_more:
        response.headers["X-More"] = "1"
    return response


def _answer(relation: Relation, found: list[lines.Line]) -> Response:
    return fragment(lines.rendered(relation.chat.public_id, found)) if found else fragment(status=204)
