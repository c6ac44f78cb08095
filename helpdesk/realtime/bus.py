"""The bus: what one process publishes reaches the sockets of all others.

A push is a hint; the database is the truth.
"""

from collections.abc import Callable
from typing import Protocol

Deliver = Callable[[str, str], None]
Notice = Callable[[], None]


class Bus(Protocol):
    """Carries (topic, text) to the other processes.

    `publish` may be called by any thread, waits at most a few seconds and never raises. While `is_listening`
    is False this process does not hear of rights that end elsewhere, so it must hold no sockets.
    """

    @property
    def is_listening(self) -> bool: ...

    def start(self) -> None: ...

    def publish(self, topic: str, text: str) -> None: ...

    def stop(self) -> None: ...


class LocalBus:
    """The bus of a single process: nobody else is there."""

    is_listening = True

    def start(self) -> None:
        pass

    def publish(self, topic: str, text: str) -> None:
        pass

    def stop(self) -> None:
        pass


def make_bus(backplane: str, database_url: str, *, deliver: Deliver, on_lost: Notice, on_back: Notice) -> Bus:
    """Choose the bus: "" follows the database, "redis://…" or "rediss://…" is Redis or Valkey.

    `deliver(topic, text)` gets what other processes published; `on_back()` is called whenever listening
    begins, the first time too, `on_lost()` whenever it breaks off; all three on the bus's thread. Raises
    ValueError for any other backplane.
    """
    if backplane.startswith(("redis://", "rediss://")):
        from helpdesk.realtime.bus_redis import RedisBus

        return RedisBus(backplane, deliver=deliver, on_lost=on_lost, on_back=on_back)
    if backplane:
        raise ValueError(f"unknown backplane {backplane.partition(':')[0]!r}")
    scheme, separator, rest = database_url.partition("://")
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        return LocalBus()
    from helpdesk.realtime.bus_notify import NotifyBus

    return NotifyBus(f"postgresql{separator}{rest}", deliver=deliver, on_lost=on_lost, on_back=on_back)
