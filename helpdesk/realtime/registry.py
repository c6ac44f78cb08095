"""Who is connected here and who hears what; safe to ask from any thread."""

import threading
from collections.abc import Iterable

from helpdesk.realtime.connection import Connection


class Registry:
    """Indexes of the open connections by person, address and topic."""

    def __init__(self, *, per_person: int, per_address: int) -> None:
        self._per_person = per_person
        self._per_address = per_address
        self._lock = threading.Lock()
        self._people: dict[int, dict[Connection, None]] = {}
        self._topics: dict[str, set[Connection]] = {}
        self._addresses: dict[str, int] = {}
        self._open: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, address: str) -> bool:
        """Reserve a place for this address; to be given back with `release` if nobody joins."""
        with self._lock:
            count = self._addresses.get(address, 0)
            if count < self._per_address:
                self._addresses[address] = count + 1
            return count < self._per_address

    def release(self, address: str) -> None:
        with self._lock:
            self._release(address)

    def join(self, connection: Connection, topics: Iterable[str]) -> Connection | None:
        """Enter an admitted connection; return the person's oldest if he now has one too many."""
        with self._lock:
            self._open[connection] = None
            self._listen(connection, frozenset(topics))
            own = self._people.setdefault(connection.person_id, {})
            own[connection] = None
            return next(iter(own)) if len(own) > self._per_person else None

    def leave(self, connection: Connection) -> None:
        """Forget it; harmless if it has left before."""
        with self._lock:
            if connection not in self._open:
                return
            del self._open[connection]
            self._listen(connection, frozenset())
            self._release(connection.address)
            own = self._people[connection.person_id]
            del own[connection]
            if not own:
                del self._people[connection.person_id]

    def subscribe(self, connection: Connection, topics: Iterable[str]) -> None:
        """Replace the topics of a connection that is still open."""
        with self._lock:
            if connection in self._open:
                self._listen(connection, frozenset(topics))

    def listeners(self, topic: str) -> tuple[Connection, ...]:
        with self._lock:
            return tuple(self._topics.get(topic, ()))

    def of_person(self, person_id: int) -> tuple[Connection, ...]:
        with self._lock:
            return tuple(self._people.get(person_id, ()))

    def people(self) -> frozenset[int]:
        with self._lock:
            return frozenset(self._people)

    def all(self) -> tuple[Connection, ...]:
        with self._lock:
            return tuple(self._open)

    def _listen(self, connection: Connection, topics: frozenset[str]) -> None:
        for topic in connection.topics - topics:
            listeners = self._topics[topic]
            listeners.discard(connection)
            if not listeners:
                del self._topics[topic]
        for topic in topics - connection.topics:
            self._topics.setdefault(topic, set()).add(connection)
        connection.topics = topics

    def _release(self, address: str) -> None:
        left = self._addresses[address] - 1
        if left:
            self._addresses[address] = left
        else:
            del self._addresses[address]
