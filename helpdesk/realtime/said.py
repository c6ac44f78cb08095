"""What clients say: small frames, checked and put together on the hub's thread, handled by the worker.

A frame is `{key: subject}` or `{key: {subject: [number, …]}}`; numbers only rise. Which keys there are the
rooms above say by `on_said`; nobody is believed here: who handles a word asks for the rights again.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from helpdesk.accounts.identity import Identity
from helpdesk.realtime import topics

MOST_SUBJECTS = 50
MOST_SPEAKERS = 2000
AT_ONCE = 200
NUMBERS = 2
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{1,40}")

Subjects = dict[str, tuple[int, ...]]
Handler = Callable[[list[tuple[Identity, Subjects]]], None]

_handlers: dict[str, Handler] = {}


def register(key: str, fn: Handler) -> None:
    """Have `fn` handle the frames with this key."""
    _handlers[key] = fn


class Said:
    """Keeps, per key and person, what was said of each subject since the worker last asked.

    Above MOST_SUBJECTS of a person, or MOST_SPEAKERS people, of one key, what is new is dropped: a hint is
    said again, and a number that was missed is reached by the next.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, dict[int, Subjects]] = {}

    def hear(self, person_id: int, frame: Mapping[str, Any]) -> None:
        """Note a client's frame; what is not well formed is passed over. Never raises."""
        for key in _handlers.keys() & frame.keys():
            said = dict(_subjects(frame[key]))
            if said:
                with self._lock:
                    self._note(self._waiting.setdefault(key, {}), person_id, said)

    def handle(self, key: str) -> None:
        """Hand what waits over, as of people as they are now; within an app context, not on the hub."""
        taken = self._take(key)
        if not taken:
            return
        known = [(topics.load(person_id, ""), said) for person_id, said in taken.items()]
        _handlers[key]([(identity, said) for identity, said in known if identity is not None])

    def _take(self, key: str) -> dict[int, Subjects]:
        """The first AT_ONCE people; who speaks on meanwhile stands behind the others."""
        with self._lock:
            waiting = self._waiting.get(key, {})
            return {person_id: waiting.pop(person_id) for person_id in list(waiting)[:AT_ONCE]}

    def _note(self, waiting: dict[int, Subjects], person_id: int, said: Subjects) -> None:
        if person_id not in waiting and len(waiting) >= MOST_SPEAKERS:
            return
        known = waiting.setdefault(person_id, {})
        for subject, numbers in said.items():
            if subject in known:
                known[subject] = _higher(known[subject], numbers)
            elif len(known) < MOST_SUBJECTS:
                known[subject] = numbers


def _subjects(value: object) -> Iterator[tuple[str, tuple[int, ...]]]:
    pairs = value.items() if isinstance(value, dict) else [(value, [])]
    for subject, numbers in pairs:
        if isinstance(subject, str) and _SUBJECT.fullmatch(subject) and _are_numbers(numbers):
            yield subject, tuple(numbers)


def _are_numbers(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= NUMBERS
        and all(type(each) is int and 0 <= each < 2**53 for each in value)
    )


def _higher(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return tuple(max(pair) for pair in zip(longer, shorter, strict=False)) + longer[len(shorter) :]
