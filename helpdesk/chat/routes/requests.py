"""A request under an agent's eyes: preview, acceptance, channel."""

from flask import Response

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import requests
from helpdesk.chat.permissions import Relation
from helpdesk.chat.previews import preview as preview_of
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint, typed_id
from helpdesk.web import Refusal, fragment, render_partial


@blueprint.get("/chats/<public_id>/preview")
@allow("agent")
def preview(public_id: str) -> Response:
    """Answer the dialog of a request."""
    return _dialog(chat_of(identity(), public_id))


@blueprint.post("/chats/<public_id>/acceptance")
@allow("agent")
def acceptance(public_id: str) -> Response:
    """Accept; the page then fetches the new card. A late one is told in the dialog who was faster."""
    try:
        requests.accept(_wanted(public_id))
    except (requests.AlreadyTaken, requests.RequestGone) as problem:
        return fragment(_alert(public_id, problem), status=problem.status)
    return fragment(status=204, HX_Trigger="chat:accepted, active")


@blueprint.post("/chats/<public_id>/channel")
@allow("agent")
def channel(public_id: str) -> Response:
    """Put the request into another channel and answer the dialog as it is now."""
    problem: Refusal | None = None
    try:
        requests.move(_wanted(public_id, "chat.move"), typed_id("channel") or 0)
    except (requests.AlreadyTaken, requests.RequestGone) as late:
        return fragment(_alert(public_id, late), status=late.status)
    except Refusal as refusal:
        problem = refusal
    return _dialog(chat_of(identity(), public_id), problem)


def _wanted(public_id: str, right: str = "chat.take") -> Relation:
    """Return the relation; a request that is gone meanwhile says who has it instead of "not found"."""
    return chat_of(identity(), public_id, right)


def _alert(public_id: str, problem: Refusal) -> str:
    return render_partial("chat/_taken.html", public_id=public_id, message=problem.message)


def _dialog(relation: Relation, problem: Refusal | None = None) -> Response:
    return fragment(render_partial("chat/_preview.html", preview=preview_of(relation, problem)))


