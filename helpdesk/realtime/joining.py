"""Joining: a socket is sent `ready` first, then what was published since, and from then on everything."""

import threading
from collections.abc import Callable, Collection

from helpdesk.realtime.hub import Connection, Hub

MOST_HELD = 200


class _Joining:
    """Keeps what is published on the topics of sockets that are about to hear them."""

    __slots__ = ("has_missed", "texts", "topics")

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.texts: list[str] = []
        self.has_missed = False

    def hold(self, topic: str, text: str) -> None:
        if topic not in self.topics:
            return
        if len(self.texts) < MOST_HELD:
            self.texts.append(text)
        else:
            self.has_missed = True


class Joiner:
    """Publishes to the sockets of this process, and lets them join without a gap; any thread."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._joining: list[_Joining] = []

    def publish(self, topic: str, text: str) -> None:
        """Send to all who hear the topic here; what it tells of is stored.

        Who begins to join after the glance at the list reads the database after it, too.
        """
        if not self._joining:
            self._hub.publish(topic, text)
            return
        with self._lock:
            for joining in self._joining:
                joining.hold(topic, text)
            self._hub.publish(topic, text)

    def join(
        self, connections: Collection[Connection], topics: frozenset[str], ready: Callable[[], str]
    ) -> None:
        """Have these sockets hear the topics, from `ready()` on, which must look at the database anew.

        Above MOST_HELD texts published meanwhile they are sent `ready` once more instead of the rest.
        """
        joining = _Joining(topics)
        with self._lock:
            self._joining.append(joining)
        try:
            texts = [ready()]
        except BaseException:
            with self._lock:
                self._joining.remove(joining)
            raise
        with self._lock:
            self._admit(connections, topics, texts + joining.texts)
            # Last, because `publish` glances at the list without the lock.
            self._joining.remove(joining)
        if joining.has_missed:
            self._admit(connections, topics, [ready()])

    def _admit(self, connections: Collection[Connection], topics: frozenset[str], texts: list[str]) -> None:
        for each in connections:
            for text in texts:
                self._hub.send(each, text)
            self._hub.subscribe(each, topics)
