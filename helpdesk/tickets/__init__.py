"""Tickets: work that is tracked, in queues; knows nothing of chat."""

from importlib import import_module

from flask import Flask

from helpdesk.config import Config

import_module("helpdesk.tickets.settings")  # declares them


def init_app(app: Flask, configuration: Config) -> None:
    """Attach the room."""
