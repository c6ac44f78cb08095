"""What is shown of people follows from their leases, on each database, by the database's clock."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event, func, select, update

from helpdesk import create_app, realtime, settings
from helpdesk.accounts import sessions
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person, SignIn
from helpdesk.database import database_now, db, transaction
from helpdesk.realtime import attendance, lease_rows, presence
from helpdesk.realtime.leases import Held
from helpdesk.realtime.models import ACTIVE, AWAY, OFFLINE, Lease
from tests.support.databases import configuration


@pytest.fixture
def changes(app):
    """What this process announces; the rooms above do not listen meanwhile."""
    heard: list[realtime.Change] = []
    listeners = presence._listeners.copy()
    presence._listeners.clear()
    realtime.on_presence(heard.extend)
    yield heard
    presence._listeners.clear()
    presence._listeners.update(listeners)


def hold(person_id, *, process="a", has_socket=True, alive_s=60.0, active_s=0.0):
    with transaction() as tx:
        lease_rows.write(tx, process, [Held(person_id, has_socket, alive_s, active_s, False)])


def turn_back(person_id, **seconds):
    """Make the times of a lease older: nobody waits."""
    with transaction() as tx:
        for lease in tx.scalars(select(Lease).where(Lease.person_id == person_id)):
            for name, passed_s in seconds.items():
                setattr(lease, name, getattr(lease, name) - timedelta(seconds=passed_s))


def state(person_id):
    db.session.rollback()
    return realtime.states([person_id])[person_id]


def who(person_id, login):
    with transaction() as tx:
        token = sessions.start(tx, person_id, "127.0.0.1", "a test")
    key = db.session.scalar(select(SignIn.id).order_by(SignIn.id.desc()).limit(1))
    return Identity(person_id, "agent", login, None, f"s{key}", 1, 2), token


@contextmanager
def counted():
    """How many statements were executed."""
    seen: list[str] = []

    def count(connection, cursor, statement, *rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    yield seen
    event.remove(db.engine, "before_cursor_execute", count)


@pytest.mark.requirement(9)
def test_a_person_is_offline_then_active_then_away_then_active_then_offline(world, changes):
    agent = world["agent1"]
    assert state(agent).shown == OFFLINE
    hold(agent)
    presence.settle()
    assert state(agent).shown == ACTIVE
    turn_back(agent, active_at=5 * 60 + 1)
    presence.settle()
    assert state(agent).shown == AWAY
    hold(agent)
    presence.settle()
    assert state(agent).shown == ACTIVE
    turn_back(agent, alive_until=61)
    presence.settle()
    assert state(agent).shown == OFFLINE
    assert [change.shown for change in changes] == [ACTIVE, AWAY, ACTIVE, OFFLINE]
    assert [change.version for change in changes] == [2, 3, 4, 5]
    assert {change.person_id for change in changes} == {agent}


@pytest.mark.requirement(9)
def test_the_threshold_is_that_of_the_kind_of_person_and_a_setting(world):
    agent, customer = world["agent1"], world["customer1"]
    for person_id in (agent, customer):
        hold(person_id, active_s=7 * 60)
    presence.settle()
    assert (state(agent).shown, state(customer).shown) == (AWAY, ACTIVE)
    with transaction() as tx:
        settings.put(tx, "ChatEngine::AgentOnlineThreshold", 8, None)
        settings.put(tx, "ChatEngine::CustomerOnlineThreshold", 6, None)
    presence.settle()
    assert (state(agent).shown, state(customer).shown) == (ACTIVE, AWAY)


@pytest.mark.requirement(10)
def test_what_is_shown_says_since_when_nothing_happened(world):
    hold(world["agent1"], active_s=600)
    presence.settle()
    ago = db.session.scalar(select(database_now())) - state(world["agent1"]).active_at
    assert timedelta(seconds=600) <= ago < timedelta(seconds=630)


@pytest.mark.requirement(11)
def test_the_leases_of_a_process_that_died_simply_end(world):
    agent = world["agent1"]
    hold(agent, process="dead")
    hold(agent, process="alive", alive_s=30)
    presence.settle()
    turn_back(agent, alive_until=31)
    presence.settle()
    assert state(agent).shown == ACTIVE
    turn_back(agent, alive_until=31)
    presence.settle()
    assert state(agent).shown == OFFLINE


def test_nothing_is_announced_and_two_queries_are_made_while_nothing_changes(world, changes):
    for login in ("agent1", "agent2", "customer1"):
        hold(world[login])
    presence.settle()
    changes.clear()
    with counted() as statements:
        presence.settle()
    assert (len(statements), changes) == (2, [])


def test_the_number_of_statements_does_not_grow_with_the_people(world, changes):
    people = [number for login, number in world.items() if login.startswith(("agent", "customer"))]
    settings.refresh()
    counts = []
    for some in (people[:1], people[1:]):
        for person_id in some:
            hold(person_id)
        with counted() as statements:
            presence.settle()
        counts.append(list(statements))
    assert len(counts[0]) == len(counts[1]) <= 8, counts
    assert len(changes) == len(people)


@pytest.mark.requirement(12)
def test_is_connected_is_a_condition_for_any_statement(world):
    hold(world["agent1"])
    hold(world["agent2"], alive_s=-1)
    here = select(Person.login).where(realtime.is_connected(Person.id))
    assert db.session.scalars(here).all() == ["agent1"]
    db.session.rollback()
    with transaction() as tx:
        at_once = update(Person).where(Person.login.like("agent%"), realtime.is_connected(Person.id))
        gone = at_once.values(availability=0).returning(Person.login)
        assert tx.scalars(gone).all() == ["agent1"]


def test_states_of_many_are_one_query_and_strangers_are_offline(world):
    hold(world["agent1"])
    presence.settle()
    db.session.rollback()
    with counted() as statements:
        states = realtime.states([world["agent1"], world["agent2"]])
    assert len(statements) == 1
    assert states[world["agent1"]].shown == ACTIVE
    assert states[world["agent2"]] == realtime.PresenceState(OFFLINE, None, 0)
    assert realtime.states([]) == {}


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


@pytest.mark.requirement(11)
def test_the_last_socket_here_ends_what_others_know_from_requests_but_not_their_sockets(world):
    agent, other = world["agent1"], world["agent2"]
    hold(agent, process="b", has_socket=False, alive_s=65)
    hold(other, process="b", has_socket=True, alive_s=60)
    with transaction() as tx:
        lease_rows.end_others(tx, "a", [agent, other])
    now = db.session.scalars(select(database_now())).one()
    left = dict(db.session.execute(select(Lease.person_id, Lease.alive_until)).all())
    assert left[agent] - now <= timedelta(seconds=lease_rows.OTHERS_S)
    assert left[other] - now > timedelta(seconds=lease_rows.OTHERS_S)


def test_expired_leases_are_deleted_after_a_while(world):
    hold(world["agent1"], alive_s=-700)
    hold(world["agent2"], alive_s=-1)
    realtime.service().clean()
    assert db.session.scalars(select(Lease.person_id)).all() == [world["agent2"]]


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
