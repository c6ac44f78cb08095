"""The sockets of the three doors, on a real server and each database: who comes in, and what may be said."""

import threading

import pytest
from wsproto.events import AcceptConnection, RejectConnection
from wsproto.extensions import PerMessageDeflate

from helpdesk import realtime, settings
from helpdesk.database import db, transaction
from tests.realtime.here import ask, make_visitor, person_id, ready, shown, sign_in, socket
from tests.support.waiting import until

DOORS = ("agent", "external", "window")


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
