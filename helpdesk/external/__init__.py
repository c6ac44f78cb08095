"""What customers and the public see: the portal's start page and the chat window."""

from flask import Blueprint, Flask, redirect, render_template, url_for
from werkzeug.wrappers import Response

from helpdesk.access import allow
from helpdesk.accounts.identity import identity_or_none
from helpdesk.config import Config
from helpdesk.external.window import customers_only, make
from helpdesk.settings import get

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
    customers = make("external_window", "/external/window")
    customers.before_request(customers_only)
    app.register_blueprint(customers)
