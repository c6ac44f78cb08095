"""The bus over PostgreSQL's LISTEN and NOTIFY."""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg

from helpdesk.realtime.bus import Deliver, Notice
from helpdesk.realtime.bus_listener import ANSWER_WITHIN_S, CHANNEL, PING_EVERY_S, SLICE_S, RemoteBus

SENDERS = 4
LARGEST_PAYLOAD_BYTES = 7999
REFRESH_HINT = '{"refresh": true}'
_SOON_DEAD: dict[str, Any] = {
    "connect_timeout": int(ANSWER_WITHIN_S),
    "keepalives_idle": int(PING_EVERY_S),
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": int(ANSWER_WITHIN_S * 1000),
    "application_name": "helpdesk bus",
    # A hint need not survive a crash: without this each one waits for the disk, holding NOTIFY's global lock.
    "options": "-c synchronous_commit=off",
}

_Sender = psycopg.Connection[tuple[Any, ...]]


class NotifyBus(RemoteBus):
    """For several processes on one PostgreSQL. A text too large to be notified becomes a hint to fetch."""

    def __init__(self, dsn: str, *, deliver: Deliver, on_lost: Notice, on_back: Notice) -> None:
        super().__init__(deliver=deliver, on_lost=on_lost, on_back=on_back)
        self._dsn = dsn
        self._senders: queue.LifoQueue[_Sender | None] = queue.LifoQueue()
        for _ in range(SENDERS):
            self._senders.put(None)

    def stop(self) -> None:
        super().stop()
        for _ in range(SENDERS):
            try:
                sender = self._senders.get_nowait()
            except queue.Empty:
                return
            if sender is not None:
                sender.close()

    def _send(self, envelope: str, text: str) -> None:
        payload = envelope + text
        if len(payload.encode()) > LARGEST_PAYLOAD_BYTES:
            payload = envelope + REFRESH_HINT
        with self._sender() as sender:
            sender.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))

    @contextmanager
    def _sender(self) -> Iterator[_Sender]:
        sender = self._senders.get(timeout=ANSWER_WITHIN_S)
        try:
            if sender is None or self._is_gone(sender):
                sender = None
                sender = self._connect()
            yield sender
        except BaseException:
            if sender is not None:
                sender.close()
            sender = None
            raise
        finally:
            self._senders.put(sender)

    def _is_gone(self, sender: _Sender) -> bool:
        """Notices, without a round trip, that the server hung up since the last use."""
        if not sender.closed:
            try:
                sender.pgconn.consume_input()
            except psycopg.OperationalError:
                sender.close()
        return sender.closed

    def _connect(self) -> _Sender:
        return psycopg.connect(self._dsn, autocommit=True, **_SOON_DEAD)

    def _listen(self, while_this: Callable[[], bool]) -> None:
        with self._connect() as listener:
            listener.execute(f"LISTEN {CHANNEL}")
            self._begin_listening()
            ping_at = monotonic() + PING_EVERY_S
            while while_this():
                for notification in listener.notifies(timeout=SLICE_S):
                    self._receive(notification.payload)
                if monotonic() >= ping_at:
                    listener.execute("SELECT 1")
                    ping_at = monotonic() + PING_EVERY_S
