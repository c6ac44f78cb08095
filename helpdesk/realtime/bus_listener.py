"""What both remote buses share: the envelope, the listening thread, reconnecting, quiet failures."""

import logging
import secrets
import threading
from collections.abc import Callable
from time import monotonic

from helpdesk.realtime.backoff import Backoff
from helpdesk.realtime.bus import Deliver, Notice

CHANNEL = "helpdesk"
SLICE_S = 0.5
PING_EVERY_S = 10.0
ANSWER_WITHIN_S = 5.0
REST_AFTER_FAILURE_S = 2.0

log = logging.getLogger(__name__)


class RemoteBus:
    """Base of a bus with a server behind it: subclasses say how to `_send` and how to `_listen`."""

    def __init__(self, *, deliver: Deliver, on_lost: Notice, on_back: Notice) -> None:
        self._deliver, self._on_lost, self._on_back = deliver, on_lost, on_back
        self._origin = secrets.token_hex(8)
        self._stopping = threading.Event()
        self._listening = threading.Event()
        self._thread: threading.Thread | None = None
        self._sending = _Failures("The backplane takes no messages; pages catch up by polling")
        self._hearing = _Failures("The backplane is not heard; sockets are closed until it is")
        self._backoff = Backoff()

    @property
    def is_listening(self) -> bool:
        return self._listening.is_set()

    def start(self) -> None:
        """Start listening, once; after a fork, because a number drawn here tells processes apart."""
        if self._thread is None:
            self._origin = secrets.token_hex(8)
            self._thread = threading.Thread(target=self._run, name="bus", daemon=True)
            self._thread.start()

    def publish(self, topic: str, text: str) -> None:
        """Tell the other processes; after a failure none is told for 2 s, so no request waits in vain."""
        if self._sending.is_resting:
            return
        try:
            self._send(f"{self._origin}\n{topic}\n", text)
        except Exception as failure:
            log.debug("Publishing failed", exc_info=True)
            self._sending.note(failure)
        else:
            self._sending.clear()

    def stop(self) -> None:
        """Let the thread end within half a second; nothing is waited for."""
        self._stopping.set()

    def _send(self, envelope: str, text: str) -> None:
        raise NotImplementedError

    def _listen(self, while_this: Callable[[], bool]) -> None:
        """Subscribe, call `_begin_listening`, hand payloads to `_receive`; raises when it breaks."""
        raise NotImplementedError

    def _begin_listening(self) -> None:
        self._hearing.clear()
        self._backoff.reset()
        self._listening.set()
        self._guard(self._on_back)

    def _receive(self, payload: str) -> None:
        origin, _, rest = payload.partition("\n")
        topic, separator, text = rest.partition("\n")
        if separator and origin != self._origin:
            self._guard(lambda: self._deliver(topic, text))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen(lambda: not self._stopping.is_set())
            except Exception as failure:
                log.debug("Listening failed", exc_info=True)
                self._hearing.note(failure)
            if self._listening.is_set() and not self._stopping.is_set():
                self._listening.clear()
                self._guard(self._on_lost)
            self._stopping.wait(self._backoff.delay_s())
        self._listening.clear()

    def _guard(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            log.exception("The bus goes on after a failure")


class _Failures:
    """Logs the first of a row of failures and its end, and keeps a short rest after each."""

    def __init__(self, meaning: str) -> None:
        self._meaning = meaning
        self._rest_until = 0.0
        self._is_failing = False

    @property
    def is_resting(self) -> bool:
        return self._is_failing and monotonic() < self._rest_until

    def note(self, failure: Exception) -> None:
        self._rest_until = monotonic() + REST_AFTER_FAILURE_S
        if not self._is_failing:
            self._is_failing = True
            log.warning("%s (%s)", self._meaning, type(failure).__name__)

    def clear(self) -> None:
        if self._is_failing:
            self._is_failing = False
            log.warning("The backplane works again")
