"""The worker thread: coalesces, outlives failures, tries again, and keeps its periods."""

import logging
import queue
import threading

import pytest
from flask import Flask, current_app
from sqlalchemy.exc import OperationalError

from helpdesk.database import db
from helpdesk.realtime import worker as workers
from helpdesk.realtime.worker import MOST_PEOPLE, Worker

DEADLINE_S = 20


@pytest.fixture
def small_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    return app


@pytest.fixture
def periodic():
    """The periodic jobs of this test alone."""
    before = workers._periodic.copy()
    workers._periodic.clear()
    yield workers._periodic
    workers._periodic.clear()
    workers._periodic.update(before)


@pytest.fixture
def make(small_app, periodic):
    made: list[Worker] = []

    def make_one(handlers=None):
        made.append(Worker(small_app, handlers or {}))
        return made[-1]

    yield make_one
    for worker in made:
        worker.stop(DEADLINE_S)


def test_what_waits_is_said_once_per_person_and_in_one_piece(make):
    done: queue.Queue[object] = queue.Queue()
    worker = make({"look": done.put})
    for person_id in (1, 2, 1, 3, 2):
        worker.put("look", person_id)
    worker.start()
    assert done.get(timeout=DEADLINE_S) == {1, 2, 3}
    assert done.empty()


def test_too_many_people_become_everybody_and_nobody_is_forgotten(make, caplog):
    done: queue.Queue[object] = queue.Queue()
    worker = make({"look": done.put})
    with caplog.at_level(logging.WARNING):
        for person_id in range(MOST_PEOPLE + 100):
            worker.put("look", person_id)
    assert len(caplog.records) == 1
    worker.start()
    assert done.get(timeout=DEADLINE_S) is None


def test_work_runs_in_a_context_of_its_own(make, small_app):
    contexts: queue.Queue[tuple[object, object]] = queue.Queue()
    worker = make({"look": lambda people: contexts.put((current_app.extensions, db.session()))})
    worker.put("look", 1)
    worker.start()
    app, first = contexts.get(timeout=DEADLINE_S)
    worker.put("look", 1)
    _, second = contexts.get(timeout=DEADLINE_S)
    assert app is small_app.extensions
    assert first is not second


def test_a_failure_is_logged_and_the_worker_goes_on(make, caplog):
    done: queue.Queue[object] = queue.Queue()

    def look(people):
        done.put(people)
        raise RuntimeError("a handler that fails")

    worker = make({"look": look, "hear": done.put})
    worker.put("look", 1)
    worker.start()
    assert done.get(timeout=DEADLINE_S) == {1}
    worker.put("hear", 2)
    assert done.get(timeout=DEADLINE_S) == {2}
    assert "look failed" in caplog.text


def test_what_meets_a_busy_database_is_tried_again(make):
    done: queue.Queue[object] = queue.Queue()
    failures = [OperationalError("UPDATE", {}, Exception("database is locked"))]

    def look(people):
        if failures:
            raise failures.pop()
        done.put(people)

    worker = make({"look": look})
    worker.put("look", 1)
    worker.start()
    assert done.get(timeout=DEADLINE_S) == {1}


def test_periodic_jobs_run_at_the_start_and_again_and_what_is_said_of_people_goes_first(make, periodic):
    order: queue.Queue[str] = queue.Queue()
    worker = make({"look": lambda people: order.put("look")})
    begun = threading.Event()

    def job():
        order.put("job")
        if not begun.is_set():
            begun.set()
            worker.put("look", 1)

    workers.every(0.0, job, "a job")
    worker.start()
    assert [order.get(timeout=DEADLINE_S) for _ in range(3)] == ["job", "look", "job"]


def test_a_job_of_the_same_name_replaces_the_one_before(make, periodic):
    done: queue.Queue[str] = queue.Queue()
    workers.every(60, lambda: done.put("old"), "a job")
    workers.every(60, lambda: done.put("new"), "a job")
    make().start()
    assert done.get(timeout=DEADLINE_S) == "new"
    assert done.empty()


def test_a_job_that_fails_runs_again(make, periodic):
    calls: queue.Queue[int] = queue.Queue()

    def job():
        calls.put(1)
        raise RuntimeError("a job that fails")

    workers.every(0.0, job, "a job")
    make().start()
    for _ in range(3):
        calls.get(timeout=DEADLINE_S)


def test_it_ends_at_once_and_cannot_be_started_again(make, periodic):
    workers.every(3600, lambda: None, "a job")
    worker = make()
    worker.start()
    thread = worker._thread
    worker.stop(DEADLINE_S)
    assert not thread.is_alive()
    worker.start()
    assert worker._thread is thread


def test_nothing_runs_before_it_is_started(make, periodic):
    workers.every(0.0, lambda: pytest.fail("not yet"), "a job")
    worker = make({"look": lambda people: pytest.fail("not yet")})
    worker.put("look", 1)
    worker.stop()
