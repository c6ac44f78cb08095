"""The sockets of the three doors, on a real server and each database."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from wsproto.events import AcceptConnection, RejectConnection
from wsproto.extensions import PerMessageDeflate

from helpdesk import realtime, settings
from helpdesk.accounts.models import Person, PersonPermission, SignIn
from helpdesk.database import database_now, db, transaction
from helpdesk.realtime import joining, presence, topics
from helpdesk.realtime.models import Lease
from tests.realtime.here import (
    Here,
    ask,
    grant,
    group_and_channel,
    make_visitor,
    person_id,
    revoke,
    shown,
    sign_in,
    sign_out,
    socket,
)
from tests.support.waiting import until

DOORS = ("agent", "external", "window")


@pytest.fixture
def here(database_url, tmp_path):
    made = Here(database_url, tmp_path)
    with made.app.app_context():
        yield made
        db.session.remove()
    made.finish()


@pytest.fixture
def plug():
    """Registers functions with realtime for this test only."""
    places: tuple[dict[Any, None], ...] = (topics._topics, topics._ready, topics._gates, presence._listeners)
    before = [place.copy() for place in places]
    yield realtime
    for place, kept in zip(places, before, strict=True):
        place.clear()
        place.update(kept)


def ready(client):
    frame = json.loads(client.hear())
    assert list(frame) == ["ready"]
    return frame["ready"]


def turn_back(**seconds):
    """Make the times of all leases older: nobody waits."""
    with transaction() as tx:
        for lease in tx.scalars(select(Lease)):
            for name, passed_s in seconds.items():
                setattr(lease, name, getattr(lease, name) - timedelta(seconds=passed_s))


def lasts():
    """How long the only lease is good for."""
    alive_until, now = db.session.execute(select(Lease.alive_until, database_now())).one()
    db.session.rollback()
    return alive_until - now


def test_without_a_session_a_socket_is_accepted_and_closed_with_4001(here):
    for door in DOORS:
        for token in (None, "not a token of ours", sign_in("agent1") + "x"):
            with socket(here.port, door, token) as client:
                assert isinstance(client.answer, AcceptConnection)
                assert client.hear() == 4001
    assert len(here.service.hub) == 0


def test_the_session_of_one_door_does_not_open_another(here):
    agent, customer = sign_in("agent1"), sign_in("customer1")
    for door, token in (("agent", customer), ("external", agent), ("window", agent)):
        with socket(here.port, door, token) as client:
            assert client.hear() == 4001


def test_each_door_opens_its_socket_and_says_first_how_things_stand(here):
    _, visitor = make_visitor()
    for door, token in (
        ("agent", sign_in("agent1")),
        ("external", sign_in("customer1")),
        ("window", visitor),
    ):
        with socket(here.port, door, token) as client:
            told = ready(client)
            assert told["chats"] == {}
            assert ("channels" in told) == (door == "agent")
            assert isinstance(told["access"], int)


def test_a_visitors_capability_in_the_subprotocol_opens_and_is_echoed(here):
    _, token = make_visitor()
    offer = [f"visitor.{token}"]
    with socket(here.port, "window", subprotocols=offer) as client:
        assert client.answer.subprotocol == offer[0]
        ready(client)
    with socket(here.port, "window", subprotocols=["visitor.nobody"]) as client:
        assert client.answer.subprotocol == "visitor.nobody"
        assert client.hear() == 4001
    with socket(here.port, "agent", subprotocols=offer) as client:
        assert client.answer.subprotocol is None
        assert client.hear() == 4001


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
        revoke("agent3", "chat_participant", "Support")
        until(lambda: f"channel:{channel}" not in here.service.hub.all()[0].topics)
        here.service.publish(f"channel:{channel}", '"secret"')
        grant("agent3", "chat_owner", "Support")
        assert str(channel) in ready(client)["channels"]
        here.service.publish(f"channel:{channel}", '"heard"')
        assert client.hear() == '"heard"'


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


@pytest.mark.requirement(1)
def test_while_chat_is_off_open_sockets_are_closed_and_new_ones_refused_with_4003(here):
    token = sign_in("agent1")
    with socket(here.port, "agent", token) as client:
        ready(client)
        put("ChatEngine::Active", False)
        assert client.hear() == 4003
    with socket(here.port, "agent", token) as client:
        assert client.hear() == 4003
    put("ChatEngine::Active", True)
    with socket(here.port, "agent", token) as client:
        ready(client)


def put(name, value):
    with transaction() as tx:
        settings.put(tx, name, value, None)


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


def test_what_is_no_json_object_is_closed_with_1008(here):
    token = sign_in("agent1")
    texts = ("", "{", "[]", "1", '"active"', "null", "NaN", "{'active': true}", "[" * 3000, '{"a": ' * 600)
    for text in texts:
        with socket(here.port, "agent", token) as client:
            ready(client)
            client.say(text)
            assert (text, client.hear()) == (text, 1008)


def test_other_objects_are_ignored(here):
    with socket(here.port, "agent", sign_in("agent1")) as client:
        ready(client)
        for text in (
            "{}",
            '{"active": 1}',
            '{"active": "true"}',
            '{"topics": ["channel:1"]}',
            '{"a": {"b": []}}',
        ):
            client.say(text)
        realtime.publish(f"person:{person_id('agent1')}", '"after"')
        assert client.hear() == '"after"'


def test_no_client_hears_what_processes_tell_each_other(here, plug):
    plug.on_topics(lambda identity: ["control:signout", "control:access", "control:settings"])
    with socket(here.port, "agent", sign_in("agent1")) as client:
        ready(client)
        assert not any(topic.startswith("control:") for topic in here.service.hub.all()[0].topics)


def test_thirty_open_sockets_hold_no_connection_of_the_database(here):
    token = sign_in("agent1")
    clients = [socket(here.port, "agent", token) for _ in range(30)]
    for client in clients:
        ready(client)
    db.session.remove()
    until(lambda: "Current Checked out connections: 0" in db.engine.pool.status())
    assert [ask(here.port) for _ in range(20)] == [200] * 20
    for client in clients:
        client.close()


def test_a_foreign_origin_is_refused_before_the_handshake(here):
    for door in DOORS:
        for origin in ("https://elsewhere.example", "null", None, "http://127.0.0.1", here.url + "/"):
            with socket(here.port, door, sign_in("agent1"), origin=origin) as client:
                assert isinstance(client.answer, RejectConnection), origin
                assert client.answer.status_code == 403


def test_a_wrong_handshake_is_answered_with_400(here):
    right = {
        "Origin": here.url,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert ask(here.port, "/agent/live", headers=right) == 101
    wrong: dict[str, tuple[str | None, ...]] = {
        "Upgrade": ("h2c", None),
        "Connection": ("keep-alive", None),
        "Sec-WebSocket-Version": ("8", None),
        "Sec-WebSocket-Key": ("short", None),
    }
    for name, values in wrong.items():
        for value in values:
            headers = {key: text for key, text in (right | {name: value}).items() if text is not None}
            assert (name, value, ask(here.port, "/agent/live", headers=headers)) == (name, value, 400)


def test_compression_is_not_negotiated(here):
    offer = [(b"Sec-WebSocket-Extensions", b"permessage-deflate; client_max_window_bits")]
    with socket(here.port, "agent", sign_in("agent1"), headers=offer) as client:
        assert client.answer.extensions == []
        assert not any(isinstance(each, PerMessageDeflate) for each in client.answer.extensions)
        ready(client)


def test_at_the_end_sockets_are_closed_with_1012_leases_stay_and_nothing_starts_again(here):
    token = sign_in("agent1")
    with socket(here.port, "agent", token) as client:
        ready(client)
        here.service.stop()
        assert client.hear() == 1012
    assert shown("agent1") == "active"
    here.service.start()
    assert not here.service.is_running
    with socket(here.port, "agent", token) as client:
        assert client.hear() == 1012


def test_making_an_app_starts_nothing(app):
    before = threading.active_count()
    realtime.publish("all", "nobody hears")
    assert not realtime.service().is_running
    assert threading.active_count() == before
