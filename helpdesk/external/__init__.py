"""What customers and the public see: the portal's start page and the chat window."""

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.access import allow
from helpdesk.accounts.identity import Identity, identity_or_none
from helpdesk.config import Config
from helpdesk.external import own_chats, ticket_lists, tickets, views
from helpdesk.external.window import make, make_for_customers
from helpdesk.settings import get
from helpdesk.web import render_partial

blueprint = Blueprint("external", __name__)


@blueprint.get("/")
@allow("everybody")
def front_door() -> Response:
    """Lead to the external interface."""
    return redirect(url_for("external.home"), 303)


@blueprint.get("/external/")
@allow("everybody")
def home() -> str:
    """Show the start page with the chat window at the bottom right."""
    who = identity_or_none()
    base = "/external/window" if who else "/window"
    return render_template(
        "external/page.html", identity=who, base=base, is_chat_active=get("ChatEngine::Active")
    )


def init_app(app: Flask, configuration: Config) -> None:
    """Mount the start page and the window under both guests' doors."""
    app.register_blueprint(blueprint)
    app.register_blueprint(tickets.blueprint)
    app.register_blueprint(own_chats.blueprint)
    app.register_blueprint(make("window", "/window"))
    app.register_blueprint(make_for_customers("external_window", "/external/window"))
    app.context_processor(_for_layout)


def _for_layout() -> dict[str, Any]:
    """Give the layout of external pages the menu of the customer user, and what agents ask him."""
    who = identity_or_none()
    if who is None or not who.is_customer:
        return {"incoming": None, "portal_menu": []}
    if not get("ChatEngine::Active"):
        return {"incoming": None, "portal_menu": _menu(who)}
    asked = views.incoming(who, f"{request.script_root}/external/window")
    cards = render_partial("external/_incoming.html", incoming=asked)
    return {"incoming": cards, "portal_menu": _menu(who)}


def _menu(who: Identity) -> list[tuple[str, str]]:
    """The customer user's pages: endpoints and words."""
    entries = [("portal.own_tickets", "My tickets")]
    if ticket_lists.may_see_company(who):
        entries.append(("portal.company_tickets", "Company tickets"))
    if get("ChatEngine::Active"):
        entries.append(("own_chats.closed_list", "My chats"))
    return entries
