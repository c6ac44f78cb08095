"""Fitting sockets to rights: what a person may hear is worked out anew, and his sockets hear just that."""

import threading
from collections.abc import Collection
from functools import partial
from itertools import islice

from sqlalchemy import select

from helpdesk.accounts import sessions
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person
from helpdesk.database import db
from helpdesk.realtime import topics
from helpdesk.realtime.hub import Connection, Hub
from helpdesk.realtime.joining import Joiner

NO_SESSION, INTERNAL_ERROR = 4001, 1011
STRIPES = 64
AT_ONCE = 1000


class Fitting:
    """Fits the sockets of one process; any thread but the hub's, inside an app context."""

    def __init__(self, hub: Hub, joiner: Joiner) -> None:
        self._hub, self._joiner = hub, joiner
        self._locks = tuple(threading.Lock() for _ in range(STRIPES))
        self._known: dict[int, tuple[str, int]] = {}

    def fit(self, person_id: int) -> None:
        """Close his sockets whose session is over; have the others hear his topics as of now.

        A socket that will hear more than before, a new one too, is first sent `ready`: its page finds what it
        has missed. If rights cannot be worked out, the sockets are closed with 1011 and that is raised.
        """
        # Whoever waits here must not keep a pooled connection from him who is ahead.
        db.session.remove()
        with self._locks[person_id % STRIPES]:
            connections = self._hub.of_person(person_id)
            try:
                self._fit(person_id, connections)
            except Exception:
                self._close(connections, INTERNAL_ERROR, "try again")
                raise

    def end(self, person_id: int, session_key: str) -> None:
        """Close the sockets of this session; asks no database."""
        self._close(
            [each for each in self._hub.of_person(person_id) if each.session_key == session_key],
            NO_SESSION,
            "signed out",
        )

    def behind(self) -> set[int]:
        """Return whose rights or sessions have changed unheard; two queries per thousand people."""
        people = self._hub.people()
        for person_id in set(self._known.copy()) - people:
            self._known.pop(person_id, None)
        known = {person_id: self._known[person_id] for person_id in people if person_id in self._known}
        return self._with_other_version(known) | self._without_session(known)

    def _fit(self, person_id: int, connections: Collection[Connection]) -> None:
        identity = topics.load(person_id, "")
        db.session.rollback()
        if identity is None:
            self._close(connections, NO_SESSION, "sign in again")
            return
        over = sessions.invalid((identity.kind, each.session_key) for each in connections)
        gone = [each for each in connections if (identity.kind, each.session_key) in over]
        self._close(gone, NO_SESSION, "sign in again")
        heard = topics.topics_of(identity)
        self._known[person_id] = (identity.kind, identity.access_version)
        for each in connections:
            self._hub.subscribe(each, heard & each.topics)
        widened = [each for each in connections if each.topics != heard and each not in gone]
        if widened:
            self._joiner.join(widened, heard, partial(_ready, identity))

    def _close(self, connections: Collection[Connection], code: int, reason: str) -> None:
        for each in connections:
            self._hub.close(each, code, reason)

    def _with_other_version(self, known: dict[int, tuple[str, int]]) -> set[int]:
        left = iter(sorted(known))
        behind: set[int] = set()
        db.session.rollback()
        while some := list(islice(left, AT_ONCE)):
            rows = db.session.execute(select(Person.id, Person.access_version).where(Person.id.in_(some)))
            behind.update(person_id for person_id, version in rows if known[person_id][1] != version)
        db.session.rollback()
        return behind

    def _without_session(self, known: dict[int, tuple[str, int]]) -> set[int]:
        of = {
            each: (known[each.person_id][0], each.session_key)
            for each in self._hub.all()
            if each.person_id in known
        }
        over = sessions.invalid(of.values())
        return {each.person_id for each, pair in of.items() if pair in over}


def _ready(identity: Identity) -> str:
    """From a new view of the database: it holds whatever was told of before."""
    db.session.rollback()
    return topics.ready_text(identity)
