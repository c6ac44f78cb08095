"""From the handshake to the hub, on both servers."""

import socket

import pytest

from tests.realtime.helpers import DEADLINE_S, Client, gunicorn_running, joined, masked, werkzeug_running

TEXT = 0x1


@pytest.fixture(scope="module", params=["werkzeug", "gunicorn"])
def any_server(request, tmp_path_factory):
    """One for all tests here: none of them leaves anything behind."""
    folder = tmp_path_factory.mktemp("server")
    running = werkzeug_running() if request.param == "werkzeug" else gunicorn_running(folder)
    with running as server:
        yield server


def test_an_adopted_socket_hears_and_is_heard(any_server):
    with joined(any_server) as client:
        client.say("echo grüß dich")
        assert client.hear() == "grüß dich"


def test_what_is_sent_right_behind_the_handshake_is_heard(any_server):
    with Client(any_server.port, early=masked(TEXT, b"echo early")) as client:
        assert {client.hear(), client.hear()} == {"ready", "early"}


def test_a_refused_socket_gets_its_code_and_the_end_of_the_stream(any_server):
    with Client(any_server.port, "/refused") as client:
        assert client.hear() == 4001
        assert client.is_hung_up()


@pytest.mark.parametrize(
    "header",
    [
        "Sec-WebSocket-Version: 12",
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nContent-Length: 3",
    ],
)
def test_a_wrong_handshake_is_answered_with_400(any_server, header):
    opening = (
        f"GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{header}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", any_server.port), DEADLINE_S) as raw:
        raw.sendall(opening.encode())
        assert raw.recv(4096).split()[1] == b"400"


def test_extensions_are_declined(any_server):
    offer = [(b"Sec-WebSocket-Extensions", b"permessage-deflate")]
    with joined(any_server, headers=offer) as client:
        assert client.answer.extensions == []
