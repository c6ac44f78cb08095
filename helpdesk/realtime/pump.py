"""The hub's thread: waits on a selector, runs what other threads ask for, and outlives every failure."""

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from helpdesk.realtime.connection import Connection

CALLS_AT_ONCE = 64

log = logging.getLogger(__name__)


class Pump:
    """One thread, one selector.

    `serve(connection, readiness)` is called when a watched connection can be read or written. `tick(now)` is
    called after each turn with monotonic seconds and returns for how many seconds it need not be called
    again, or None to end the thread. Only this thread may call `watch` and `unwatch`; any thread may `post`.
    """

    def __init__(
        self, serve: Callable[[Connection, int], None], tick: Callable[[float], float | None]
    ) -> None:
        self._serve, self._tick = serve, tick
        self._calls: deque[Callable[[], None]] = deque()
        self._is_woken = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, once; the selector is made here because it does not survive a fork."""
        with self._starting:
            if self._thread is None:
                self._selector = selectors.DefaultSelector()
                self._bell, self._ear = socket.socketpair()
                self._bell.setblocking(False)
                self._ear.setblocking(False)
                self._selector.register(self._ear, selectors.EVENT_READ)
                self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
                self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for the end of the thread; at once if it never ran, or from itself."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def post(self, call: Callable[[], None]) -> None:
        """Have it called on the thread soon; calls are kept in order."""
        self._calls.append(call)
        # Cleared before the queue is emptied and looked at after it is filled, so no call is left behind.
        if not self._is_woken and self._thread is not None:
            self._is_woken = True
            with suppress(OSError):
                self._bell.send(b"!")

    @property
    def waiting(self) -> int:
        """Posted calls that have not run yet."""
        return len(self._calls)

    def watch(self, connection: Connection, readiness: int) -> None:
        """Serve the connection from now on when it is ready in this way (EVENT_READ, EVENT_WRITE or both)."""
        try:
            self._selector.modify(connection, readiness, connection)
        except KeyError:
            self._selector.register(connection, readiness, connection)

    def unwatch(self, connection: Connection) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(connection)

    def guard(self, call: Callable[[], None]) -> None:
        """Run it; a failure is logged and over."""
        try:
            call()
        except Exception:
            log.exception("The hub goes on after a failure")

    def _run(self) -> None:
        patience_s: float | None = 0.0
        while patience_s is not None:
            for key, readiness in self._selector.select(0 if self._calls else patience_s):
                if key.data is not None:
                    self.guard(partial(self._serve, key.data, readiness))
            self._answer_calls()
            patience_s = self._next_patience()
        self._selector.close()
        self._bell.close()
        self._ear.close()

    def _answer_calls(self) -> None:
        if self._is_woken:
            with suppress(BlockingIOError):
                self._ear.recv(CALLS_AT_ONCE)
            self._is_woken = False
        for _ in range(min(len(self._calls), CALLS_AT_ONCE)):
            self.guard(self._calls.popleft())

    def _next_patience(self) -> float | None:
        try:
            return self._tick(time.monotonic())
        except Exception:
            log.exception("The hub goes on after a failure")
            return 1.0
