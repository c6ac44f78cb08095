"""Lines: read behind a number, write one. The same two functions under every door."""

from flask import Blueprint, Response, request

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import lines, messages
from helpdesk.chat.models import AGENTS, EVERYONE
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint, typed_id
from helpdesk.web import fragment


def mount(guests: Blueprint) -> None:
    """Mount both functions under a guests' blueprint."""
    guests.add_url_rule("/chats/<public_id>/messages", "lines", read)
    guests.add_url_rule("/chats/<public_id>/messages", "post", write, methods=["POST"])


@blueprint.get("/chats/<public_id>/messages", endpoint="agent_lines")
@allow("agent", "customer", "visitor")
def read(public_id: str) -> Response:
    """Answer the lines behind `after`; 204 when there are none."""
    return _lines(chat_of(identity(), public_id))


@blueprint.post("/chats/<public_id>/messages", endpoint="agent_post")
@allow("agent", "customer", "visitor")
def write(public_id: str) -> Response:
    """Store a line and answer the lines behind `after`, this one included."""
    text, client_id = messages.typed(request.form.get("text"), request.form.get("client_id"))
    relation = chat_of(identity(), public_id)
    return answer(relation, messages.post(relation, text, client_id))


def answer(relation: Relation, line: messages.Written | None) -> Response:
    """Answer what its author's page lacks after a line was stored (None: before), this line included."""
    n, shown = line.shown.get(_audience(relation), (0, "")) if line else (0, "")
    return fragment(shown) if shown and typed_id("after") == n - 1 else _lines(relation)


def _audience(relation: Relation) -> str:
    return AGENTS if relation.identity.is_agent else EVERYONE


def _lines(relation: Relation) -> Response:
    found, has_more = lines.after(relation.chat, _audience(relation), typed_id("after") or 0)
    if not found:
        return fragment(status=204)
    response = fragment(lines.rendered(relation.chat.public_id, found))
    if has_more:
        response.headers["X-More"] = "1"
    return response
