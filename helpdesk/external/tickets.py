"""The customers' tickets: lists, asking, one ticket with answers and its end."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from helpdesk.access import allow, takes
from helpdesk.accounts import limits
from helpdesk.accounts.identity import identity
from helpdesk.chat import messages
from helpdesk.external import answering, asking, forms, ticket_lists, views
from helpdesk.external.starting import Visitor
from helpdesk.files import size_words
from helpdesk.links import linked
from helpdesk.settings import get
from helpdesk.tickets import articles, files, merging, printing, uploads
from helpdesk.tickets.reach import ticket_of
from helpdesk.web import Invalid, NotFound, Refusal, clean_text, typed_again, typed_id

MOST_WITH_FILES_PER_HOUR = 60

blueprint = Blueprint("portal", __name__, url_prefix="/external")


@blueprint.get("/tickets")
@allow("customer")
def own_tickets() -> Response:
    """Show the customer user's own tickets."""
    return _list(is_company=False)


@blueprint.get("/company-tickets")
@allow("customer")
def company_tickets() -> Response:
    """Show the tickets of his whole company, while that is allowed."""
    if not ticket_lists.may_see_company(identity()):
        raise NotFound()
    return _list(is_company=True)


@blueprint.get("/tickets/new")
@allow("customer")
def new_ticket() -> Response:
    """Show the form of a ticket."""
    return _form(typed={"start_id": str(uuid4())})


@blueprint.post("/tickets")
@allow("customer")
@takes(uploads.most_bytes)
def create() -> Response:
    """Make the ticket; sent twice it is one. A refusal answers the form with everything typed."""
    try:
        wish = asking.Wish(
            subject=articles.clean_title(request.form.get("subject")),
            text=articles.clean_body(request.form.get("text")),
            queue_id=ticket_lists.chosen_queue(typed_id("queue")),
            start_id=messages.client_id_of(request.form.get("start_id")),
            files=_sent(),
        )
        created = asking.ask(identity(), Visitor("", ""), wish)
    except Refusal as refusal:
        return _form(_typed_again("subject", "text", "queue", "start_id"), refusal)
    return _to_ticket(created.number)


@blueprint.get("/tickets/<number>")
@allow("customer")
def ticket(number: str) -> Response:
    """Show a ticket with what its customer may see of it."""
    return _ticket(number)


@blueprint.get("/tickets/<number>/files/<id:file_id>")
@allow("customer")
def ticket_file(number: str, file_id: int) -> Response:
    """Hand out a file of an article he may see."""
    return files.answer(ticket_of(identity(), number), file_id)


@blueprint.post("/tickets/<number>/answers")
@allow("customer")
@takes(uploads.most_bytes)
def answer(number: str) -> Response:
    """Add an answer; a refusal answers the ticket with the words kept."""
    relation = ticket_of(identity(), number)
    try:
        relation.require("ticket.answer")
        answering.answer(relation, request.form.get("text", ""), _sent(), typed_id("after") or 0)
    except Refusal as refusal:
        return _ticket(number, typed_again(request.form.get("text"), 200_000), refusal)
    return _to_ticket(number)


@blueprint.post("/tickets/<number>/print")
@allow("customer")
def ticket_print(number: str) -> Response:
    """Answer a PDF of what he may see. A POST: it is work, and counted."""
    return printing.answer(ticket_of(identity(), number, "ticket.print"), request.form.get("zone", ""))


@blueprint.post("/tickets/<number>/closure")
@allow("customer")
def closure(number: str) -> Response:
    """Close the ticket."""
    answering.close(ticket_of(identity(), number))
    return _to_ticket(number)


def _sent() -> Sequence[articles.File]:
    """Return the files of the form; raises Invalid (field "files"), and TooMany: they are stored for good."""
    sent = uploads.checked(request.files.getlist("files"))
    if sent:
        me, most = identity().person_id, MOST_WITH_FILES_PER_HOUR
        limits.count("ticket.files", me, most, answering.HOUR_S, "Those were many files.")
    return sent


def _list(*, is_company: bool) -> Response:
    shown = request.args.get("state", "open")
    try:
        words = clean_text(request.args.get("words"), field="words", most=200)
        problem = ""
    except Invalid as invalid:
        words, problem = "", invalid.message
    page = min(max(typed_id("page") or 1, 1), ticket_lists.MOST_PAGES)
    shown = shown if shown in ticket_lists.SHOWN else "open"
    wanted = ticket_lists.Wanted(is_company, shown, words, page)
    rows, has_more = ticket_lists.rows(identity(), wanted)
    return _page(
        "external/tickets.html",
        wanted=wanted,
        rows=rows,
        states=ticket_lists.SHOWN,
        problem=problem,
        newer=_at(wanted, page - 1) if page > 1 else "",
        older=_at(wanted, page + 1) if has_more else "",
    )


def _at(wanted: ticket_lists.Wanted, page: int) -> str:
    return "?" + urlencode({"state": wanted.shown, "words": wanted.words, "page": page})


def _form(typed: dict[str, str], refusal: Refusal | None = None) -> Response:
    empty = dict.fromkeys(("subject", "text", "queue", "start_id"), "")
    return _page(
        "external/new_ticket.html",
        refusal,
        typed=empty | typed,
        draft=views.draft_of(identity(), "ticket"),
        queues=ticket_lists.queues_on_offer(),
        **_errors(refusal),
    )


def _ticket(number: str, text: str = "", refusal: Refusal | None = None) -> Response:
    relation = ticket_of(identity(), number)
    found = relation.ticket
    shown = articles.of_ticket(found.id, is_for_customer=True, before=typed_id("before"))
    return _page(
        "external/ticket.html",
        refusal,
        relation=relation,
        ticket=found,
        articles=shown,
        count=articles.count_seen(found.id),
        earlier=articles.count_seen(found.id, shown[0].n) if shown else 0,
        files=articles.files_of(found.id, is_for_customer=True),
        lines=articles.lines_of(found.id, is_for_customer=True),
        linked=linked,
        size_words=size_words,
        merged_into=merging.went_on_in(relation),
        text=text,
        draft=views.draft_of(identity(), f"answer-{number}"),
        **_errors(refusal),
    )


def _errors(refusal: Refusal | None) -> dict[str, Any]:
    is_of_field = isinstance(refusal, Invalid)
    return {
        "errors": {refusal.field: refusal.message} if isinstance(refusal, Invalid) else {},
        "notice": "" if refusal is None or is_of_field else refusal.message,
    }


def _typed_again(*names: str) -> dict[str, str]:
    return {name: typed_again(request.form.get(name), 200_000) for name in names}


def _page(template: str, refusal: Refusal | None = None, **values: Any) -> Response:
    values |= {"offer": uploads.offer(request.files.getlist("files"))}
    values |= {"base": "/external/window", "is_chat_active": get("ChatEngine::Active")}
    response = make_response(render_template(template, **values), refusal.status if refusal else 200)
    return forms.with_retry(response, refusal) if refusal else response


def _to_ticket(number: str) -> Response:
    response = redirect(url_for("portal.ticket", number=number), 303)
    assert isinstance(response, Response)
    return response
