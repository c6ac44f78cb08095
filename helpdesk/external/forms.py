"""What guests type to begin: read, and given back with the reason when it is refused."""

from contextlib import suppress
from uuid import uuid4

from flask import Response, request

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.chat import messages, visits
from helpdesk.chat.reach import PUBLIC_ID
from helpdesk.external import starting, views
from helpdesk.tickets.permissions import Relation
from helpdesk.tickets.reach import ticket_of
from helpdesk.web import (
    Invalid,
    NotFound,
    Refusal,
    TooMany,
    clean_email,
    clean_name,
    fragment,
    render_partial,
    typed_again,
    typed_id,
)


class Answered(Refusal):
    """The request that a message was to take the place of has been answered; the message may go as well."""

    def __init__(self) -> None:
        super().__init__("Your request has just been answered. Go back to talk, or send this as well.")


def base() -> str:
    """Return the path under which this window is mounted, without a slash at its end."""
    head = "/external/window" if request.path.startswith("/external/") else "/window"
    return request.script_root + head


def typed_visitor(who: Identity | None, *, is_message: bool = False) -> starting.Visitor:
    """Return what a public user typed about himself; nothing for customer users. Raises Invalid."""
    if who is not None and who.is_customer:
        return starting.Visitor("", "")
    name = clean_name(request.form.get("name"), field="name")
    asked = "required" if is_message else settings.get("ChatEngine::PublicEmail")
    if asked == "off":
        return starting.Visitor(name, "")
    email = clean_email(request.form.get("email"), field="email", is_required=asked == "required")
    return starting.Visitor(name, email)


def typed_request() -> str:
    """Return the request of a chat in whose place the form is sent, or ""."""
    typed = request.form.get("instead", "")
    return typed if PUBLIC_ID.fullmatch(typed) else ""


def ticket_about(who: Identity | None) -> Relation | None:
    """Return the ticket a customer user starts a chat from; None for one that is not his."""
    number = request.values.get("about", "")
    if who is None or not who.is_customer or not number:
        return None
    with suppress(NotFound):
        return ticket_of(who, number)
    return None


def visit() -> visits.Visit:
    """Return what the browser says of itself."""
    return visits.Visit(
        page=visits.page_of(request.form.get("page")),
        language=visits.language_of(request.accept_languages.best),
        browser=visits.browser_of(request.user_agent.string),
    )


def form_again(who: Identity | None, refusal: Refusal, *, is_message: bool) -> Response:
    """Nothing typed is lost: the form comes back with the words and, at the right place, the reason."""
    errors = {refusal.field: refusal.message} if isinstance(refusal, Invalid) else {}
    form = views.form(
        who,
        base(),
        _start_id(refusal),
        is_message=is_message,
        instead="" if isinstance(refusal, Answered) else typed_request(),
        about=about.ticket.number if (about := ticket_about(who)) else "",
        channel_id=typed_id("channel"),
        name=typed_again(request.form.get("name"), 1_000),
        email=typed_again(request.form.get("email"), 1_000),
        text=typed_again(request.form.get("text"), 100_000),
        errors=errors,
        notice="" if errors else refusal.message,
    )
    response = fragment(render_partial("external/_start.html", form=form), status=refusal.status)
    return with_retry(response, refusal)


def with_retry(response: Response, refusal: Refusal) -> Response:
    """Say when it may be tried again, where a limit was reached."""
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response


def _start_id(refusal: Refusal) -> str:
    """Return the id this form is sent under next: another one where the old one can never begin a chat."""
    try:
        typed = messages.client_id_of(request.form.get("client_id"))
    except Invalid:
        return str(uuid4())
    return str(uuid4()) if isinstance(refusal, starting.SentAlready) else typed
