"""Pushing one frame to the sockets of a room: the hub, a C epoll loop and Flask-SocketIO on the same work."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.load import Load
from tests.bench.machine import HERE, built, environment_of, gunicorn, port, running
from tests.bench.report import Row

ROOMS, BURST, SECONDS = 8, 50, 1.5
LINE_BYTES, ROW_BYTES = 530, 1100  # a pushed line of sixty characters; a pushed request row with its counts
AGENTS = 1000


def rows() -> Iterator[Row]:
    """Return costs per push to two sockets, and the time until the last of 1,000 agents has a row."""
    with _c_loop() as number_pid:
        c = _two(*number_pid)
    with _c_loop() as number_pid:
        c_row = _thousand(*number_pid)
    with _hub() as number_pid:
        hub = _two(*number_pid)
    with _hub() as number_pid:
        hub_row = _thousand(*number_pid)
    costs = f"{hub['cpu_us']:.1f} against {c['cpu_us']:.1f} µs CPU"
    note = f"{costs}; {BURST} frames of {LINE_BYTES} bytes per word, {ROOMS} rooms"
    yield Row(
        "a line pushed to two sockets, against the C loop", hub["cpu_us"] / c["cpu_us"], "×", 2.5, note=note
    )
    yield from _beside_socketio(hub["cpu_us"])
    note = f"last of {AGENTS:,} after {hub_row:.2f} against {c_row:.2f} ms; hub.publish of {ROW_BYTES} bytes"
    yield Row("a request row to 1,000 agents, against the C loop", hub_row / c_row, "×", 2, note=note)


@contextmanager
def _c_loop() -> Iterator[tuple[int, int]]:
    number = port()
    with running([built("peer_epoll"), str(number)], number) as pid:
        yield number, pid


@contextmanager
def _hub() -> Iterator[tuple[int, int]]:
    number = port()
    command = gunicorn(sys.executable, "tests.bench.hub_app:app", number, "-c", "gunicorn.conf.py")
    with running(command, number) as pid:
        yield number, pid


def _two(number: int, pid: int) -> dict[str, Any]:
    """Return the cost of one push; a burst per word, so that hearing the word does not count."""
    with Load(number, pid) as load:
        load.marker("~line~")
        for room in range(ROOMS):
            for _ in range(2):
                load.socket(room, f"/room/{room}")
        load.open()
        return _bursts(load, f"push {BURST} {LINE_BYTES}")


def _bursts(load: Load, text: str) -> dict[str, Any]:
    load.do(f"say {BURST} 0.5 {ROOMS} {text}")
    found = load.best(f"say {BURST} {SECONDS} {ROOMS} {text}")
    return found | {"cpu_us": found["cpu_us"] / BURST}


def _thousand(number: int, pid: int) -> float:
    """Return the milliseconds until the last of the agents has a row: the best of three medians."""
    with Load(number, pid) as load:
        load.marker("~line~")
        for _ in range(AGENTS):
            load.socket(0, "/room/0")
        load.open()
        load.do(f"say 1 0.5 1 push 1 {ROW_BYTES}")
        return min(float(load.do(f"say 1 {SECONDS} 1 push 1 {ROW_BYTES}")["heard_p50"]) for _ in range(3))


def _beside_socketio(ours_us: float) -> Iterator[Row]:
    try:
        python = environment_of("flask-socketio", "simple-websocket", "gunicorn")
    except OSError as problem:
        yield Row(
            "a line pushed to two sockets, against Flask-SocketIO", None, "×", note=f"not measured: {problem}"
        )
        return
    number = port()
    command = gunicorn(python, "peer_socketio:app", number, "--threads", "64")
    with running(command, number, HERE) as pid, Load(number, pid) as load:
        load.marker("~line~")
        for room in range(ROOMS):
            for _ in range(2):
                load.socket(
                    room, "/socket.io/?EIO=4&transport=websocket", greeting=["40", f'42["enter",{room}]']
                )
        load.open()
        load.do("wait 1")
        theirs = _bursts(load, f'42["push",{BURST},{LINE_BYTES}]')["cpu_us"]
    note = f"{ours_us:.1f} against {theirs:.1f} µs CPU; threading mode under gunicorn"
    yield Row("a line pushed to two sockets, against Flask-SocketIO", ours_us / theirs, "×", 0.25, note=note)
