"""A coarse limit on lines per person and minute, in memory: a flood meets it in every process."""

import time
from collections import Counter
from threading import Lock

from flask import current_app

from helpdesk import settings
from helpdesk.web import TooMany

WINDOW_S = 60


class LineCounter:
    """Lines per person in the running minute; emptied when the next begins, so it stays small."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._window = 0
        self._counts: Counter[int] = Counter()

    def add(self, person_id: int) -> int:
        """Count one line and return the person's number in this minute."""
        window = int(time.monotonic()) // WINDOW_S
        with self._lock:
            if window != self._window:
                self._window = window
                self._counts.clear()
            self._counts[person_id] += 1
            return self._counts[person_id]


def count_line(person_id: int) -> None:
    """Count a line of a person; raises TooMany behind `ChatEngine::MessageLimit` lines in a minute."""
    counter: LineCounter = current_app.extensions["helpdesk_line_counter"]
    if counter.add(person_id) > settings.get("ChatEngine::MessageLimit"):
        raise TooMany(
            "You are writing faster than we can read. Please wait a moment; your text is kept.", WINDOW_S
        )
