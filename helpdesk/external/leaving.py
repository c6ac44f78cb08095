"""Nobody there (row 29): the same words become a ticket of a customer user, or a visitor's message."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, request

from helpdesk.access import allow, takes
from helpdesk.accounts.identity import Identity, identity, identity_or_none
from helpdesk.chat import channels, lines, linking, mailing, messages
from helpdesk.chat.models import EVERYONE
from helpdesk.chat.permissions import ChatClosed, Forbidden, Relation
from helpdesk.chat.reach import chat_of
from helpdesk.database import db
from helpdesk.external import asking, forms, views
from helpdesk.tickets import articles, queues
from helpdesk.tickets.models import TEXT_LIMIT
from helpdesk.web import Invalid, NotFound, Refusal, fragment, render_partial, typed_id

MOST_LINES = 1_000


def mount(window: Blueprint) -> None:
    """Mount the message that is left under a window's blueprint."""
    window.add_url_rule("/tickets", "leave", leave, methods=["POST"])
    window.add_url_rule("/chats/<public_id>/message", "message", message)


def form_or_home(home: Callable[[], str], **known: Any) -> str:
    """Return the form of a message; home where this audience may not turn to agents at all."""
    who = identity_or_none()
    if not channels.may_ask(views.audience_of(who)):
        return home()
    form = views.form(who, forms.base(), str(uuid4()), is_message=True, **known)
    return render_partial("external/_start.html", form=form)


@allow("customer", "visitor")
def message(public_id: str) -> str:
    """Show the form of a message instead of a chat that nobody has accepted yet, with what was said in it."""
    relation = chat_of(identity(), public_id, "chat.withdraw")
    form = views.form(
        relation.identity,
        forms.base(),
        str(uuid4()),
        is_message=True,
        instead=public_id,
        channel_id=relation.chat.channel_id,
        email=mailing.address_of(relation.identity.person_id),
        text=_said(relation),
    )
    return render_partial("external/_start.html", form=form)


@allow("everybody")
@takes(lambda: 0)  # no file, but as long a text in any script
def leave() -> Response:
    """Make a ticket of the message; a refusal answers the form with everything typed."""
    who = identity_or_none()
    try:
        visitor = forms.typed_visitor(who, is_message=True)
        created = asking.ask(who, visitor, _wish(who), _in_whose_place(who))
    except Forbidden:
        return forms.form_again(who, forms.Answered(), is_message=True)
    except Refusal as refusal:
        return forms.form_again(who, refusal, is_message=True)
    number = "" if views.is_public(who) else created.number
    said = render_partial("external/_left.html", base=forms.base(), number=number, email=visitor.email)
    return fragment(said)


def _wish(who: Identity | None) -> asking.Wish:
    if not channels.may_ask(views.audience_of(who)):
        raise Refusal("Messages are not taken here at the moment.")
    text = articles.clean_body(request.form.get("text"))
    start_id = messages.client_id_of(request.form.get("client_id"))
    return asking.Wish(asking.subject_of(text), text, _queue(who, typed_id("channel")), start_id)


def _queue(who: Identity | None, channel_id: int | None) -> int:
    """Return the queue of what is left for a channel."""
    known = {row.id for row in channels.of_audience(db.session, views.audience_of(who))}
    if channel_id is None or not known:
        return queues.default_id(db.session)
    if channel_id not in known:
        raise Invalid("channel", "Please choose a channel.")
    return linking.queue_of(channel_id)


def _in_whose_place(who: Identity | None) -> Relation | None:
    """Return the request that the message takes the place of; None for one that is over or not his."""
    public_id = forms.typed_request()
    if who is None or not public_id:
        return None
    with suppress(NotFound, ChatClosed):
        return chat_of(who, public_id, "chat.withdraw")
    return None


def _said(relation: Relation) -> str:
    """Return what the guest wrote so far, as much of it as one message holds."""
    rows = [row for _, row in lines.history(relation.chat, EVERYONE, MOST_LINES)]
    return "\n".join(row.text for row in rows if row.kind == "line")[:TEXT_LIMIT]
