"""People come, go and sign out, in several processes at once: what is shown of them follows."""

import threading
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import event, func, select

from helpdesk import create_app, realtime
from helpdesk.accounts import sessions
from helpdesk.database import db, transaction
from helpdesk.realtime import attendance, presence
from helpdesk.realtime.models import ACTIVE, AWAY, OFFLINE, Lease
from tests.realtime.here import (
    hold,
    state,
    turn_back,
    who,
)
from tests.support.databases import configuration


def test_two_processes_that_look_at_once_tell_of_each_change_once(
    app, world, tmp_path, database_url, changes
):
    other = create_app(configuration(database_url, tmp_path))
    people = [number for login, number in world.items() if login.startswith(("agent", "customer"))]
    for _ in range(5):
        for person_id in people:
            hold(person_id)
        together([app, other], presence.settle)
        for person_id in people:
            turn_back(person_id, alive_until=120)
        together([app, other], presence.settle)
    told = [(change.person_id, change.version) for change in changes]
    assert sorted(told) == sorted(set(told))
    assert len(told) == 10 * len(people)
    with other.app_context():
        db.engine.dispose()


def together(apps, deed):
    barrier = threading.Barrier(len(apps))
    failures: list[BaseException] = []

    def run(app):
        try:
            with app.app_context():
                barrier.wait(20)
                deed()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


@pytest.mark.requirement(11)
def test_whoever_looks_while_another_arrives_does_not_show_him_as_offline(app, world, changes):
    """A lease that is written while its absence is noticed is not overlooked, whoever comes first."""
    agent, leases = world["agent1"], realtime.service().leases
    identity, _ = who(agent, "agent1")
    for _ in range(10):
        hold(agent)
        presence.settle()
        turn_back(agent, alive_until=120)
        leases.forget(agent)
        leases.touch(agent, is_activity=True)
        deeds = iter((presence.settle, partial(attendance.arrive, leases, identity)))
        together([app, app], lambda deeds=deeds: next(deeds)())
        assert state(agent).shown == ACTIVE


@pytest.mark.requirement(12)
def test_who_comes_is_connected_and_active_at_once(clients, world, changes):
    client = clients.agent("agent1")
    client.get("/agent/chats")
    assert state(world["agent1"]).shown == ACTIVE
    assert [(change.person_id, change.shown) for change in changes] == [(world["agent1"], ACTIVE)]


@pytest.mark.requirement(9)
def test_who_comes_is_active_at_once_though_the_beat_took_his_lease_and_has_not_written_it(world, changes):
    agent, leases = world["agent1"], realtime.service().leases
    identity, _ = who(agent, "agent1")
    leases.touch(agent, is_activity=False)
    assert len(leases.take()) == 1
    attendance.arrive(leases, identity)
    assert state(agent).shown == ACTIVE


@pytest.mark.requirement(9)
def test_who_signs_out_is_offline_at_once(clients, world, changes):
    client = clients.agent("agent1")
    client.get("/agent/chats")
    client.post("/agent/sign-out")
    assert state(world["agent1"]).shown == OFFLINE
    assert [change.shown for change in changes] == [ACTIVE, OFFLINE]


@pytest.mark.requirement(9)
def test_who_signs_out_of_one_of_two_browsers_stays(clients, world):
    first, second = clients.agent("agent1"), clients.agent("agent1")
    first.get("/agent/chats")
    second.get("/agent/chats")
    first.post("/agent/sign-out")
    assert state(world["agent1"]).shown == ACTIVE
    second.post("/agent/sign-out")
    assert state(world["agent1"]).shown == OFFLINE


def test_a_request_that_was_on_its_way_while_its_session_ended_brings_nobody_back(world):
    identity, token = who(world["agent1"], "agent1")
    with transaction() as tx:
        sessions.end(tx, token)
    realtime.seen(identity, is_activity=True)
    assert state(world["agent1"]).shown == OFFLINE
    assert db.session.scalar(select(func.count()).select_from(Lease)) == 0


@pytest.mark.requirement(11)
def test_coming_back_without_a_deed_is_no_activity(world):
    agent = world["agent1"]
    hold(agent)
    presence.settle()
    turn_back(agent, alive_until=120, active_at=3600)
    presence.settle()
    identity, _ = who(agent, "agent1")
    realtime.seen(identity, is_activity=False)
    assert state(agent).shown == AWAY
    realtime.service().leases.forget(agent)
    realtime.seen(identity, is_activity=True)
    assert state(agent).shown == ACTIVE


def test_a_listener_that_fails_hides_no_change(world, changes):
    def fail(changes):
        raise RuntimeError("a listener that fails")

    realtime.on_presence(fail)
    try:
        hold(world["agent1"])
        presence.settle()
    finally:
        presence._listeners.pop(fail)
    assert state(world["agent1"]).shown == ACTIVE
    assert len(changes) == 1


def test_while_the_database_takes_no_writes_people_can_read_and_are_noted_later(app, world, clients, caplog):
    client = clients.agent("agent1")
    with no_writes():
        assert client.get("/agent/chats").status_code == 200
    assert "a lease was not written" in caplog.text
    assert state(world["agent1"]).shown == OFFLINE
    leases = realtime.service().leases
    leases.is_written_regularly = True
    attendance.write(leases)
    presence.settle()
    assert state(world["agent1"]).shown == ACTIVE


@contextmanager
def no_writes():
    """Every connection of the pool refuses to write, as on a full disk."""
    refuse = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET default_transaction_read_only = on"}

    def configure(connection, *rest):
        cursor = connection.cursor()
        cursor.execute(refuse[db.engine.dialect.name])
        cursor.close()
        connection.commit()

    db.session.remove()
    db.engine.dispose()
    event.listen(db.engine, "connect", configure)
    yield
    event.remove(db.engine, "connect", configure)
    db.session.remove()
    db.engine.dispose()
