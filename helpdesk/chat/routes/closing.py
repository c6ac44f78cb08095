"""Ends under the agents' door: closure for all, departure of one, dismissal from the screen."""

from flask import Response

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import closing, requests
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint
from helpdesk.web import fragment


@blueprint.post("/chats/<public_id>/closure")
@allow("agent")
def closure(public_id: str) -> Response:
    """Close the chat for everybody."""
    closing.close(chat_of(identity(), public_id))
    return _cards_changed()


@blueprint.post("/chats/<public_id>/withdrawal")
@allow("agent")
def withdrawal(public_id: str) -> Response:
    """Take back a request of one's own."""
    requests.withdraw(chat_of(identity(), public_id, "chat.withdraw"))
    return _cards_changed()


@blueprint.post("/chats/<public_id>/departure")
@allow("agent")
def departure(public_id: str) -> Response:
    """Leave the chat."""
    closing.leave(chat_of(identity(), public_id))
    return _cards_changed()


@blueprint.post("/chats/<public_id>/dismissal")
@allow("agent")
def dismissal(public_id: str) -> Response:
    """Take the closed chat off the screen."""
    closing.dismiss(chat_of(identity(), public_id))
    return _cards_changed()


def _cards_changed() -> Response:
    return fragment(status=204, HX_Trigger="active")
