"""The chat window's routes, mounted for visitors at /window and for customer users at /external/window."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, request

from helpdesk.access import allow, door_of, no_session
from helpdesk.accounts import visitors
from helpdesk.accounts.identity import Identity, identity, identity_or_none
from helpdesk.chat import channels, closing, linking, messages, personal, requests, visits
from helpdesk.chat.models import CLOSED
from helpdesk.chat.permissions import ChatClosed, Forbidden
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import attachments as attachment_routes
from helpdesk.chat.routes import gate
from helpdesk.chat.routes import messages as message_routes
from helpdesk.chat.routes import transcripts as transcript_routes
from helpdesk.database import db
from helpdesk.external import ending, forms, leaving, starting, views
from helpdesk.external.forms import base
from helpdesk.web import (
    NotFound,
    Refusal,
    fragment,
    render_partial,
    typed_id,
    versioned,
)

GONE = (requests.RequestGone, requests.Declined)


def make(name: str, prefix: str) -> Blueprint:
    """Return the window's blueprint under one door."""
    window = Blueprint(name, __name__, url_prefix=prefix)
    window.before_request(gate)
    for rule, view in (("/", view_now), ("/home", home), ("/start", start)):
        window.add_url_rule(rule, view_func=view)
    window.add_url_rule("/chats", view_func=begin, methods=["POST"])
    window.add_url_rule("/chats/<public_id>", view_func=conversation)
    window.add_url_rule("/chats/<public_id>/status", view_func=status)
    window.add_url_rule("/chats/<public_id>/page", view_func=page, methods=["POST"])
    window.add_url_rule("/chats/<public_id>/withdrawal", view_func=withdrawal, methods=["POST"])
    window.add_url_rule("/chats/<public_id>/closure", view_func=closure, methods=["POST"])
    message_routes.mount(window)
    attachment_routes.mount(window)
    transcript_routes.mount(window)
    leaving.mount(window)
    ending.mount(window)
    return window


def make_for_customers(name: str, prefix: str) -> Blueprint:
    """Return the window's blueprint of customer users, whom agents can ask; only they answer requests."""
    window = make(name, prefix)
    window.before_request(customers_only)
    window.add_url_rule("/incoming", view_func=incoming)
    window.add_url_rule("/chats/<public_id>/acceptance", view_func=acceptance, methods=["POST"])
    window.add_url_rule("/chats/<public_id>/rejection", view_func=rejection, methods=["POST"])
    return window


def customers_only() -> Response | None:
    """Refuse the customers' mounting to those who are not signed in; for its `before_request`."""
    return no_session(door_of(request.path)) if identity_or_none() is None else None


@allow("everybody")
def view_now() -> str:
    """Show the conversation that `chat` names, the newest open one, or home.

    One that has ended is shown while nothing else runs: its last words are still to be read.
    """
    who = identity_or_none()
    running = views.chats_of(who)
    remembered = request.args.get("chat", "")
    running.sort(key=lambda relation: relation.chat.public_id != remembered)
    if not running and who is not None and remembered:
        with suppress(NotFound):
            running.append(chat_of(who, remembered))
    if running:
        return render_partial("external/_conversation.html", chat=views.conversation(running[0], base()))
    return home()


@allow("everybody")
def home() -> str:
    """Show what runs, what waits, and whether something new can begin."""
    return render_partial("external/_home.html", home=views.home(identity_or_none(), base()))


@allow("everybody")
def start() -> str:
    """Show the start form; when nobody is there, that of a message."""
    who = identity_or_none()
    form = views.form(who, base(), str(uuid4()), **_about(who))
    if form.channels:
        return render_partial("external/_start.html", form=form)
    return leaving.form_or_home(home, **_about(who))


@allow("everybody")
def begin() -> Response:
    """Begin a chat with its first line; a refusal answers the form with everything typed."""
    who = identity_or_none()
    try:
        begun = starting.begin(who, forms.typed_visitor(who), _typed(who))
    except Refusal as refusal:
        return forms.form_again(who, refusal, is_message=_is_for_message(who, refusal))
    chat = views.conversation(chat_of(begun.identity, begun.public_id), base())
    response = fragment(render_partial("external/_conversation.html", chat=chat))
    if begun.token:
        visitors.set_cookie(response, begun.token)
    return response


