"""Start Chat: an agent asks a colleague or a customer user for a chat."""

from typing import Any
from uuid import uuid4

from flask import Response, request

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import linking, messages, personal
from helpdesk.chat.routes import blueprint
from helpdesk.database import db
from helpdesk.tickets.reach import ticket_of
from helpdesk.web import Invalid, NotFound, fragment, path, render_partial, typed_again, typed_id


@blueprint.get("/chats/new")
@allow("agent")
def asking() -> Response:
    """Answer the dialog *Start Chat* with the person `to`; says so when he is not available any more."""
    try:
        name = personal.target(identity(), _to()).name
    except personal.NotAvailable as gone:
        return _dialog(gone.name, alert=gone.message, status=gone.status)
    return _dialog(name)


@blueprint.post("/chats")
@allow("agent")
def ask() -> Response:
    """Ask, and lead to Manage Chats with the new card; a refusal answers the dialog with the text kept."""
    try:
        text, client_id = messages.typed(request.form.get("text"), request.form.get("client_id"))
        public_id = personal.ask(identity(), _wanted(text, client_id))
    except (personal.NotAvailable, personal.SentAlready) as refusal:
        is_spent = isinstance(refusal, personal.SentAlready)
        return _again(alert=refusal.message, status=refusal.status, is_spent=is_spent)
    except Invalid as invalid:
        return _again(wrong=invalid.message, status=invalid.status)
    return fragment(status=204, HX_Redirect=f"{path('chat.console')}#chat-{public_id}")


def _wanted(text: str, client_id: str) -> personal.Ask:
    """A chat about a ticket asks that ticket's customer, in the channel of its queue; raises NotFound."""
    if not request.form.get("ticket"):
        return personal.Ask(_to(), text, client_id)
    ticket = ticket_of(identity(), request.form["ticket"]).ticket
    if ticket.customer_id != _to():
        raise NotFound()
    channel_id = linking.channel_of(db.session, ticket.queue_id)
    return personal.Ask(_to(), text, client_id, channel_id, about_id=ticket.id)


def _to() -> int:
    person_id = typed_id("to")
    if person_id is None:
        raise NotFound()
    return person_id


def _again(*, is_spent: bool = False, **words: Any) -> Response:
    text = typed_again(request.form.get("text"), 100_000)
    typed = typed_again(request.form.get("client_id"), 36)
    return _dialog(personal.name_of(_to()), text=text, client_id="" if is_spent else typed, **words)


def _dialog(
    name: str, *, text: str = "", client_id: str = "", alert: str = "", wrong: str = "", status: int = 200
) -> Response:
    ticket = typed_again(request.values.get("ticket"), 20)
    arguments = {"to": _to(), "ticket": ticket, "whom": name, "text": text, "alert": alert, "wrong": wrong}
    shown = render_partial("chat/_start_chat.html", client_id=client_id or str(uuid4()), **arguments)
    return fragment(shown, status=status)
