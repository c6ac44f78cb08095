"""Customer User Information Center: customer users found, and what is known of one."""

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.tickets import customers, lists, slots
from helpdesk.tickets.routes import blueprint
from helpdesk.web import Invalid, clean_text, typed_again, typed_id


@blueprint.get("/customers")
@allow("agent")
def customer_list() -> Response:
    """Show customer users by name, those who are like the words typed."""
    customers.require(identity())
    problem, found = "", []
    page = min(typed_id("page") or 1, customers.PAGES)
    try:
        words = clean_text(request.args.get("words"), field="words", most=customers.LONGEST_WORDS)
        found = customers.found(words, (page - 1) * customers.PAGE, customers.PAGE)
    except Invalid as invalid:
        problem = invalid.message
    rendered = render_template(
        "tickets/customers.html",
        found=found[: customers.PAGE],
        has_more=len(found) > customers.PAGE,
        page=page,
        words=typed_again(request.args.get("words"), 1_000),
        problem=problem,
    )
    return make_response(rendered, 422 if problem else 200)


@blueprint.get("/customers/<id:person_id>")
@allow("agent")
def customer(person_id: int) -> str:
    """Show a customer user: details, and the tickets of him and his company that the agent may read."""
    customers.require(identity())
    shown = customers.one(person_id)
    whose = {"customer": ("Tickets", {"customer_id": shown.id})}
    if shown.company_id is not None:
        whose["company"] = (f"Tickets of {shown.company_name}", {"company_id": shown.company_id})
    return render_template(
        "tickets/customer.html",
        shown=shown,
        beside=slots.beside_customer(identity(), person_id),
        below=slots.below_customer(identity(), person_id),
        kinds=lists.KINDS,
        sections=[
            (name, title, customers.counts(identity(), **is_theirs), _newest(**is_theirs))
            for name, (title, is_theirs) in whose.items()
        ],
    )


def _newest(**is_theirs: int) -> lists.Page:
    return lists.page(identity(), lists.Wanted(**is_theirs), customers.FOUND)  # type: ignore[arg-type]