@allow("customer", "visitor")
def conversation(public_id: str) -> str:
    """Show one conversation."""
    chat = views.conversation(chat_of(identity(), public_id), base())
    return render_partial("external/_conversation.html", chat=chat)


@allow("customer", "visitor")
def status(public_id: str) -> Response:
    """Answer the replaceable part of a conversation; 304 while nothing in it changed."""
    now = views.status(chat_of(identity(), public_id), base())
    return versioned(now.etag, lambda: render_partial("external/_status.html", status=now))


@allow("customer", "visitor")
def page(public_id: str) -> Response:
    """Note on which page of the website the guest is now."""
    visits.moved(chat_of(identity(), public_id, "chat.write"), forms.visit())
    return fragment(status=204)


@allow("customer", "visitor")
def withdrawal(public_id: str) -> Response:
    """Withdraw the request."""
    requests.withdraw(chat_of(identity(), public_id))
    return _status_now(public_id)


@allow("customer", "visitor")
def closure(public_id: str) -> Response:
    """End the chat for everybody: a request is withdrawn, and what is over stays so."""
    relation = chat_of(identity(), public_id)
    if relation.may("chat.withdraw"):
        requests.withdraw(relation)
    elif relation.chat.state != CLOSED:
        closing.close(relation)
    return _status_now(public_id)


@allow("customer")
def incoming() -> Response:
    """Answer what agents ask this customer user; 304 while nothing in it changed."""
    asked = views.incoming(identity(), base())
    return versioned(asked.etag, lambda: render_partial("external/_incoming.html", incoming=asked))


@allow("customer")
def acceptance(public_id: str) -> Response:
    """Accept an agent's request and show the conversation; pressed twice it is shown again."""
    try:
        personal.accept(personal.answerable(identity(), public_id, "chat.take"))
    except (ChatClosed, Forbidden, *GONE) as late:
        if not _was_accepted(public_id):
            return _too_late(late)
    chat = views.conversation(chat_of(identity(), public_id), base())
    return fragment(render_partial("external/_conversation.html", chat=chat))


@allow("customer")
def rejection(public_id: str) -> Response:
    """Decline an agent's request; pressed twice it stays declined."""
    try:
        personal.decline(personal.answerable(identity(), public_id, "chat.decline"))
    except requests.RequestGone as late:
        return _too_late(late)
    except requests.Declined:
        pass
    return fragment(status=204, HX_Trigger="personal")


def _was_accepted(public_id: str) -> bool:
    """Tell whether this customer user was asked and said yes, maybe in another tab."""
    try:
        return bool(chat_of(identity(), public_id).chat.target_id == identity().person_id)
    except NotFound:
        return False


def _too_late(late: Refusal) -> Response:
    """Say why, and have the page fetch what still waits."""
    said = render_partial("components/_alert.html", message=late.message)
    return fragment(said, status=late.status, HX_Trigger="personal")


def _status_now(public_id: str) -> Response:
    now = views.status(chat_of(identity(), public_id), base())
    return fragment(render_partial("external/_status.html", status=now))


def _typed(who: Identity | None) -> requests.Start:
    text, client_id = messages.typed(request.form.get("text"), request.form.get("client_id"))
    about = forms.ticket_about(who)
    about_id = about.ticket.id if about else None
    return requests.Start(typed_id("channel"), text, client_id, forms.visit(), about_id)


def _about(who: Identity | None) -> dict[str, Any]:
    """Return what the form knows beforehand of a conversation about a ticket."""
    about = forms.ticket_about(who)
    if about is None:
        return {}
    ticket = about.ticket
    text = f"Ticket {ticket.number}, {ticket.title}: "
    return {
        "about": ticket.number,
        "text": text,
        "channel_id": linking.channel_of(db.session, ticket.queue_id),
    }


def _is_for_message(who: Identity | None, refusal: Refusal) -> bool:
    """Who was there is gone: the same words can wait for him."""
    return isinstance(refusal, requests.NobodyThere) and channels.may_ask(views.audience_of(who))
