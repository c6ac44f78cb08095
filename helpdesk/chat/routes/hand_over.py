"""Handing a chat over: the dialog that offers it; and all chats in hand at once, before somebody goes."""

from flask import Response, request

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import channels, handover, in_hand
from helpdesk.chat.offers import AlreadyOffered
from helpdesk.chat.permissions import Relation
from helpdesk.chat.personal import NotAvailable
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint
from helpdesk.database import db
from helpdesk.web import Invalid, NotFound, Refusal, as_id, fragment, render_partial


@blueprint.route("/chats/<public_id>/hand-over", methods=["GET", "POST"])
@allow("agent")
def hand_over(public_id: str) -> Response:
    """Answer the dialog; a POST offers the chat to `to`, "person-<id>" or "channel-<id>"."""
    relation = chat_of(identity(), public_id, "chat.hand_over")
    if request.method == "GET":
        return _dialog(relation)
    kind, _, number = request.form.get("to", "").partition("-")
    wanted = as_id(number) or 0
    try:
        if kind == "person":
            handover.offer_to(relation, wanted)
        elif kind == "channel":
            handover.offer_to_channel(relation, wanted)
        else:
            raise Invalid("to", "Please choose who is to take this chat.")
    except (Invalid, NotAvailable, NotFound, AlreadyOffered) as refusal:
        return _dialog(relation, refusal)
    return fragment(status=204, HX_Trigger="chat:done")


@blueprint.route("/chats/in-hand", methods=["GET", "POST"])
@allow("agent")
def chats_in_hand() -> Response:
    """Answer the question to who goes with customer chats in hand (204: he has none); a POST does it."""
    found = in_hand.relations(identity())
    if request.method == "GET":
        if not found:
            return fragment(status=204)
        return fragment(render_partial("chat/_in_hand.html", names=in_hand.names(found)))
    deed = request.form.get("deed")
    if deed not in ("offer", "close"):
        raise Invalid("deed", "There is no such answer.")
    (in_hand.offer if deed == "offer" else in_hand.close)(found)
    return fragment(status=204)


def _dialog(relation: Relation, refusal: Refusal | None = None) -> Response:
    chat = relation.chat
    dialog = render_partial(
        "chat/_hand_over.html",
        public_id=chat.public_id,
        colleagues=handover.colleagues(db.session, relation),
        channels=channels.choice_for(db.session, chat),
        chosen=request.form.get("to", ""),
        alert=refusal.message if refusal else "",
    )
    return fragment(dialog, status=refusal.status if refusal else 200)
