"""One adopted connection: who is behind it, and a bounded outbox that several threads may fill."""

import socket
import threading
from contextlib import suppress
from enum import Enum

from helpdesk.realtime.reader import Reader

READ_BYTES = 2048
WRITE_BYTES = 1 << 16


class Wrote(Enum):
    """What became of a frame."""

    ALL = "all"
    QUEUED = "queued"
    FULL = "full"
    BROKEN = "broken"


class Connection:
    """A person's open socket; compared by identity.

    `person_id`, `session_key`, `address` and `topics` are for reading. The rest belongs to the hub: `write`,
    `shut` may be called from any thread, everything else on the hub thread only.
    """

    __slots__ = (
        "_is_shut",
        "_lock",
        "_outbox",
        "_socket",
        "address",
        "is_half_closed",
        "person_id",
        "reader",
        "session_key",
        "topics",
    )

    def __init__(self, taken: socket.socket, person_id: int, session_key: str, address: str) -> None:
        self.person_id = person_id
        self.session_key = session_key
        self.address = address
        self.topics: frozenset[str] = frozenset()
        self.reader: Reader | None = None
        self.is_half_closed = False
        self._socket = taken
        self._lock = threading.Lock()
        self._outbox: bytearray | None = None
        self._is_shut = False

    def __repr__(self) -> str:
        return f"<Connection of person {self.person_id}>"

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def is_shut(self) -> bool:
        """Our close frame is on its way: nothing may follow it."""
        return self._is_shut

    @property
    def is_ended(self) -> bool:
        return self._socket.fileno() < 0

    @property
    def is_backed_up(self) -> bool:
        return bool(self._outbox)

    def write(self, frame: bytes, outbox_bytes: int) -> Wrote:
        """Send what the kernel takes now and keep the rest; QUEUED only for the first frame that waits."""
        with self._lock:
            if self._is_shut:
                return Wrote.ALL
            if self._outbox:
                return self._append(frame, outbox_bytes)
            sent = self._send(frame)
            if sent == len(frame):
                return Wrote.ALL
            if sent < 0:
                return Wrote.BROKEN
            self._outbox = bytearray(frame[sent:])
            return Wrote.QUEUED

    def shut(self, close_frame: bytes) -> bool:
        """Let this be the last frame; False if another one was already."""
        with self._lock:
            if self._is_shut:
                return False
            self._is_shut = True
            self._outbox = (self._outbox or bytearray()) + close_frame
        self.flush()
        return True

    def flush(self) -> Wrote:
        """Send at most WRITE_BYTES of what waits: ALL, QUEUED (more waits) or BROKEN."""
        with self._lock:
            if self._outbox:
                sent = self._send(self._outbox[:WRITE_BYTES])
                if sent < 0:
                    self._outbox = None
                    return Wrote.BROKEN
                del self._outbox[:sent]
                if self._outbox:
                    return Wrote.QUEUED
            self._outbox = None
            if self._is_shut:
                self._say_the_end()
            return Wrote.ALL

    def receive(self) -> bytes | None:
        """Bytes that are there, b"" at the end of the stream or its failure, None if there is nothing yet."""
        try:
            return self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def end(self) -> None:
        """Give the descriptor back; the lock keeps a publisher from writing to its next owner."""
        with self._lock:
            self._is_shut = True
            self._outbox = self.reader = None
            self._socket.close()

    def _append(self, frame: bytes, outbox_bytes: int) -> Wrote:
        assert self._outbox is not None
        if len(self._outbox) + len(frame) > outbox_bytes:
            return Wrote.FULL
        self._outbox += frame
        return Wrote.ALL

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            return -1

    def _say_the_end(self) -> None:
        # Closing outright answers unread input with a reset, and the reset overtakes our close frame.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
