"""Incoming WebSocket bytes → messages: wsproto decides, this only bounds and forgets."""

from collections.abc import Iterator

from wsproto import events
from wsproto.connection import Connection as Wire
from wsproto.connection import ConnectionType

from helpdesk.realtime import frames

UNSUPPORTED_DATA = 1003
MESSAGE_TOO_BIG = 1009


class Closing(Exception):
    """The connection has to end; `code` belongs into our close frame."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Reader:
    """Reads one connection's frames.

    wsproto's state costs kilobytes per socket, so the hub drops the reader whenever `is_at_rest`
    says that nothing is half received, and makes a new one for the next bytes.
    """

    __slots__ = ("_boundary", "_is_inside_message", "_message_bytes", "_parts", "_size", "_wire")

    def __init__(self, message_bytes: int) -> None:
        self._message_bytes = message_bytes
        self._wire = Wire(ConnectionType.SERVER)
        self._boundary = _Boundary()
        self._parts: list[str] = []
        self._size = 0
        self._is_inside_message = False

    @property
    def is_at_rest(self) -> bool:
        return self._boundary.is_reached and not self._is_inside_message

    def feed(self, data: bytes) -> Iterator[str | bytes]:
        """Yield once per frame: a message that is now whole as str, else bytes to answer with, often none.

        Raises Closing when the peer closes, breaks the protocol, sends binary or too much.
        """
        self._boundary.pass_over(data)
        self._wire.receive_data(data)
        for event in self._wire.events():
            yield self._read(event)

    def _read(self, event: events.Event) -> str | bytes:
        if isinstance(event, events.TextMessage):
            return self._gather(event)
        if isinstance(event, events.Ping):
            return frames.pong(bytes(event.payload))
        if isinstance(event, events.BytesMessage):
            raise Closing(UNSUPPORTED_DATA)
        if isinstance(event, events.CloseConnection):
            raise Closing(event.code)
        return b""

    def _gather(self, part: events.TextMessage) -> str | bytes:
        self._size += len(part.data.encode())
        if self._size > self._message_bytes:
            raise Closing(MESSAGE_TOO_BIG)
        if part.data:
            self._parts.append(part.data)
        self._is_inside_message = not part.message_finished
        if self._is_inside_message:
            return b""
        message = "".join(self._parts)
        self._parts, self._size = [], 0
        return message


class _Boundary:
    """Follows frame headers only, to know where a frame ends; whether it is valid is wsproto's business."""

    __slots__ = ("_head", "_payload_left")

    def __init__(self) -> None:
        self._head = bytearray()
        self._payload_left = 0

    @property
    def is_reached(self) -> bool:
        return not (self._head or self._payload_left)

    def pass_over(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._payload_left:
                step = min(self._payload_left, len(data) - at)
                self._payload_left -= step
            else:
                step = 1
                self._head.append(data[at])
                self._end_of_head()
            at += step

    def _end_of_head(self) -> None:
        if len(self._head) < 2:
            return
        masked, short = self._head[1] & 0x80, self._head[1] & 0x7F
        extended = {126: 2, 127: 8}.get(short, 0)
        if len(self._head) == 2 + extended + (4 if masked else 0):
            self._payload_left = int.from_bytes(self._head[2 : 2 + extended]) if extended else short
            self._head.clear()
