"""An open socket follows its person: rights, sessions, colours."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from helpdesk import realtime
from helpdesk.accounts.models import Person, PersonPermission, SignIn
from helpdesk.database import db, transaction
from helpdesk.realtime import joining
from helpdesk.realtime.models import Lease
from tests.realtime.here import (
    grant,
    group_and_channel,
    lasts,
    person_id,
    ready,
    revoke,
    shown,
    sign_in,
    sign_out,
    socket,
    turn_back,
)
from tests.support.waiting import until

DOORS = ("agent", "external", "window")


def test_a_session_that_ends_between_registration_and_check_is_closed_with_4001(here, monkeypatch):
    token = sign_in("agent1")
    fit = here.service.fitting.fit

    def end_first(person_id):
        assert len(here.service.hub) == 1
        sign_out(token)
        fit(person_id)

    monkeypatch.setattr(here.service.fitting, "fit", end_first)
    with socket(here.port, "agent", token) as client:
        assert client.hear_all() == [4001]


def test_a_right_that_ends_between_registration_and_check_is_not_heard(here, monkeypatch):
    token = sign_in("agent3")
    _, channel = group_and_channel("Support")
    fit = here.service.fitting.fit

    def revoke_first(person_id):
        monkeypatch.undo()
        revoke("agent3", "chat_participant", "Support")
        fit(person_id)

    monkeypatch.setattr(here.service.fitting, "fit", revoke_first)
    with socket(here.port, "agent", token) as client:
        assert str(channel) not in ready(client)["channels"]
        assert all(f"channel:{channel}" not in each.topics for each in here.service.hub.all())


@pytest.mark.parametrize("most_held", [joining.MOST_HELD, 3])
def test_ready_is_the_first_frame_and_nothing_said_after_it_is_lost(here, plug, monkeypatch, most_held):
    said = 0
    is_over = threading.Event()
    plug.on_topics(lambda identity: ["numbers"])
    plug.on_ready(lambda identity: {"n": said})
    monkeypatch.setattr(joining, "MOST_HELD", most_held)

    def speak():
        nonlocal said
        while not is_over.is_set():
            said += 1
            here.service.publish("numbers", str(said))
            is_over.wait(0.0002)

    token = sign_in("agent1")
    for _ in range(10):
        is_over.clear()
        speaker = threading.Thread(target=speak)
        speaker.start()
        with socket(here.port, "agent", token) as client:
            known = ready(client)["n"]
            is_over.set()
            speaker.join()
            heard: set[int] = set()
            while not heard >= set(range(known + 1, said + 1)):
                frame = json.loads(client.hear())
                if isinstance(frame, dict):
                    known = frame["ready"]["n"]
                else:
                    heard.add(frame)


def test_signing_out_closes_all_sockets_of_that_session_and_no_others(here):
    first, second = sign_in("agent1"), sign_in("agent1")
    clients = [socket(here.port, "agent", token) for token in (first, first, second)]
    for client in clients:
        ready(client)
    sign_out(first)
    assert [client.hear() for client in clients[:2]] == [4001, 4001]
    here.service.publish(f"person:{person_id('agent1')}", '"still here"')
    assert clients[2].hear() == '"still here"'
    for client in clients:
        client.close()


def test_a_changed_right_narrows_and_widens_what_an_open_socket_hears(here):
    _, channel = group_and_channel("Support")
    with socket(here.port, "agent", sign_in("agent3")) as client:
        assert str(channel) in ready(client)["channels"]
        until(lambda: f"channel:{channel}" in here.service.hub.all()[0].topics)  # it is sent before
        revoke("agent3", "chat_participant", "Support")
        until(lambda: f"channel:{channel}" not in here.service.hub.all()[0].topics)
        here.service.publish(f"channel:{channel}", '"secret"')
        grant("agent3", "chat_owner", "Support")
        heard = [client.hear()]
        while f'"{channel}":' not in heard[-1] or "ready" not in heard[-1]:  # circles change in between
            heard.append(client.hear())
        here.service.publish(f"channel:{channel}", '"heard"')
        while heard[-1] != '"heard"':
            heard.append(client.hear())
        assert '"secret"' not in heard


def test_what_nobody_announced_is_found_by_the_regular_look(here):
    """Another process may have changed rights and sessions while its word was lost."""
    group, channel = group_and_channel("Support")
    with (
        socket(here.port, "agent", sign_in("agent3")) as client,
        socket(here.port, "agent", sign_in("agent2")) as other,
    ):
        ready(client)
        ready(other)
        with transaction() as tx:
            mine = PersonPermission.person_id == person_id("agent3")
            tx.execute(delete(PersonPermission).where(mine, PersonPermission.group_id == group))
            tx.execute(
                update(Person)
                .where(Person.login == "agent3")
                .values(access_version=Person.access_version + 1)
            )
            tx.execute(delete(SignIn).where(SignIn.person_id == person_id("agent2")))
        here.service.beat()
        assert other.hear() == 4001
        (left,) = here.service.hub.all()
        assert f"channel:{channel}" not in left.topics


def test_a_person_who_is_made_invalid_is_closed(here):
    with socket(here.port, "agent", sign_in("agent3")) as client:
        ready(client)
        with transaction() as tx:
            tx.execute(update(Person).where(Person.login == "agent3").values(is_valid=False))
        realtime.access_changed(person_id("agent3"))
        assert client.hear() == 4001


def test_when_rights_cannot_be_worked_out_the_socket_is_closed_and_may_come_back(here, plug):
    failing = True

    def heard(identity):
        if failing:
            raise RuntimeError("no rights today")
        return []

    token = sign_in("agent1")
    with socket(here.port, "agent", token) as client:
        ready(client)
        plug.on_topics(heard)
        realtime.access_changed(person_id("agent1"))
        assert client.hear() == 1011
    failing = False
    with socket(here.port, "agent", token) as client:
        ready(client)


@pytest.mark.requirement(9)
def test_colours_follow_a_socket_its_activity_and_its_end(here):
    token = sign_in("agent1")
    assert shown("agent1") == "offline"
    with socket(here.port, "agent", token) as client:
        ready(client)
        assert shown("agent1") == "active"
        turn_back(active_at=5 * 60 + 1)
        here.service.tick()
        assert shown("agent1") == "away"
        client.say('{"active": true}')
        until(lambda: shown("agent1") == "active")
    until(lambda: lasts() <= timedelta(seconds=15))
    turn_back(alive_until=16)
    here.service.tick()
    assert shown("agent1") == "offline"


@pytest.mark.requirement(11)
def test_a_page_change_is_not_seen_by_anybody(here, plug):
    heard: list[realtime.Change] = []
    plug.on_presence(heard.extend)
    token = sign_in("agent1")
    for _ in range(3):
        with socket(here.port, "agent", token) as client:
            ready(client)
            here.service.tick()
        until(lambda: not here.service.hub.people())
        here.service.tick()
    assert [change.shown for change in heard] == ["active"]


@pytest.mark.requirement(9)
def test_signing_out_shows_a_person_as_offline_at_once(here):
    token = sign_in("agent1")
    with socket(here.port, "agent", token) as client:
        ready(client)
        sign_out(token)
        assert client.hear() == 4001
        until(lambda: shown("agent1") == "offline")
        assert db.session.scalars(select(Lease.person_id)).all() == []
