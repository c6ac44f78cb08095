"""Realtime: who hears what, at once; knows sockets, topics and presence, and nothing of what is said."""

from functools import partial
from importlib import import_module

from flask import Flask, current_app

from helpdesk import accounts
from helpdesk.accounts.identity import Identity
from helpdesk.config import Config
from helpdesk.realtime import live, presence, said
from helpdesk.realtime.handover import SERVER_OPTIONS
from helpdesk.realtime.presence import Change, PresenceState, is_connected, on_presence, states
from helpdesk.realtime.service import Service
from helpdesk.realtime.topics import on_gate, on_ready, on_topics
from helpdesk.realtime.worker import every
from helpdesk.settings import on_change

import_module("helpdesk.realtime.settings")  # declares them

__all__ = [
    "Change",
    "PresenceState",
    "Service",
    "access_changed",
    "every",
    "init_app",
    "is_connected",
    "on_gate",
    "on_presence",
    "on_ready",
    "on_said",
    "on_topics",
    "presence",
    "publish",
    "resubscribe",
    "seen",
    "service",
    "states",
]


def init_app(app: Flask, configuration: Config) -> None:
    """Attach the service, which the server starts after its fork, and the sockets of the three doors."""
    app.extensions["helpdesk_realtime"] = Service(app, configuration)
    app.config["SOCK_SERVER_OPTIONS"] = {**SERVER_OPTIONS, "subprotocols": live.VisitorProtocols()}
    app.register_blueprint(live.blueprint)
    on_change(_settings_changed)
    accounts.on_access_change(access_changed)
    accounts.on_sign_out(_signed_out)
    every(5, _tick, "presence")
    every(15, _beat, "leases")
    every(600, _clean, "expired leases")
    every(3600, accounts.clean, "expired sessions")


def service() -> Service:
    """Return the service of the current app."""
    found = current_app.extensions["helpdesk_realtime"]
    assert isinstance(found, Service)
    return found


def publish(topic: str, text: str) -> None:
    """Send a text to all who hear the topic, in every process; a hint: the database is the truth."""
    service().publish(topic, text)


def seen(identity: Identity, is_activity: bool) -> None:
    """Note a request of this person; commits if he was not here before."""
    service().seen(identity, is_activity)


def on_said(key: str, fn: said.Handler, wait_s: float) -> None:
    """Have `fn([(identity, {subject: numbers}), …])` handle what clients say under `key`.

    At most every `wait_s`, on the worker's thread in an app context; each person once, put together. The
    subjects and numbers are well formed, and no more than that: rights are for `fn` to ask.
    """
    said.register(key, fn)
    every(wait_s, partial(_handle_said, key), f"said {key}")


def access_changed(person_id: int) -> None:
    """Have this person's sockets fitted to his rights in every process: subscribed anew, narrowed or closed.

    A socket that hears more than before is sent `ready` again. To be called after the commit.
    """
    service().access_changed(person_id)


def resubscribe(person_id: int) -> None:
    """Have this person's topics worked out anew in every process; the same as `access_changed`."""
    service().access_changed(person_id)


def _signed_out(person_id: int, session_key: str) -> None:
    service().signed_out(person_id, session_key)


def _settings_changed(name: str) -> None:
    service().settings_changed(name)


def _tick() -> None:
    service().tick()


def _beat() -> None:
    service().beat()


def _handle_said(key: str) -> None:
    service().said.handle(key)


def _clean() -> None:
    service().clean()
