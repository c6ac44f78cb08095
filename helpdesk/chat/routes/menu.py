"""What the chat menu opens: invitation, channel change, and the chat in a window of its own."""

from uuid import uuid4

from flask import Response, render_template, request

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import cards, channels, invitations, messages, moving
from helpdesk.chat.permissions import Relation
from helpdesk.chat.personal import Ask, NotAvailable
from helpdesk.chat.reach import chat_of, has_left
from helpdesk.chat.routes import blueprint
from helpdesk.database import db
from helpdesk.web import Invalid, NotFound, Refusal, fragment, render_partial, typed_again, typed_id

DONE = "chat:done, active"
TYPED_AGAIN_LENGTH = 100_000


@blueprint.route("/chats/<public_id>/invitation", methods=["GET", "POST"])
@allow("agent")
def invitation(public_id: str) -> Response:
    """Answer the dialog that invites a colleague; a POST invites him, and the page closes the dialog."""
    relation = chat_of(identity(), public_id, "chat.invite")
    if request.method == "GET":
        return _invitation(relation)
    try:
        invitations.invite(relation, _invited(relation))
    except (Invalid, NotAvailable, invitations.InvitedAlready) as refusal:
        return _invitation(relation, refusal)
    return fragment(status=204, HX_Trigger=DONE)


@blueprint.route("/chats/<public_id>/channel-change", methods=["GET", "POST"])
@allow("agent")
def channel_change(public_id: str) -> Response:
    """Answer the dialog of channels; a POST changes it, `confirmed` naming a channel where nobody is left."""
    relation = chat_of(identity(), public_id, "chat.change_channel")
    if request.method == "GET":
        return _channel_change(relation)
    wanted = typed_id("channel") or 0
    try:
        moving.move(relation, wanted, is_confirmed=typed_id("confirmed") == wanted)
    except (Invalid, moving.NobodyLeft) as refusal:
        return _channel_change(relation, refusal)
    return fragment(status=204, HX_Trigger=DONE)


@blueprint.get("/chats/<public_id>/window")
@allow("agent")
def window(public_id: str) -> str:
    """Show the card alone; who has left the chat is told so."""
    try:
        relation = chat_of(identity(), public_id, "chat.window")
    except Refusal:
        if not has_left(identity(), public_id):
            raise NotFound() from None
        return render_template("chat/window.html", public_id=public_id, title="Chat", card=None)
    [card] = cards.cards([relation])
    shown = render_partial("chat/_card.html", card=card)
    return render_template("chat/window.html", public_id=public_id, title=card.title, card=shown)


def _invited(relation: Relation) -> Ask:
    typed = request.form.get("text", "").strip() or _proposal(relation)
    text, client_id = messages.typed(typed, request.form.get("client_id"))
    person_id = typed_id("person")
    if person_id is None:
        raise Invalid("person", "Please choose an agent.")
    return Ask(person_id, text, client_id, channels.default_id(db.session), relation.chat.id)


def _proposal(relation: Relation) -> str:
    return f"Please have a look at my chat with {cards.header(relation).title}."


def _invitation(relation: Relation, refusal: Refusal | None = None) -> Response:
    typed = typed_again(request.form.get("text"), TYPED_AGAIN_LENGTH)
    dialog = render_partial(
        "chat/_invitation.html",
        public_id=relation.chat.public_id,
        candidates=invitations.candidates(relation),
        chosen=typed_id("person"),
        text=typed or _proposal(relation),
        client_id=str(uuid4()),
        alert=refusal.message if refusal else "",
    )
    return fragment(dialog, status=refusal.status if refusal else 200)


def _channel_change(relation: Relation, refusal: Refusal | None = None) -> Response:
    dialog = render_partial(
        "chat/_channel_change.html",
        public_id=relation.chat.public_id,
        channel_name=relation.chat.channel_name,
        channels=[(row.id, row.name) for row in moving.targets(relation)],
        chosen=typed_id("channel"),
        alert=refusal.message if refusal else "",
        must_confirm=isinstance(refusal, moving.NobodyLeft),
    )
    return fragment(dialog, status=refusal.status if refusal else 200)
