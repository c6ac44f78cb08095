"""The hub on a real server, heard by a real client."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from wsproto.events import CloseConnection

from tests.realtime.helpers import DEADLINE_S, Client, joined, wait_until_closed, werkzeug_running


@pytest.fixture
def served():
    with werkzeug_running() as server:
        yield server


def test_a_close_frame_is_answered_with_its_code(served):
    with joined(served) as client:
        client.send(CloseConnection(code=4321, reason="bye"))
        assert client.hear() == 4321
        assert client.is_hung_up()
        wait_until_closed(served)
        assert len(served.hub) == 0


def test_a_peer_that_shuts_its_sending_half_still_gets_what_waits(served):
    with joined(served, receive_buffer=4096) as client:
        for number in range(300):
            served.hub.publish("all", f"{number} " + "x" * 2000)
        client.sock.shutdown(socket.SHUT_WR)
        wait_until_closed(served)
        heard = client.hear_all()
        assert [int(text.split()[0]) for text in heard[:-1]] == list(range(300))
        assert heard[-1] == 1000


def test_a_failing_callback_harms_nobody(served):
    with joined(served) as client:
        client.say("fail")
        client.say("echo still here")
        assert client.hear() == "still here"


def test_only_listeners_hear_and_subscribing_replaces(served):
    with joined(served, "/live?topic=a&topic=b") as client:
        (connection,) = served.hub.all()
        assert served.hub.publish("c", "1") == 0
        assert served.hub.publish("a", "2") == 1
        served.hub.subscribe(connection, ["c"])
        assert connection.topics == {"c"}
        assert served.hub.publish("a", "3") == 0
        assert served.hub.publish("c", "4") == 1
        assert [client.hear(), client.hear()] == ["2", "4"]


def test_people_are_known_while_they_are_connected(served):
    with (
        joined(served, "/live?person=1"),
        joined(served, "/live?person=2") as second,
        joined(served, "/live?person=2"),
    ):
        assert served.hub.people() == {1, 2}
        assert [each.person_id for each in served.hub.of_person(2)] == [2, 2]
        second.close()
        assert wait_until_closed(served).person_id == 2
        assert len(served.hub.of_person(2)) == 1
        assert len(served.hub) == 2


def test_closing_says_code_and_reason_and_ends_listening_at_once(served):
    with joined(served) as client:
        (connection,) = served.hub.all()
        served.hub.close(connection, 4001, "ä" * 100)
        assert served.hub.publish("all", "too late") == 0
        served.hub.send(connection, "too late")
        assert client.hear() == 4001
        assert wait_until_closed(served) is connection
        served.hub.close(connection, 4001)


def test_a_silent_peer_is_closed_and_one_that_answers_pings_is_not():
    with (
        werkzeug_running(ping_every_s=0.1, silent_after_s=1) as server,
        joined(server, "/live?person=1") as silent,
        joined(server, "/live?person=2") as lively,
    ):
        answering = threading.Thread(target=lively.hear)
        answering.start()
        assert wait_until_closed(server).person_id == 1
        assert server.hub.people() == {2}
        assert silent.hear_all()[-1] == 1001
        server.hub.publish("all", "end")
        answering.join(DEADLINE_S)


def test_large_frames_written_in_parts_arrive_whole(served):
    big = "ä" * 450_000
    with joined(served, receive_buffer=4096) as client:
        assert served.hub.publish("all", big) == 1
        assert served.hub.publish("all", "behind") == 1
        assert client.hear() == big
        assert client.hear() == "behind"


def test_a_stalled_reader_is_closed_with_1013_and_the_others_get_everything_in_order():
    with (
        werkzeug_running(outbox_bytes=200_000) as server,
        joined(server, "/live?person=1", receive_buffer=4096) as stalled,
        joined(server, "/live?person=2") as reader,
    ):
        sent = 0
        while server.hub.publish("all", f"{sent} " + "x" * 50_000) == 2:
            assert int(reader.hear().split()[0]) == sent
            sent += 1
        assert wait_until_closed(server).person_id == 1
        assert int(reader.hear().split()[0]) == sent
        heard = stalled.hear_all()
        assert heard[-1] == 1013
        assert [int(text.split()[0]) for text in heard[:-1]] == list(range(len(heard) - 1))


def test_concurrent_publishers_give_whole_frames_in_each_ones_order():
    def publish(author):
        for number in range(200):
            server.hub.publish("all", f"{author} {number} " + "x" * (number * 40))

    with (
        werkzeug_running(outbox_bytes=1 << 24) as server,
        joined(server, receive_buffer=4096) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        done = [pool.submit(publish, author) for author in range(8)]
        heard = [client.hear().split() for _ in range(8 * 200)]
        assert all(each.exception(DEADLINE_S) is None for each in done)
    assert all(len((rest or [""])[0]) == int(number) * 40 for _, number, *rest in heard)
    for author in range(8):
        assert [int(line[1]) for line in heard if line[0] == str(author)] == list(range(200))


def test_one_too_many_of_a_person_closes_his_oldest():
    with werkzeug_running(per_person=2) as server:
        clients = [joined(server, f"/live?session={number}") for number in range(3)]
        assert clients[0].hear() == 1013
        assert [each.session_key for each in server.hub.of_person(1)] == ["1", "2"]
        for client in clients:
            client.close()


def test_one_too_many_of_an_address_is_refused_until_another_leaves():
    with werkzeug_running(per_address=1) as server:
        with joined(server) as first:
            with Client(server.port) as second:
                assert second.hear() == 1013
            with joined(server, "/live?address=192.0.2.2"):
                pass
            assert wait_until_closed(server).address == "192.0.2.2"
            first.close()
            wait_until_closed(server)
        joined(server).close()


def test_stopping_closes_all_with_1012_and_refuses_newcomers(served):
    clients = [joined(served) for _ in range(20)]
    served.hub.stop()
    assert [client.hear() for client in clients] == [1012] * 20
    for client in clients:
        client.close()
    with Client(served.port) as late:
        assert late.hear() == 1012
    served.hub.stop()
    assert "hub" not in {thread.name for thread in threading.enumerate()}


def test_three_hundred_sockets_come_and_go_without_a_trace(served):
    joined(served).close()
    wait_until_closed(served)
    threads, descriptors = threading.active_count(), psutil.Process().num_fds()
    clients = [joined(served, f"/live?person={number}") for number in range(300)]
    assert len(served.hub) == 300
    for number, client in enumerate(clients):
        if number % 2:
            client.send(CloseConnection(code=1000))
            client.hear_all()
        client.close()
    assert {wait_until_closed(served).person_id for _ in clients} == set(range(300))
    served.hub.stop()
    assert len(served.hub) == 0
    assert threading.active_count() < threads + 3
    assert psutil.Process().num_fds() <= descriptors
