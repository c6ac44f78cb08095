"""Connections ordered by a deadline that is always the same time away."""

from collections import OrderedDict
from collections.abc import Iterator

from helpdesk.realtime.connection import Connection


class Deadlines:
    """Used by the hub thread only; every operation takes the same time however many there are."""

    __slots__ = ("_after_s", "_due")

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._due: OrderedDict[Connection, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._due)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._due))

    def push(self, connection: Connection, now: float) -> None:
        """Start its time again."""
        self._due[connection] = now + self._after_s
        self._due.move_to_end(connection)

    def drop(self, connection: Connection) -> None:
        self._due.pop(connection, None)

    def next_at(self) -> float:
        """Monotonic seconds of the first deadline, infinity if there is none."""
        return next(iter(self._due.values()), float("inf"))

    def overdue(self, now: float, at_most: int) -> list[Connection]:
        """Take out those whose time is over."""
        late: list[Connection] = []
        while len(late) < at_most and self.next_at() <= now:
            late.append(self._due.popitem(last=False)[0])
        return late
