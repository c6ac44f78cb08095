"""The agents' start page, and what they choose for themselves."""

from importlib import import_module

from flask import Blueprint, Flask

from helpdesk.config import Config

blueprint = Blueprint("dashboard", __name__)


def init_app(app: Flask, configuration: Config) -> None:
    """Mount the dashboard and Personal Preferences."""
    for name in ("preferences", "routes"):
        import_module(f"helpdesk.dashboard.{name}")
    app.register_blueprint(blueprint)
