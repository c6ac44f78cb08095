"""Who is here, as far as this process knows: in memory, heard from sockets and requests."""

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from time import monotonic

# An open socket is written again every 15 s; the end of a process is noticed within this time.
SOCKET_S = 60.0
# Browsers let a long hidden page run its timers once a minute: a page that only polls must outlast that.
POLL_S = 65.0
# After the last socket: long enough for the next page to open its own, short enough for a killed browser.
LINGER_S = 15.0
# A row that ends sooner may end before the next regular writing.
SOON_S = 20.0
# How long a process without a worker thread (a command, a test) trusts what it has written.
TRUST_S = 10.0


class Need(Enum):
    """When what was heard has to be written: at the next regular writing, before it, or before going on."""

    LATER = 0
    SOON = 1
    NOW = 2


@dataclass(frozen=True, slots=True)
class Held:
    """A lease to be written: alive for so many seconds more, active so many seconds ago (None: unknown).

    `is_parted`: the last socket closed just now, which ends what other processes know from requests as well.
    """

    person_id: int
    has_socket: bool
    alive_s: float
    active_s: float | None
    is_parted: bool


class _Entry:
    __slots__ = ("active_at", "is_parted", "is_touched", "until", "written_at", "written_until")

    def __init__(self, now: float) -> None:
        self.until = self.written_at = self.written_until = now
        self.active_at: float | None = None
        self.is_touched = True
        self.is_parted = False


class Leases:
    """The people who are here by socket or by request; any thread, without waiting.

    `has_socket(person_id)` is the hub's word. While a person has one, requests prove nothing more; when the
    last is gone he lingers LINGER_S, and each request after that keeps him POLL_S. `away` are those shown so.
    """

    def __init__(self, has_socket: Callable[[int], bool], clock: Callable[[], float] = monotonic) -> None:
        self.process = ""
        self.away: frozenset[int] = frozenset()
        self.is_written_regularly = False
        self._has_socket, self._clock = has_socket, clock
        self._lock = threading.Lock()
        self._entries: dict[int, _Entry] = {}
        self.rename()

    def rename(self) -> None:
        """Be a process of its own, after a fork."""
        self.process = secrets.token_hex(16)

    def touch(self, person_id: int, is_activity: bool) -> Need:
        """Note a request; NOW if the person was not known to be here."""
        now = self._clock()
        with self._lock:
            entry = self._entries.get(person_id)
            is_known = entry is not None and self._is_alive(person_id, entry, now)
            if entry is None or not is_known:
                entry = self._entries[person_id] = _Entry(now)
            entry.until = max(entry.until, now + POLL_S)
            entry.is_touched = True
            if is_activity:
                entry.active_at = now
            if not is_known or (not self.is_written_regularly and now - entry.written_at > TRUST_S):
                return Need.NOW
            is_back = is_activity and person_id in self.away
            return Need.SOON if is_back or entry.written_until < now + SOON_S else Need.LATER

    def act(self, person_id: int) -> Need:
        """Note activity of one who is here; SOON if he is shown as away."""
        with self._lock:
            entry = self._entries.get(person_id)
            if entry is None:
                return Need.LATER
            entry.active_at = self._clock()
            entry.is_touched = True
            return Need.SOON if person_id in self.away else Need.LATER

    def open(self, person_id: int) -> Need:
        """Note that a socket was opened; SOON if his row is about to end."""
        with self._lock:
            entry = self._entries.get(person_id)
            is_ending = entry is not None and entry.written_until < self._clock() + SOON_S
            return Need.SOON if is_ending else Need.LATER

    def part(self, person_id: int) -> bool:
        """Note that the last socket is gone; False if he is not here anyway."""
        with self._lock:
            entry = self._entries.get(person_id)
            if entry is None:
                return False
            entry.until = self._clock() + LINGER_S
            entry.is_touched = entry.is_parted = True
            return True

    def knows(self, person_id: int) -> bool:
        """Tell whether anything was heard of this person of late."""
        return person_id in self._entries

    def forget(self, person_id: int) -> None:
        """He is not here any more, whatever was heard before."""
        with self._lock:
            self._entries.pop(person_id, None)

    def take(self, people: Iterable[int] | None = None) -> list[Held]:
        """Return what is to be written of these people, or of everybody (None), ordered by person.

        Left out is what the rows say already. What could not be written goes to `give_back`.
        """
        chosen = self._entries.copy() if people is None else people
        taken: list[Held] = []
        for person_id in sorted(chosen):
            # One by one: the hub's thread must not wait for all of them.
            with self._lock:
                taken += self._take(person_id, self._clock())
        return taken

    def take_again(self, person_id: int) -> list[Held]:
        """Return what is to be written of one who arrives, even if another thread took it: it may not be in
        the rows yet.
        """
        with self._lock:
            if entry := self._entries.get(person_id):
                entry.is_touched = True
            return self._take(person_id, self._clock())

    def give_back(self, unwritten: Iterable[Held]) -> None:
        """These could not be written: the next `take` returns them again."""
        with self._lock:
            for held in unwritten:
                entry = self._entries.get(held.person_id)
                if entry is not None:
                    entry.is_touched = True
                    entry.is_parted |= held.is_parted
                    entry.written_until = 0.0

    def _is_alive(self, person_id: int, entry: _Entry, now: float) -> bool:
        return entry.until > now or self._has_socket(person_id)

    def _take(self, person_id: int, now: float) -> list[Held]:
        entry = self._entries.get(person_id)
        if entry is None:
            return []
        has_socket = self._has_socket(person_id)
        if not (has_socket or entry.is_touched):
            if entry.until <= now:
                del self._entries[person_id]
            return []
        alive_s = SOCKET_S if has_socket else entry.until - now
        active_s = None if entry.active_at is None else now - entry.active_at
        is_parted = entry.is_parted and not has_socket
        entry.is_touched = entry.is_parted = False
        entry.written_at, entry.written_until = now, now + alive_s
        return [Held(person_id, has_socket, alive_s, active_s, is_parted)]
