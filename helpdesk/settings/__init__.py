"""System configuration: each setting is declared once by its room, may be overridden, and acts at once."""

from flask import Flask

from helpdesk.config import Config
from helpdesk.settings import store
from helpdesk.settings.registry import Setting, between, declare, declared, one_of, web_address
from helpdesk.settings.store import get, on_change, put, refresh, version

__all__ = [
    "Setting",
    "between",
    "declare",
    "declared",
    "get",
    "init_app",
    "on_change",
    "one_of",
    "put",
    "refresh",
    "version",
    "web_address",
]


def init_app(app: Flask, configuration: Config) -> None:
    """Give `app` its own cache; it is filled when first asked, so that migrations can run before."""
    app.extensions["helpdesk_settings"] = store.Cache()
