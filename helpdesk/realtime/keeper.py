"""The life of adopted connections: reading, flushing, pinging, closing."""

import logging
import selectors
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from helpdesk.realtime import frames
from helpdesk.realtime.connection import Connection, Wrote
from helpdesk.realtime.deadlines import Deadlines
from helpdesk.realtime.farewell import LIMIT_S, Farewell
from helpdesk.realtime.pump import Pump
from helpdesk.realtime.reader import Closing, Reader
from helpdesk.realtime.registry import Registry

NORMAL, GOING_AWAY, POLICY_VIOLATION, INTERNAL_ERROR, TRY_AGAIN_LATER = 1000, 1001, 1008, 1011, 1013
LINGER_S = 5.0
STUCK_S = 20.0
FLOOD_S = 10.0
AT_ONCE = 64
GRAIN_S = 0.02
PING = frames.ping()

log = logging.getLogger(__name__)


class Keeper:
    """Keeps what the registry lists; a connection that ends leaves the registry first and is reported once.

    The public methods are for any thread, the private ones run on the hub's. A closed connection lingers
    until the peer has hung up, at most 5 s, so that our close frame is not overtaken by a reset. Work that
    grows with the number of sockets is done in slices, so that no turn of the thread is long.
    """

    def __init__(
        self,
        registry: Registry,
        on_text: Callable[[Connection, str], None],
        on_close: Callable[[Connection], None],
        *,
        ping_every_s: float,
        silent_after_s: float,
        outbox_bytes: int,
        frame_bytes: int,
        flood_frames: int,
    ) -> None:
        self._registry = registry
        self._on_text, self._on_close = on_text, on_close
        self._outbox_bytes = outbox_bytes
        self._frame_bytes, self._flood_frames = frame_bytes, flood_frames
        self._silent, self._stuck = Deadlines(silent_after_s), Deadlines(STUCK_S)
        self._lingering = Deadlines(LINGER_S)
        # Each in its own time: thousands at once, and as many answers, would hold everybody else up.
        self._unpinged = Deadlines(ping_every_s)
        self._forgive_at = time.monotonic()
        self._heard: Counter[Connection] = Counter()
        self._farewell: Farewell | None = None
        self.pump = Pump(self._serve, self._tick)

    def keep(self, connection: Connection, early: bytes) -> None:
        """Read and watch over a connection; `early` is what was read of it before."""
        self.pump.post(partial(self._begin, connection, early))

    def write(self, connection: Connection, frame: bytes) -> None:
        """Send without waiting; too much in the outbox closes with 1013, a broken connection is dropped."""
        wrote = connection.write(frame, self._outbox_bytes)
        if wrote is Wrote.QUEUED:
            self.pump.post(partial(self._watch, connection))
        elif wrote is Wrote.FULL:
            self.close(connection, TRY_AGAIN_LATER, "too slow")
        elif wrote is Wrote.BROKEN:
            self.close(connection, GOING_AWAY)

    def close(self, connection: Connection, code: int, reason: str = "") -> None:
        """Send a close frame behind what waits; from now on it is not listed."""
        if connection.shut(frames.close(code, reason)):
            self._registry.leave(connection)
            self.pump.post(partial(self._see_off, connection))

    def close_all(self, code: int) -> None:
        """Close everything, spread, and end the thread; returns when it has ended or after 1 s."""
        self.pump.post(partial(self._say_farewell, code))
        self.pump.join(2 * LIMIT_S)

    def _begin(self, connection: Connection, early: bytes) -> None:
        self._watch(connection)
        now = time.monotonic()
        self._silent.push(connection, now)
        self._unpinged.push(connection, now)
        if early:
            self._hear(connection, early)

    def _watch(self, connection: Connection) -> None:
        """Bring selector and deadlines in line with what the connection waits for."""
        if connection.is_ended:
            return
        readiness = 0 if connection.is_half_closed else selectors.EVENT_READ
        if connection.is_backed_up:
            self._stuck.push(connection, time.monotonic())
            readiness |= selectors.EVENT_WRITE
        else:
            self._stuck.drop(connection)
        if readiness:
            self.pump.watch(connection, readiness)
        else:
            self._end(connection)

    def _see_off(self, connection: Connection) -> None:
        self._silent.drop(connection)
        self._unpinged.drop(connection)
        if not connection.is_ended:
            self._lingering.push(connection, time.monotonic())
            self._watch(connection)
        self._on_close(connection)

    def _say_farewell(self, code: int) -> None:
        if self._farewell is None:
            self._farewell = Farewell(self._registry.all(), code, time.monotonic())

    def _end(self, connection: Connection) -> None:
        self.pump.unwatch(connection)
        self._lingering.drop(connection)
        self._stuck.drop(connection)
        self._silent.drop(connection)
        self._unpinged.drop(connection)
        connection.end()

    def _serve(self, connection: Connection, readiness: int) -> None:
        if readiness & selectors.EVENT_WRITE:
            self._flush(connection)
        if readiness & selectors.EVENT_READ and not connection.is_ended:
            self._read(connection)

    def _flush(self, connection: Connection) -> None:
        if connection.flush() is Wrote.BROKEN:
            self.close(connection, GOING_AWAY)
            self._end(connection)
        else:
            self._watch(connection)

    def _read(self, connection: Connection) -> None:
        data = connection.receive()
        if data is None:
            return
        if not data:
            self._meet_end_of_stream(connection)
        elif not connection.is_shut:
            self._silent.push(connection, time.monotonic())
            self._hear(connection, data)

    def _meet_end_of_stream(self, connection: Connection) -> None:
        """The peer has sent all it will, but may still be reading: what waits for it is flushed first."""
        connection.is_half_closed = True
        self.close(connection, NORMAL)
        self._watch(connection)

    def _hear(self, connection: Connection, data: bytes) -> None:
        reader = connection.reader or Reader(self._frame_bytes)
        try:
            for heard in reader.feed(data):
                self._take(connection, heard)
        except Closing as closing:
            self.close(connection, closing.code)
        except Exception:
            log.exception("Reading from %r failed", connection)
            self.close(connection, INTERNAL_ERROR)
        connection.reader = None if reader.is_at_rest or connection.is_shut else reader

    def _take(self, connection: Connection, heard: str | bytes) -> None:
        self._heard[connection] += 1
        if self._heard[connection] > self._flood_frames:
            raise Closing(POLICY_VIOLATION)
        if connection.is_shut:
            return
        if isinstance(heard, str):
            self.pump.guard(partial(self._on_text, connection, heard))
        elif heard:
            self.write(connection, heard)

    def _tick(self, now: float) -> float | None:
        for connection in self._silent.overdue(now, AT_ONCE):
            self.close(connection, GOING_AWAY, "silent")
        for connection in self._stuck.overdue(now, AT_ONCE):
            self.close(connection, TRY_AGAIN_LATER, "too slow")
        for connection in self._lingering.overdue(now, AT_ONCE):
            self._end(connection)
        for connection in self._unpinged.overdue(now, AT_ONCE):
            if not connection.is_shut:
                self._unpinged.push(connection, now)
                self.write(connection, PING)
        self._forgive(now)
        return self._next_tick_s(now) if self._farewell is None else self._part(self._farewell, now)

    def _forgive(self, now: float) -> None:
        if now >= self._forgive_at:
            self._forgive_at = now + FLOOD_S
            self._heard.clear()

    def _next_tick_s(self, now: float) -> float:
        deadlines = (self._silent, self._stuck, self._lingering, self._unpinged)
        first_at = min(self._forgive_at, *(each.next_at() for each in deadlines))
        # What is due soon is done together.
        return max(GRAIN_S, first_at - now) if first_at > now else 0.0

    def _part(self, farewell: Farewell, now: float) -> float | None:
        for connection in farewell.due(now):
            self.close(connection, farewell.code, "restarting")
        if not farewell.is_over(now, len(self._lingering) + self.pump.waiting):
            return 0.005
        for connection in (*self._registry.all(), *self._lingering):
            connection.shut(frames.close(farewell.code))
            self._end(connection)
        return None
