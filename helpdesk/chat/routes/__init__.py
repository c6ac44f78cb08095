"""The chat room's routes under the agents' door; message routes are mounted under the guests' doors too."""

from typing import Any

from flask import Blueprint

from helpdesk import settings
from helpdesk.web import answer_error

blueprint = Blueprint("chat", __name__, url_prefix="/agent")


def gate() -> Any:
    """Answer 404 while chat is switched off (row 1); for `before_request` of every blueprint about chat."""
    if settings.get("ChatEngine::Active"):
        return None
    return answer_error(404, "Chat is not active.")


blueprint.before_request(gate)
