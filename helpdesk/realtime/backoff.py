"""Waiting times between attempts to reach something that is down."""

import random

FIRST_S, LONGEST_S = 0.25, 5.0


class Backoff:
    """Doubles from 0.25 s to 5 s, each spread by a half so that processes do not come back in step."""

    def __init__(self) -> None:
        self._next_s = FIRST_S

    def delay_s(self) -> float:
        delay_s = self._next_s * random.uniform(0.5, 1.5)  # noqa: S311 - it only has to differ
        self._next_s = min(LONGEST_S, self._next_s * 2)
        return delay_s

    def reset(self) -> None:
        self._next_s = FIRST_S
