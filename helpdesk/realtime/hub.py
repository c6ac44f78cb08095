"""The hub: every WebSocket of this process, held by one thread and written to by any."""

from collections.abc import Callable, Iterable

from helpdesk.realtime import frames
from helpdesk.realtime.connection import Connection
from helpdesk.realtime.handover import (
    SERVER_OPTIONS,
    AcceptedSocket,
    decline_extensions,
    is_handshake,
    refuse,
    take_over,
)
from helpdesk.realtime.keeper import TRY_AGAIN_LATER, Keeper
from helpdesk.realtime.registry import Registry

__all__ = (
    "SERVER_OPTIONS",
    "Connection",
    "Hub",
    "HubStopped",
    "SocketRefused",
    "TooManySockets",
    "decline_extensions",
    "is_handshake",
    "refuse",
)

RESTART = 1012


class SocketRefused(Exception):
    """The socket was not adopted and has been sent its close frame: the view just returns."""


class TooManySockets(SocketRefused):
    """This address, or this process, holds as many sockets as it may."""


class HubStopped(SocketRefused):
    """This process is about to end."""


class Hub:
    """Holds sockets, tells them what is published, hears what they say; any thread may call any method.

    `on_text(connection, text)` and `on_close(connection)`, the latter once per connection, run on the hub's
    thread: they must return within a millisecond and never ask the database; what they raise is logged. The
    first text may come before `adopt` has returned. A peer that sends nothing, not even pongs, for
    `silent_after_s` is closed with 1001; one that does not read, so that `outbox_bytes` do not suffice or
    nothing moves for 20 s, with 1013; one that sends more than `flood_frames` in 10 s with 1008; a message
    above `frame_bytes` with 1009, a binary one with 1003.
    """

    def __init__(
        self,
        *,
        on_text: Callable[[Connection, str], None],
        on_close: Callable[[Connection], None],
        ping_every_s: float = 25,
        silent_after_s: float = 60,
        outbox_bytes: int = 1 << 20,
        frame_bytes: int = 4096,
        per_person: int = 50,
        per_address: int = 2000,
        flood_frames: int = 1000,
    ) -> None:
        self._registry = Registry(per_person=per_person, per_address=per_address)
        self._is_stopping = False
        self._keeper = Keeper(
            self._registry,
            on_text,
            on_close,
            ping_every_s=ping_every_s,
            silent_after_s=silent_after_s,
            outbox_bytes=outbox_bytes,
            frame_bytes=frame_bytes,
            flood_frames=flood_frames,
        )

    def start(self) -> None:
        """Start the thread, once; call it after a fork, never at import."""
        if not self._is_stopping:
            self._keeper.pump.start()

    def stop(self, code: int = RESTART) -> None:
        """Close every socket, spread over at most 0.3 s; return when the peers have hung up or 0.2 s later.

        Final, and idempotent: a second caller waits for the same end. Later sockets are refused with 1012.
        """
        self._is_stopping = True
        self._keeper.close_all(code)

    def adopt(
        self, ws: AcceptedSocket, *, person_id: int, session_key: str, address: str, topics: Iterable[str]
    ) -> Connection:
        """Take the connection of an accepted `simple_websocket.Server`; on return it hears its topics.

        A person with too many loses the oldest (1013). Raises TooManySockets (closed with 1013), also when
        the process runs out of descriptors, and HubStopped (closed with 1012).
        """
        self.start()
        if self._is_stopping:
            refuse(ws, RESTART, "restarting")
            raise HubStopped
        if not self._registry.admit(address):
            refuse(ws, TRY_AGAIN_LATER, "too many connections")
            raise TooManySockets(address)
        return self._take(ws, person_id, session_key, address, topics)

    def subscribe(self, connection: Connection, topics: Iterable[str]) -> None:
        """Replace what it hears; nothing happens if it is closed by now."""
        self._registry.subscribe(connection, topics)

    def publish(self, topic: str, text: str) -> int:
        """Send to all who hear the topic, without waiting; return how many of this process that are."""
        listeners = self._registry.listeners(topic)
        if listeners:
            frame = frames.text(text)
            for connection in listeners:
                self._keeper.write(connection, frame)
        return len(listeners)

    def send(self, connection: Connection, text: str) -> None:
        """Send to this one, without waiting; nothing happens if it is closed by now."""
        self._keeper.write(connection, frames.text(text))

    def close(self, connection: Connection, code: int, reason: str = "") -> None:
        """Send a close frame (reason: 123 bytes) behind what waits; from now on it hears nothing."""
        self._keeper.close(connection, code, reason)

    def of_person(self, person_id: int) -> tuple[Connection, ...]:
        """His open connections here, oldest first."""
        return self._registry.of_person(person_id)

    def people(self) -> frozenset[int]:
        """Ids of all who have an open connection here."""
        return self._registry.people()

    def all(self) -> tuple[Connection, ...]:
        """All open connections here, oldest first."""
        return self._registry.all()

    def __len__(self) -> int:
        return len(self._registry)

    def _take(
        self, ws: AcceptedSocket, person_id: int, session_key: str, address: str, topics: Iterable[str]
    ) -> Connection:
        try:
            taken, early = take_over(ws)
        except OSError as out_of_descriptors:
            self._registry.release(address)
            refuse(ws, TRY_AGAIN_LATER, "too many connections")
            raise TooManySockets from out_of_descriptors
        connection = Connection(taken, person_id, session_key, address)
        oldest = self._registry.join(connection, topics)
        self._keeper.keep(connection, early)
        if oldest is not None:
            self._keeper.close(oldest, TRY_AGAIN_LATER, "too many connections")
        return connection
