"""Lists of tickets: by queue and state, searched, sorted, in pages."""

from typing import Any

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.tickets import lists, search
from helpdesk.tickets.reach import NUMBER, ticket_of
from helpdesk.tickets.routes import blueprint
from helpdesk.web import Invalid, NotFound, clean_text, path, typed_again, typed_id

FIELDS = ("state", "queue", "words", "sort", "way", "customer", "company")


@blueprint.get("/tickets")
@allow("agent")
def ticket_list() -> AnyResponse:
    """Show a list of the tickets the agent may read; the whole number of one leads straight to it."""
    problem, wanted, found = "", lists.Wanted(), lists.Page([], "")
    try:
        wanted = _wanted()
        if "words" in request.args and (number := _number_of(wanted.words)):
            return redirect(path("tickets.zoom", number=number), 303)
        found = lists.page(identity(), wanted)
    except Invalid as invalid:
        problem = invalid.message
    page = render_template(
        "tickets/list.html",
        wanted=wanted,
        page=found,
        most_found=search.MOST_FOUND,
        counts=lists.counts(identity(), wanted.kind, wanted.queue_id),
        kinds=lists.KINDS,
        sorts=lists.SORTS,
        typed={name: typed_again(request.args.get(name), 1_000) for name in FIELDS},
        address=_address,
        moved=moved if NUMBER.fullmatch(moved := request.args.get("moved", "")) else "",
        problem=problem,
    )
    return make_response(page, 422 if problem else 200)


def _wanted() -> lists.Wanted:
    """Return what is asked for; what is not on offer is as if it were not there. Raises Invalid ("words")."""
    args = request.args
    kind = args["state"] if args.get("state") in lists.KINDS else "all"
    sort = args["sort"] if args.get("sort") in lists.SORTS else "changed"
    falls_at_first = lists.SORTS[sort][1]
    key = args.get("after", "")
    return lists.Wanted(
        kind=kind,
        queue_id=_id("queue"),
        words=clean_text(args.get("words"), field="words", most=search.LONGEST_WORDS),
        sort=sort,
        is_falling={"up": False, "down": True}.get(args.get("way", ""), falls_at_first),
        after=key if NUMBER.fullmatch(key) else "",
        customer_id=_id("customer"),
        company_id=_id("company"),
    )


def _id(name: str) -> int | None:
    """Return the id that is looked for; one that can be nobody's finds nothing."""
    return (typed_id(name) or 0) if request.args.get(name) else None


def _number_of(words: str) -> str:
    """Return the number of a ticket the agent may read, if that is what was typed."""
    number = words.lower().removeprefix("ticket").lstrip("# ")
    try:
        return str(ticket_of(identity(), number).ticket.number) if NUMBER.fullmatch(number) else ""
    except NotFound:
        return ""


def _address(**changes: Any) -> str:
    """Return the address of this list with some of it changed; None leaves a part out."""
    kept = {name: request.args.get(name, "") for name in FIELDS} | changes
    return path("tickets.ticket_list", **{name: value for name, value in kept.items() if value})
