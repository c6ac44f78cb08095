"""Waiting for an event, with a generous deadline: never for a length of time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(check: Callable[[], T], what: str | Callable[[], str] = "it to happen", within_s: float = 30) -> T:
    """Return the first true answer of `check`; fails with `what` when there is none in time."""
    deadline = time.monotonic() + within_s
    pause_s = 0.005
    while not (answer := check()):
        assert time.monotonic() < deadline, (
            f"waited {within_s} s for {what if isinstance(what, str) else what()}"
        )
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 0.1)
    return answer
