"""Ticket Zoom: a ticket with all that was said in it, its history, its files, and its PDF."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, make_response, render_template, request

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.files import size_words
from helpdesk.links import linked
from helpdesk.tickets import files, history, merging, printing, uploads, zooming
from helpdesk.tickets.models import PRIORITIES, STATES
from helpdesk.tickets.permissions import Forbidden, Relation
from helpdesk.tickets.reach import ticket_of
from helpdesk.tickets.routes import blueprint
from helpdesk.web import Invalid, NotFound, Refusal, typed_again, typed_id

LONGEST_TYPED = 250_000


@dataclass(frozen=True, slots=True)
class Form:
    """The form that was sent in vain: its name, what was typed, what is wrong by field, or with all of it."""

    name: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""


@blueprint.get("/tickets/<number>")
@allow("agent")
def zoom(number: str) -> Response:
    """Show a ticket; with `merge`, the question whether it shall become part of that one. Changes nothing."""
    relation = ticket_of(identity(), number)
    if not request.args.get("merge") or not relation.may("ticket.merge"):
        return page(relation)
    try:
        into = other(request.args["merge"], "ticket.merge")
        merging.check(relation, into)
        return page(relation, into=into)
    except Invalid as invalid:
        return page(relation, "merge", invalid)


@blueprint.get("/tickets/<number>/history")
@allow("agent")
def ticket_history(number: str) -> str:
    """Show a page of what was done to a ticket, the newest first."""
    relation = ticket_of(identity(), number, "ticket.history")
    found = history.page(relation, typed_id("before"))
    return render_template("tickets/history.html", ticket=relation.ticket, page=found)


@blueprint.get("/tickets/<number>/files/<id:file_id>")
@allow("agent")
def ticket_file(number: str, file_id: int) -> Response:
    """Hand out a file of a ticket: to be kept, in no case to be shown."""
    return files.answer(ticket_of(identity(), number), file_id)


@blueprint.post("/tickets/<number>/print")
@allow("agent")
def ticket_print(number: str) -> Response:
    """Answer the agents' PDF. A POST: it is work, and counted."""
    return printing.answer(ticket_of(identity(), number, "ticket.print"), request.form.get("zone", ""))


def page(
    relation: Relation, form: str = "", refusal: Refusal | None = None, into: Relation | None = None
) -> Response:
    """Return the page, with what was typed into a form that was refused; `into` asks whether to merge."""
    shown = render_template(
        "tickets/zoom.html",
        zoom=zooming.zoom(relation, typed_id("before")),
        form=_form(form, refusal),
        into=into.ticket if into else None,
        states=[(state, state) for state in STATES if state != "merged"],
        priorities=PRIORITIES,
        size_words=size_words,
        linked=linked,
        offer=uploads.offer(request.files.getlist("files")),
    )
    return make_response(shown, refusal.status if refusal else 200)


def other(typed: str, right: str) -> Relation:
    """Return another ticket that was named by its number; raises Invalid (field "number")."""
    try:
        return ticket_of(identity(), typed.strip(), right)
    except NotFound:
        raise Invalid("number", "There is no ticket of this number for you.") from None
    except Forbidden as forbidden:
        raise Invalid("number", forbidden.message) from None


def _form(name: str, refusal: Refusal | None) -> Form:
    if refusal is None:
        return Form()
    typed: dict[str, Any] = {key: typed_again(value, LONGEST_TYPED) for key, value in request.values.items()}
    if isinstance(refusal, Invalid):
        return Form(name, typed, {refusal.field: refusal.message})
    return Form(name, typed, {}, refusal.message)
