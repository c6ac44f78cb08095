"""Closing all connections of a stopping process, spread so that the clients do not come back all at once."""

from collections import deque

from helpdesk.realtime.connection import Connection

SPREAD_S = 0.3
SPREAD_EACH_S = 0.001
ANSWER_S = 0.2
LIMIT_S = SPREAD_S + ANSWER_S


class Farewell:
    """Says who is to be closed by now, and when waiting for the peers' answers has to end."""

    def __init__(self, connections: tuple[Connection, ...], code: int, now: float) -> None:
        self.code = code
        self._left = deque(connections)
        self._total = len(connections)
        self._began_at = now
        self._spread_s = min(SPREAD_S, self._total * SPREAD_EACH_S)

    def due(self, now: float) -> list[Connection]:
        """Take out those whose turn has come."""
        elapsed_s = now - self._began_at
        share = 1.0 if elapsed_s >= self._spread_s else elapsed_s / self._spread_s
        keep = self._total - int(self._total * share)
        return [self._left.popleft() for _ in range(len(self._left) - keep)]

    def is_over(self, now: float, unanswered: int) -> bool:
        """All are closed, and have answered or had their time to."""
        return not self._left and (not unanswered or now > self._began_at + self._spread_s + ANSWER_S)
