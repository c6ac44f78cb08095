"""Who hears what: topics are a function of the person, asked of the rooms above, never named by a client."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person
from helpdesk.database import db

# Topics between processes only; no socket ever hears one.
CONTROL = "control:"
ACCESS, SIGN_OUT, SETTINGS = f"{CONTROL}access", f"{CONTROL}signout", f"{CONTROL}settings"

TopicsOf = Callable[[Identity], Iterable[str]]
ReadyOf = Callable[[Identity], dict[str, Any]]
Gate = Callable[[], bool]

_topics: dict[TopicsOf, None] = {}
_ready: dict[ReadyOf, None] = {}
_gates: dict[Gate, None] = {}

_PERSON = select(
    Person.id, Person.kind, Person.name, Person.company_id, Person.access_version, Person.availability
)


def on_topics(fn: TopicsOf) -> None:
    """Have `fn(identity)` say which topics this person may hear; asked after each change of his rights."""
    _topics[fn] = None


def on_ready(fn: ReadyOf) -> None:
    """Have `fn(identity)` add its keys to the `ready` frame, which tells a page where it is behind."""
    _ready[fn] = None


def on_gate(fn: Gate) -> None:
    """Have sockets refused, and open ones closed, with 4003 while `fn()` is False."""
    _gates[fn] = None


def person_topic(person_id: int) -> str:
    """Return the topic of what is for one person alone."""
    return f"person:{person_id}"


def topics_of(identity: Identity) -> frozenset[str]:
    """Return all topics this person may hear now; reads the database."""
    heard = {person_topic(identity.person_id)}
    for fn in _topics:
        heard.update(fn(identity))
    return frozenset(topic for topic in heard if not topic.startswith(CONTROL))


def ready_text(identity: Identity) -> str:
    """Return the `ready` frame as of now; reads the database."""
    content: dict[str, Any] = {"access": identity.access_version}
    for fn in _ready:
        content.update(fn(identity))
    return json.dumps({"ready": content}, separators=(",", ":"))


def is_open() -> bool:
    """Tell whether every gate is open; reads cached settings only."""
    return all(fn() for fn in _gates)


def load(person_id: int, session_key: str) -> Identity | None:
    """Return the person as he is stored now, outside a request; None if he is not there any more."""
    row = db.session.execute(_PERSON.where(Person.id == person_id, Person.is_valid)).first()
    if row is None:
        return None
    return Identity(
        row.id, row.kind, row.name, row.company_id, session_key, row.access_version, row.availability
    )
