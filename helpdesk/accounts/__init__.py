"""Accounts: who somebody is, how he comes in and what he may."""

from flask import Flask
from flask_login import LoginManager

from helpdesk.accounts import (
    limits,
    passwords,
    people,
    permissions,
    preferences,
    sessions,
    signing_in,
    visitors,
)
from helpdesk.accounts import settings as _settings  # noqa: F401 (declares them)
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.listeners import on_access_change, on_sign_out
from helpdesk.accounts.loading import load_identity, load_session
from helpdesk.accounts.routes import blueprint
from helpdesk.config import Config

__all__ = [
    "Identity",
    "clean",
    "init_app",
    "limits",
    "load_identity",
    "on_access_change",
    "on_sign_out",
    "passwords",
    "people",
    "permissions",
    "preferences",
    "sessions",
    "signing_in",
    "visitors",
]


def init_app(app: Flask, configuration: Config) -> None:
    """Attach Flask-Login, which only asks for the session row, and the pages for signing in."""
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(load_session)
    manager.init_app(app, add_context_processor=False)
    app.register_blueprint(blueprint)
    app.context_processor(preferences.for_pages)
    signing_in.prepare_log()


def clean() -> None:
    """Delete counters, sessions and capabilities that are over, and commit; for the housekeeping timer."""
    limits.clean()
    sessions.clean()
