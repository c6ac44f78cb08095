"""What is shown of people follows from their leases, on each database, by the database's clock."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from helpdesk import realtime, settings
from helpdesk.accounts.models import Person
from helpdesk.database import database_now, db, transaction
from helpdesk.realtime import lease_rows, presence
from helpdesk.realtime.models import ACTIVE, AWAY, OFFLINE, Lease
from tests.realtime.here import hold, state, turn_back


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
