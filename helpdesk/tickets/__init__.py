"""Tickets: work that is tracked, in queues; knows nothing of chat."""

from importlib import import_module

from flask import Flask

from helpdesk import realtime
from helpdesk.config import Config
from helpdesk.tickets import housekeeping, menu, outbox, sender
from helpdesk.tickets.routes import blueprint

import_module("helpdesk.tickets.settings")  # declares them

ROUTES: tuple[str, ...] = ("creating", "customers", "lists", "zoom", "deeds", "outbox")


def init_app(app: Flask, configuration: Config) -> None:
    """Mount the agents' routes, plug into the page layout, have mail sent and see to pending tickets."""
    for name in ROUTES:
        import_module(f"helpdesk.tickets.routes.{name}")
    app.register_blueprint(blueprint)
    app.context_processor(menu.for_layout)
    app.extensions["helpdesk_mail"] = sender.Sender(app)
    realtime.every(sender.EVERY_S, sender.look, "mail")
    realtime.every(housekeeping.EVERY_S, housekeeping.run, "tickets")
    realtime.every(housekeeping.EVERY_S, outbox.forget, "old mails")
