"""The agents' start page, and what they choose for themselves."""

from importlib import import_module

from flask import Blueprint, Flask, render_template

from helpdesk.access import allow
from helpdesk.config import Config

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/agent/")
@allow("agent")
def home() -> str:
    """Show the dashboard."""
    return render_template("dashboard/page.html")


def init_app(app: Flask, configuration: Config) -> None:
    """Mount the dashboard and Personal Preferences."""
    import_module("helpdesk.dashboard.preferences")
    app.register_blueprint(blueprint)
