"""What clients say: put together on the hub, handled by the worker; bounded, hostile frames do nothing."""

import json
import queue
from typing import Any

import pytest

from helpdesk.realtime import said as saying
from helpdesk.realtime import topics
from helpdesk.realtime.said import AT_ONCE, MOST_SPEAKERS, MOST_SUBJECTS, Said
from tests.realtime import here as at
from tests.realtime.helpers import DEADLINE_S
from tests.support.waiting import until

HOSTILE: tuple[object, ...] = (
    None,
    True,
    7,
    -1.5,
    "",
    "x" * 41,
    "a b",
    "\x00",
    "’; DROP TABLE chat",
    [],
    ["chat"],
    [["chat", 1]],
    {"chat": 1},
    {"chat": "1"},
    {"chat": None},
    {"chat": [-1]},
    {"chat": [1.0, 2.0]},
    {"chat": [True, True]},
    {"chat": [2**53]},
    {"chat": [10**300]},
    {"chat": [1, 2, 3]},
    {"chat": [[1], 2]},
    {"chat": {"chat": [1]}},
    {"": [1], "x" * 41: [1], "../..": [1]},
)


@pytest.fixture
def heard(monkeypatch):
    """What the handler of "word" gets, by person; people are who they say they are."""
    found: dict[int, dict[str, tuple[int, ...]]] = {}
    monkeypatch.setattr(saying, "_handlers", {"word": lambda words: found.update(dict(words))})
    monkeypatch.setattr(topics, "load", lambda person_id, key: person_id or None)
    return found


def handled(said, heard):
    heard.clear()
    said.handle("word")
    return dict(heard)


def test_what_a_person_says_twice_is_handled_once_with_the_highest_numbers(heard):
    said = Said()
    for frame in ({"a": [3, 1]}, {"a": [2, 2], "b": [1]}, "c", "c", {"a": [0]}):
        said.hear(1, {"word": frame})
    assert handled(said, heard) == {1: {"a": (3, 2), "b": (1,), "c": ()}}
    assert handled(said, heard) == {}


def test_hostile_frames_say_nothing(heard, caplog):
    said = Said()
    for value in HOSTILE:
        said.hear(1, {"word": value, "other": value, "": value})
    assert handled(said, heard) == {}
    assert caplog.records == []


def test_a_person_has_a_bounded_number_of_subjects_and_what_is_known_still_rises(heard):
    said = Said()
    for number in range(3 * MOST_SUBJECTS):
        said.hear(1, {"word": {f"s{number}": [1]}})
    said.hear(1, {"word": {"s0": [5], "new": [5]}})
    [words] = handled(said, heard).values()
    assert len(words) == MOST_SUBJECTS
    assert words["s0"] == (5,)


def test_a_bounded_number_of_people_waits_and_is_handled_in_turns(heard):
    said = Said()
    for person_id in range(1, MOST_SPEAKERS + 100):
        said.hear(person_id, {"word": "s"})
    turns = []
    while some := handled(said, heard):
        turns.append(len(some))
    assert set(turns) == {AT_ONCE}
    assert sum(turns) == MOST_SPEAKERS
    said.hear(0, {"word": "s"})
    assert handled(said, heard) == {}, "who is nobody any more said nothing"


def test_over_a_socket_it_reaches_the_handler_as_the_person_of_the_socket(here, plug):
    words: queue.Queue[Any] = queue.Queue()
    plug.on_said("word", words.put, 0.05)
    here.service.worker.stop(DEADLINE_S)
    token = at.sign_in("agent1")
    with at.socket(here.port, token=token) as client:
        at.ready(client)
        for frame in ({"word": value} for value in HOSTILE):
            client.say(json.dumps(frame))
        client.say(json.dumps({"word": {"chat": [2, 1]}, "active": True}))
        client.say(json.dumps({"nonsense": {"chat": [2, 1]}}))
        client.sock.sendall(b"")
        until(lambda: here.service.said._waiting.get("word"), "the hub to have heard it")
        here.service.said.handle("word")
    [(identity, subjects)] = words.get(timeout=DEADLINE_S)
    assert identity.person_id == at.person_id("agent1")
    assert subjects == {"chat": (2, 1)}
