"""The worker under the project's own gunicorn configuration: it waits for no client."""

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.realtime.helpers import DEADLINE_S, Client, gunicorn_running
from tests.support.waiting import until

# The promise is a second; this only has to tell it from waiting for clients on a machine that is busy.
EXIT_BOUND_S = 15


@pytest.fixture
def served(tmp_path):
    with gunicorn_running(tmp_path, HELPDESK_THREADS="2") as server:
        yield server


def connected(server):
    return socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)


def ask(connection, path="/sockets", header="X-Nothing: x"):
    """One request on a connection; the answer's body, read to its stated length."""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
    with connection.makefile("rb") as stream:
        assert stream.readline().split()[1] == b"200"
        length = 0
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return stream.read(length)


def exit_s(server):
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(DEADLINE_S) == 0
    return time.monotonic() - began


def test_clients_that_keep_their_closed_connections_open_delay_nobody(served):
    # The unmended worker waits 2 s for each of them: longer together than the other client's deadline.
    holding = [connected(served) for _ in range(15)]
    for each in holding:
        ask(each, header="Connection: close")
    with connected(served) as other:
        assert ask(other) == b"0"
    for each in holding:
        assert each.recv(1) == b""
        each.close()


def test_a_closing_answer_is_whole_although_the_request_was_not_read(served):
    with connected(served) as client:
        body = b"x" * 100_000
        client.sendall(
            b"GET /sockets HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n" + body
        )
        answer = b""
        while data := client.recv(4096):
            answer += data
        assert answer.endswith(b"\r\n\r\n0")


def test_silent_connections_hold_no_threads(served):
    # The unmended worker gives each one of its two threads for 5 s: longer than the other client's deadline.
    silent = [connected(served) for _ in range(12)]
    with connected(served) as client:
        assert ask(client) == b"0"
    for each in silent:
        assert ask(each) == b"0"
        each.close()


def test_running_out_of_descriptors_ends_nothing(tmp_path):
    with gunicorn_running(tmp_path, descriptors=64) as served, Client(served.port) as client:
        assert client.hear() == "ready"
        many = [connected(served) for _ in range(100)]
        client.say("echo still here")
        assert client.hear() == "still here"
        for each in many:
            each.close()
        with connected(served) as later:
            assert ask(later) == b"1"
        client.say("echo and here")
        assert client.hear() == "and here"


def test_who_takes_the_last_descriptor_is_answered(tmp_path):
    with gunicorn_running(tmp_path, descriptors=64) as served, ExitStack() as many:
        waiting = [many.enter_context(connected(served)) for _ in range(100)]
        until(lambda: any("Out of file descriptors" in line for line in served.log), "them to run out")
        for each in waiting:
            each.sendall(b"GET /sockets HTTP/1.1\r\nHost: helpdesk.test\r\n\r\n")
        for each in waiting:
            assert each.recv(12) == b"HTTP/1.1 200"
            each.close()


def test_a_stopped_server_says_1012_to_all_and_ends_although_clients_hold_on(served, record_property):
    sockets = [Client(served.port, f"/live?person={number}") for number in range(20)]
    assert {client.hear() for client in sockets} == {"ready"}
    silent = [connected(served) for _ in range(8)]
    kept, holding = connected(served), connected(served)
    ask(kept)
    ask(holding, header="Connection: close")
    with ThreadPoolExecutor(20) as pool:
        codes = [pool.submit(client.hear) for client in sockets]
        took_s = exit_s(served)
        assert {code.result(DEADLINE_S) for code in codes} == {1012}
    record_property("exit_s", round(took_s, 3))
    assert took_s < EXIT_BOUND_S
    for each in (*silent, kept, holding, *sockets):
        each.close()


def test_sockets_that_never_hang_up_do_not_delay_the_exit(served, record_property):
    sockets = [Client(served.port, f"/live?person={number}") for number in range(20)]
    took_s = exit_s(served)
    record_property("exit_s", round(took_s, 3))
    assert took_s < EXIT_BOUND_S
    assert {client.hear_all()[-1] for client in sockets} == {1012}
    for client in sockets:
        client.close()


def test_a_request_on_the_way_is_answered_by_a_stopping_server(served):
    with Client(served.port) as client, connected(served) as waiting, ThreadPoolExecutor(1) as pool:
        assert client.hear() == "ready"
        answer = pool.submit(ask, waiting, "/until-closed")
        assert client.hear() == "somebody waits"
        served.process.send_signal(signal.SIGTERM)
        assert client.hear() == 1012
        assert answer.result(DEADLINE_S) == b"closed"
        assert served.process.wait(DEADLINE_S) == 0
