"""The worker: one thread per process for what needs the database and must hold up nobody."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic

from flask import Flask
from sqlalchemy.exc import OperationalError

from helpdesk.database import db

MOST_PEOPLE = 10_000
REST_S = 0.5
SLOW_S = 1.0

People = frozenset[int] | None
Handler = Callable[[People], None]
Job = Callable[[], object]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job to be run every so often, in every process: it claims its work by conditional UPDATE."""

    seconds: float
    job: Job


@dataclass(slots=True)
class _Due:
    name: str
    periodic: Periodic
    at: float


_periodic: dict[str, Periodic] = {}


def every(seconds: float, job: Job, name: str) -> None:
    """Have `job` run at the start and then every so many seconds, inside an app context; one job per name."""
    _periodic[name] = Periodic(seconds, job)


class Worker:
    """Takes "something about this person" by kind of work, and runs the periodic jobs.

    The same word about the same person waits only once. Above MOST_PEOPLE waiting of one kind it becomes a
    word about everybody (None): more work, but nothing is lost. What meets a busy database is tried again.
    """

    def __init__(self, app: Flask, handlers: Mapping[str, Handler]) -> None:
        self._app = app
        self._handlers = dict(handlers)
        self._condition = threading.Condition()
        self._waiting: dict[str, set[int] | None] = {}
        self._periodic: list[_Due] = []
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, once; call it after a fork."""
        if self._thread is None and not self._is_stopping:
            begin = monotonic()
            self._periodic = [_Due(name, periodic, begin) for name, periodic in _periodic.items()]
            self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
            self._thread.start()

    def stop(self, wait_s: float = 0.5) -> None:
        """End after the work at hand; what waits is forgotten, because the next process starts afresh."""
        with self._condition:
            self._is_stopping = True
            self._condition.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(wait_s)

    def put(self, kind: str, person_id: int | None) -> None:
        """Have this work done soon for a person, or for everybody (None); any thread, without waiting."""
        with self._condition:
            self._add(kind, None if person_id is None else {person_id})
            self._condition.notify()

    def _add(self, kind: str, people: set[int] | None) -> None:
        waiting = self._waiting.setdefault(kind, set())
        if waiting is None:
            return
        if people is None or len(waiting) + len(people) > MOST_PEOPLE:
            self._waiting[kind] = None
            if people is not None:
                log.warning(
                    "More than %d people wait for %s: everybody is looked at instead", MOST_PEOPLE, kind
                )
        else:
            waiting |= people

    def _run(self) -> None:
        while self._wait():
            for kind, people in self._take():
                if not self._do(kind, partial(self._handlers[kind], people)):
                    self._keep(kind, people)
            self._run_due()

    def _wait(self) -> bool:
        """Sleep until there is something to do; False at the end."""
        with self._condition:
            while not (self._is_stopping or self._waiting):
                wait_s = min((due.at for due in self._periodic), default=monotonic() + 60) - monotonic()
                if wait_s <= 0:
                    break
                self._condition.wait(wait_s)
            return not self._is_stopping

    def _take(self) -> list[tuple[str, People]]:
        with self._condition:
            taken, self._waiting = self._waiting, {}
        return [(kind, None if people is None else frozenset(people)) for kind, people in taken.items()]

    def _keep(self, kind: str, people: People) -> None:
        with self._condition:
            self._add(kind, None if people is None else set(people))
            if not self._is_stopping:
                self._condition.wait(REST_S)

    def _run_due(self) -> None:
        """Run the job that is most overdue, only one: what is said about people goes first."""
        due = min(self._periodic, key=lambda due: due.at, default=None)
        if due is not None and due.at <= monotonic():
            self._do(due.name, due.periodic.job)
            due.at = max(due.at + due.periodic.seconds, monotonic())

    def _do(self, name: str, work: Job) -> bool:
        """Do it in an app context of its own; False if the database was busy and it is worth another try."""
        begin = monotonic()
        with self._app.app_context():
            try:
                work()
            except OperationalError as failure:
                log.error("%s met a database that did not take it: %s", name, failure.orig)
                return False
            except Exception:
                log.exception("%s failed", name)
            finally:
                db.session.remove()
        if monotonic() - begin > SLOW_S:
            log.warning("%s took %.1f s on the worker thread", name, monotonic() - begin)
        return True
