"""What customers and the public see: the portal's start page and the chat window."""

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.access import allow
from helpdesk.accounts.identity import identity_or_none
from helpdesk.config import Config
from helpdesk.external import views
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
    app.register_blueprint(make("window", "/window"))
    app.register_blueprint(make_for_customers("external_window", "/external/window"))
    app.context_processor(_for_layout)


def _for_layout() -> dict[str, Any]:
    """Give the layout of external pages what agents ask the customer user who reads them."""
    who = identity_or_none()
    if who is None or not who.is_customer or not get("ChatEngine::Active"):
        return {"incoming": None}
    asked = views.incoming(who, f"{request.script_root}/external/window")
    return {"incoming": render_partial("external/_incoming.html", incoming=asked)}
