"""The chat room's routes under the agents' door; message routes are mounted under the guests' doors too."""

from typing import Any

from flask import Blueprint, make_response, render_template, request

from helpdesk import settings
from helpdesk.web import answer_error, is_htmx

blueprint = Blueprint("chat", __name__, url_prefix="/agent")


def gate() -> Any:
    """Answer 404 while chat is switched off (row 1); for `before_request` of every blueprint about chat."""
    if settings.get("ChatEngine::Active"):
        return None
    if is_htmx():
        return answer_error(404, "Chat is not active.")
    return make_response(render_template("errors/page.html", status=404, message="Chat is not active."), 404)


def typed_id(name: str) -> int | None:
    """Return a whole number of the form or the address, or None when it is missing or no id."""
    return as_id(request.values.get(name, ""))


def as_id(text: str) -> int | None:
    """Return a typed id or number, or None when the database could hold none like it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


blueprint.before_request(gate)
