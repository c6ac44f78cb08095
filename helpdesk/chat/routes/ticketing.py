"""Phone ticket and Append: forms beside the chats, which stay usable until the chat becomes a ticket."""

from typing import Any

from flask import Response, request
from markupsafe import Markup

from helpdesk.access import allow, takes
from helpdesk.accounts.identity import identity
from helpdesk.chat import appending, guests, lines, linking, prefilled, ticketing
from helpdesk.chat.models import AGENTS
from helpdesk.chat.permissions import Relation, is_external
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint
from helpdesk.database import db
from helpdesk.tickets import forms, uploads
from helpdesk.tickets.reach import ticket_of
from helpdesk.web import Invalid, NotFound, clean_text, fragment, render_partial, typed_again

TYPED_AGAIN_LENGTH = 200


@blueprint.route("/chats/<public_id>/phone-ticket", methods=["GET", "POST"])
@allow("agent")
@takes(uploads.most_bytes)
def phone_ticket(public_id: str) -> Response:
    """Answer the form of the ticket; a POST makes it, ends the chat and says where it is now."""
    relation = chat_of(identity(), public_id)
    if relation.chat.ticket_id is not None:
        return _stored(relation, ticketing.Stored(relation.chat.ticket_id, is_new=False))
    relation.require("chat.phone_ticket")
    if request.method == "GET":
        return _phone_ticket(relation, prefilled.of_chat(relation))
    typed = forms.typed_into(request.form)
    if "find" in request.form:
        return _phone_ticket(relation, typed)
    try:
        wanted = forms.wanted(identity(), request.form, is_customer_needed=False)
        files = uploads.checked(request.files.getlist("files"))
        spoken = forms.spoken(identity(), request.form, wanted.title, files)
        made = ticketing.hand_over_to_new(relation, wanted, spoken, is_visible=_is_visible())
    except Invalid as problem:
        return _phone_ticket(relation, typed, problem)
    return _stored(relation, made)


@blueprint.route("/chats/<public_id>/append", methods=["GET", "POST"])
@allow("agent")
def append(public_id: str) -> Response:
    """Answer the choice of a ticket; a POST adds the chat to it, ends the chat and says where it is now."""
    relation = chat_of(identity(), public_id)
    if relation.chat.ticket_id is not None:
        return _stored(relation, ticketing.Stored(relation.chat.ticket_id, is_new=False))
    relation.require("chat.append")
    if request.method == "GET" or "find" in request.form:
        return _append(relation)
    try:
        made = ticketing.append(relation, _chosen(), is_visible=_is_visible())
    except Invalid as problem:
        return _append(relation, problem)
    return _stored(relation, made)


@blueprint.get("/chats/<public_id>/append/tickets")
@allow("agent")
def append_choices(public_id: str) -> Markup:
    """Answer the tickets that are like the words typed, the customer's open ones first."""
    relation = chat_of(identity(), public_id, "chat.append")
    guest = guests.guest_of(db.session, relation.chat.id)
    return render_partial("chat/_append_choices.html", **_choices(relation, guest))


def _is_visible() -> bool:
    return request.form.get("visible") == "1"


def _phone_ticket(relation: Relation, typed: dict[str, str], problem: Invalid | None = None) -> Response:
    form = forms.shown(identity(), typed, problem, uploads.offer())
    dialog = render_partial("chat/_phone_ticket.html", form=form, **_of_chat(relation))
    return fragment(dialog, status=problem.status if problem else 200)


def _append(relation: Relation, problem: Invalid | None = None) -> Response:
    guest = guests.guest_of(db.session, relation.chat.id)
    dialog = render_partial(
        "chat/_append.html",
        alert=problem.message if problem else "",
        **_of_chat(relation, is_visible_at_first=guest is not None and guest.customer_id is not None),
        **_choices(relation, guest),
    )
    return fragment(dialog, status=problem.status if problem else 200)


def _of_chat(relation: Relation, *, is_visible_at_first: bool = True) -> dict[str, Any]:
    """What both forms show: the chat as it is now, and whether its customer shall see it."""
    return {
        "public_id": relation.chat.public_id,
        "lines": lines.last(relation.chat, AGENTS),
        "has_more": relation.chat.last_seq > lines.PAGE,
        "is_external": is_external(relation),
        "is_visible": is_visible_at_first if request.method == "GET" else _is_visible(),
    }


def _choices(relation: Relation, guest: guests.Known | None) -> dict[str, Any]:
    words = typed_again(request.values.get("words"), TYPED_AGAIN_LENGTH)
    try:
        looked_for = clean_text(words, field="words", most=appending.LONGEST_WORDS)
    except Invalid:
        looked_for = ""
    is_new = request.method == "GET" and "words" not in request.args
    chosen = appending.tied_to(relation.chat.id) if is_new else typed_again(request.values.get("ticket"), 20)
    found, has_more = appending.found(relation, guest, looked_for, chosen)
    others = {row.number for row in found if not guests.may_be_read(guest, row.customer_id, row.company_id)}
    typed = {"words": words, "chosen": chosen, "others": others if guest else set()}
    return {"found": found, "has_more_found": has_more, **typed}


def _chosen() -> Any:
    """Return the agent's relation to the ticket he chose; raises Invalid where it is none for a note."""
    number = request.form.get("ticket", "")
    try:
        relation = ticket_of(identity(), number)
    except NotFound:
        raise Invalid("ticket", "Please choose a ticket.") from None
    if not relation.may("ticket.note"):
        raise Invalid("ticket", "You may not add a chat to this ticket. Please choose another one.")
    return relation


def _stored(relation: Relation, stored: ticketing.Stored) -> Response:
    """Say where the chat is; who may not read the ticket learns no number."""
    shown = render_partial(
        "chat/_stored.html",
        public_id=relation.chat.public_id,
        number=linking.numbers(identity(), [stored.ticket_id]).get(stored.ticket_id, ""),
        is_new=stored.is_new,
        is_kept_back=stored.is_kept_back,
        typed="" if stored.is_new else typed_again(request.form.get("text"), forms.KEPT),
    )
    return fragment(shown, status=200 if stored.is_new or request.method == "GET" else 409)
