"""A request under an agent's eyes: preview, acceptance, channel."""

from collections.abc import Callable

from flask import Response

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import cards, handover, personal, previews, requests
from helpdesk.chat.models import IN_CHARGE, JOINED, REQUEST
from helpdesk.chat.permissions import ChatClosed, Relation
from helpdesk.chat.reach import chat_of, taken_from
from helpdesk.chat.routes import blueprint
from helpdesk.web import Invalid, NotFound, Refusal, fragment, render_partial, typed_id

LATE = (requests.AlreadyTaken, requests.RequestGone, requests.Declined, ChatClosed)


@blueprint.get("/chats/<public_id>/preview")
@allow("agent")
def preview(public_id: str) -> Response:
    """Answer the dialog of a request."""
    try:
        return _dialog(previews.preview(_wanted(public_id, "chat.read")))
    except LATE as late:
        return _too_late(public_id, late)


@blueprint.post("/chats/<public_id>/acceptance")
@allow("agent")
def acceptance(public_id: str) -> Response:
    """Accept; the page then fetches the new card. A late one is told in the dialog who was faster."""
    try:
        relation = _wanted(public_id, "chat.take")
        _deed(relation)(relation)
    except LATE as late:
        if not _is_mine(public_id):
            return _too_late(public_id, late)
    card = cards.cards([chat_of(identity(), public_id)])
    order = [relation.chat.public_id for relation in cards.active(identity())]
    return fragment(
        render_partial("chat/_cards.html", added=card, gone=[], order=order),
        HX_Trigger="chat:accepted, active",
    )


@blueprint.post("/chats/<public_id>/rejection")
@allow("agent")
def rejection(public_id: str) -> Response:
    """Decline a personal request; the page then closes the dialog."""
    try:
        personal.decline(_wanted(public_id, "chat.decline"))
    except requests.Declined:
        pass  # he pressed twice
    except LATE as late:
        return _too_late(public_id, late)
    return fragment(status=204, HX_Trigger="chat:declined, personal")


@blueprint.post("/chats/<public_id>/channel")
@allow("agent")
def channel(public_id: str) -> Response:
    """Put the request into another channel and answer the dialog as it is now."""
    problem = None
    try:
        requests.move(_wanted(public_id, "chat.move"), typed_id("channel") or 0)
    except LATE as late:
        return _too_late(public_id, late)
    except Invalid as invalid:
        problem = invalid
    try:
        relation = chat_of(identity(), public_id)
    except NotFound:
        return _too_late(public_id, requests.MovedAway())
    return _dialog(previews.preview(relation, problem), 422 if problem else 200)


def _deed(relation: Relation) -> Callable[[Relation], None]:
    """Accepting is three deeds: taking over a chat on offer, a personal request, one to a channel."""
    if relation.chat.state != REQUEST:
        return handover.take
    return requests.accept if relation.chat.target_id is None else personal.accept


def _is_mine(public_id: str) -> bool:
    """Tell whether it was this agent himself who was faster: he pressed twice."""
    try:
        relation = chat_of(identity(), public_id)
    except NotFound:
        return False
    is_target = relation.chat.target_id == identity().person_id
    return relation.state == JOINED and (relation.mode == IN_CHARGE or is_target)


def _wanted(public_id: str, right: str) -> Relation:
    """Return the relation to a request; raises who has it already, to those who could have had it."""
    try:
        relation = personal.answerable(identity(), public_id, "chat.read")
    except NotFound:
        chat_id = taken_from(identity(), public_id)
        if chat_id is None:
            raise
        raise requests.why_not(chat_id) from None
    if relation.chat.state != REQUEST and not relation.may("chat.take_over"):
        raise requests.why_not(relation.chat.id)
    relation.require(right if relation.chat.state == REQUEST else "chat.take_over")
    return relation


def _too_late(public_id: str, problem: Refusal) -> Response:
    return _dialog(previews.too_late(public_id, problem), problem.status)


def _dialog(preview: previews.Preview, status: int = 200) -> Response:
    return fragment(render_partial("chat/_preview.html", preview=preview), status=status)
