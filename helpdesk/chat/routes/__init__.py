"""The chat room's routes under the agents' door; message routes are mounted under the guests' doors too."""

from typing import Any

from flask import Blueprint, make_response, render_template

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


blueprint.before_request(gate)
