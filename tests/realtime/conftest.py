"""Fixtures of the realtime tests: the app on a real server inside the test's process."""

from typing import Any

import pytest

from helpdesk import realtime
from helpdesk.database import db
from helpdesk.realtime import presence, said, topics, worker
from tests.realtime.here import Here


@pytest.fixture
def here(database_url, tmp_path):
    made = Here(database_url, tmp_path)
    with made.app.app_context():
        yield made
        db.session.remove()
    made.finish()


@pytest.fixture
def plug():
    """Registers functions with realtime for this test only."""
    places: tuple[dict[Any, Any], ...] = (
        topics._topics,
        topics._ready,
        topics._gates,
        presence._listeners,
        said._handlers,
        worker._periodic,
    )
    before = [place.copy() for place in places]
    yield realtime
    for place, kept in zip(places, before, strict=True):
        place.clear()
        place.update(kept)


@pytest.fixture
def changes(app):
    """What this process announces; the rooms above do not listen meanwhile."""
    heard: list[realtime.Change] = []
    listeners = presence._listeners.copy()
    presence._listeners.clear()
    realtime.on_presence(heard.extend)
    yield heard
    presence._listeners.clear()
    presence._listeners.update(listeners)
