"""The heart: channels, requests, chats, and the agents' screens for them."""

from importlib import import_module
from typing import Any

from flask import Flask

from helpdesk import realtime
from helpdesk.accounts.identity import identity_or_none
from helpdesk.chat import desk, ghosts, linked, lost, said, subscriptions, tell
from helpdesk.chat.limits import LineCounter
from helpdesk.chat.routes import blueprint
from helpdesk.config import Config
from helpdesk.settings import get

import_module("helpdesk.chat.settings")  # declares them

ROUTES = (
    "about",
    "asking",
    "closed",
    "attachments",
    "canned",
    "closing",
    "console",
    "diagnosis",
    "hand_over",
    "lists",
    "menu",
    "messages",
    "monitoring",
    "participation",
    "personal",
    "requests",
    "ticketing",
    "transcripts",
    "verification",
)


def init_app(app: Flask, configuration: Config) -> None:
    """Mount the agents' routes and plug into realtime and the page layout."""
    for name in ROUTES:
        import_module(f"helpdesk.chat.routes.{name}")
    app.register_blueprint(blueprint)
    app.register_blueprint(import_module("helpdesk.chat.routes.verification").blueprint)
    app.extensions["helpdesk_line_counter"] = LineCounter()
    app.context_processor(_for_layout)
    realtime.on_topics(subscriptions.topics_of)
    realtime.on_ready(subscriptions.ready_of)
    realtime.on_gate(_is_active)
    realtime.on_presence(_tell_circles)
    realtime.every(ghosts.EVERY_S, _sweep_ghosts, "ghosts")
    realtime.every(lost.EVERY_S, _sweep_offers, "offers")
    said.plug_in()
    linked.plug_in()


def _is_active() -> bool:
    return bool(get("ChatEngine::Active"))


def _sweep_ghosts() -> None:
    if _is_active():
        ghosts.sweep()


def _sweep_offers() -> None:
    if _is_active():
        lost.sweep()


def _tell_circles(changes: list[realtime.Change]) -> None:
    tell.circles_of([change.person_id for change in changes])


def _for_layout() -> dict[str, Any]:
    """Give the layout of agent pages its chat slots; pages of other doors have none."""
    who = identity_or_none()
    if who is None or not who.is_agent:
        return {"may_chat": False, "may_diagnose": False}
    return desk.toolbar()
