"""The outbox, for administrators: which mails went, which wait and why, and what becomes of them."""

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from helpdesk.access import allow
from helpdesk.accounts import permissions
from helpdesk.accounts.identity import identity
from helpdesk.tickets import outbox as mails
from helpdesk.tickets import sender
from helpdesk.tickets.models import DROPPED, FAILED, SENT, WAITING
from helpdesk.tickets.routes import blueprint
from helpdesk.web import NotFound, path, typed_id

STATES = (WAITING, FAILED, SENT, DROPPED)
LAST_PAGE = 10_000


@blueprint.get("/outbox")
@allow("agent")
def outbox() -> str:
    """Show a page of mails, of one state or of all; there is no such page for others."""
    _require_admin()
    page = min(typed_id("page") or 0, LAST_PAGE)
    entries, has_more = mails.page(_state(), page)
    return render_template(
        "tickets/outbox.html",
        entries=entries,
        has_more=has_more,
        page=page,
        state=_state(),
        states=STATES,
        is_configured=sender.is_configured(),
    )


@blueprint.post("/outbox/<id:number>/retry")
@allow("agent")
def retry_mail(number: int) -> Response:
    """Have a mail tried again, from the beginning."""
    _require_admin()
    mails.retry(number, identity().person_id)
    return _back()


@blueprint.post("/outbox/<id:number>/drop")
@allow("agent")
def drop_mail(number: int) -> Response:
    """Have a mail not sent; *Retry* undoes it."""
    _require_admin()
    mails.drop(number, identity().person_id)
    return _back()


def _require_admin() -> None:
    if not permissions.is_admin(identity().person_id):
        raise NotFound()


def _state() -> str:
    return state if (state := request.values.get("state", "")) in STATES else ""


def _back() -> Response:
    where = {name: value for name, value in (("state", _state()), ("page", typed_id("page"))) if value}
    return redirect(path("tickets.outbox", **where), 303)
