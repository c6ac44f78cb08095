"""Nobody there (row 29): the same words become a ticket of a customer user, or a visitor's message."""

from collections.abc import Callable
from uuid import uuid4

from flask import Blueprint, Response, request

from helpdesk.access import allow
from helpdesk.accounts.identity import Identity, identity_or_none
from helpdesk.chat import channels, linking, messages
from helpdesk.database import db
from helpdesk.external import asking, forms, views
from helpdesk.tickets import queues
from helpdesk.web import Invalid, Refusal, fragment, render_partial, typed_id


def mount(window: Blueprint) -> None:
    """Mount the message that is left under a window's blueprint."""
    window.add_url_rule("/tickets", "leave", leave, methods=["POST"])


def form_or_home(home: Callable[[], str]) -> str:
    """Return the form of a message; home where this audience may not turn to agents at all."""
    who = identity_or_none()
    if not channels.may_ask(views.audience_of(who)):
        return home()
    form = views.form(who, forms.base(), str(uuid4()), is_message=True)
    return render_partial("external/_start.html", form=form)


@allow("everybody")
def leave() -> Response:
    """Make a ticket of the message; a refusal answers the form with everything typed."""
    who = identity_or_none()
    try:
        visitor = forms.typed_visitor(who, is_message=True)
        created = asking.ask(who, visitor, _wish(who))
    except Refusal as refusal:
        return forms.form_again(who, refusal, is_message=True)
    number = "" if views.is_public(who) else created.number
    said = render_partial("external/_left.html", base=forms.base(), number=number, email=visitor.email)
    return fragment(said)


def _wish(who: Identity | None) -> asking.Wish:
    if not channels.may_ask(views.audience_of(who)):
        raise Refusal("Messages are not taken here at the moment.")
    text, start_id = messages.typed(request.form.get("text"), request.form.get("client_id"))
    return asking.Wish(asking.subject_of(text), text, _queue(who, typed_id("channel")), start_id)


def _queue(who: Identity | None, channel_id: int | None) -> int:
    """Return the queue of what is left for a channel."""
    known = {row.id for row in channels.of_audience(db.session, views.audience_of(who))}
    if channel_id is None or not known:
        return queues.default_id(db.session)
    if channel_id not in known:
        raise Invalid("channel", "Please choose a channel.")
    return linking.queue_of(channel_id)
