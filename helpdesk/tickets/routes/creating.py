"""New phone ticket: the form, the search of customer users in it, and the ticket it makes."""

from flask import Response, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.access import allow, takes
from helpdesk.accounts.identity import identity
from helpdesk.database import transaction
from helpdesk.tickets import creating, customers, forms, uploads
from helpdesk.tickets.reach import NUMBER, ticket_of
from helpdesk.tickets.routes import blueprint
from helpdesk.web import Invalid, NotFound, path, render_partial, typed_again


@blueprint.route("/tickets/new", methods=["GET", "POST"])
@allow("agent")
@takes(uploads.most_bytes)
def new() -> AnyResponse:
    """Show the form, and make the ticket: once, however often it is sent. What is wrong answers 422."""
    if request.method != "POST":
        known = {name: typed_again(request.args.get(name), 255) for name in ("customer", "queue", "subject")}
        return _page(forms.filled(**known))
    if "find" in request.form:
        return _page(forms.typed_into(request.form))
    try:
        wanted, draft = forms.read(identity(), request.form, uploads.checked(request.files.getlist("files")))
        with transaction() as tx:
            made = creating.create(tx, wanted, draft)
    except Invalid as refusal:
        return _page(forms.typed_into(request.form), refusal)
    return redirect(_address(made.number), 303)


@blueprint.get("/tickets/new/customers")
@allow("agent")
def customer_choices() -> Markup:
    """Answer the customer users who are like the words typed, the chosen one first."""
    customers.require(identity())
    found, has_more = forms.people(request.args)
    typed = {"chosen": request.args.get("customer", ""), "is_searched": bool(request.args.get("words"))}
    return render_partial("tickets/_customer_choices.html", found=found, has_more=has_more, **typed)


def _page(typed: dict[str, str], refusal: Invalid | None = None) -> Response:
    customers.require(identity())
    made, offer = request.args.get("made", ""), uploads.offer(request.files.getlist("files"))
    page = render_template(
        "tickets/new.html",
        form=forms.shown(identity(), typed, refusal, offer),
        made=made if NUMBER.fullmatch(made) else "",
    )
    return make_response(page, refusal.status if refusal else 200)


def _address(number: str) -> str:
    """Where its maker goes: to the ticket, or back where he may not read it."""
    try:
        ticket_of(identity(), number)
    except NotFound:
        return path("tickets.new", made=number)
    return path("tickets.zoom", number=number)
