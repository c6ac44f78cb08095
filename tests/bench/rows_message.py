"""The whole message by POST: session, rights, CSRF, insert, commit, render, delivered to both sockets."""

from collections.abc import Iterator

from tests.bench.installation import Installation, installed
from tests.bench.load import Load, chat
from tests.bench.machine import KEPT, commits_per_s, rss_kb
from tests.bench.report import Row

SECONDS = 2.5
CHATS, AT_ONCE = 50, 8
LEAST_PER_S = {"sqlite": 1200, "postgres": 800}


def sqlite() -> Iterator[Row]:
    """Return the rows of SQLite with synchronous=FULL, and the memory of the process with 50 chats."""
    commits = commits_per_s(KEPT)
    with installed("sqlite", CHATS, CHATS) as here:
        yield Row("one process, idle", rss_kb(here.pid) / 1024, "MiB", 80, note="resident, just started")
        with _loaded(here) as load:
            yield from _messages(load, "SQLite", LEAST_PER_S["sqlite"])
            load.do(f"closed 2 {CHATS}")
            yield Row(
                f"one process, {CHATS} chats",
                rss_kb(here.pid) / 1024,
                "MiB",
                120,
                note="after the messages above",
            )
    yield Row(
        "the disk's bare commits",
        commits,
        "/s",
        note="SQLite, FULL, one row each: the most any could do one by one",
    )


def postgres() -> Iterator[Row]:
    """Return the rows of PostgreSQL; its processor time counts."""
    with installed("postgres", CHATS, CHATS) as here, _loaded(here) as load:
        yield from _messages(load, "PostgreSQL", LEAST_PER_S["postgres"])


def _loaded(here: Installation) -> Load:
    load = Load(here.port, *here.pids)
    for number in range(CHATS):
        chat(load, here.world, number, here.world.talks[number])
    load.open()
    load.do(f"closed 1 {CHATS}")  # every thread has compiled its statements
    return load


def _messages(load: Load, name: str, least: float) -> Iterator[Row]:
    alone = load.best(f"closed {SECONDS} 1")
    yield Row(
        f"whole message, {name}, one after the other", alone["cpu_us"], "µs CPU", 600,
        note=f"{alone['per_s']:.0f}/s, heard by both p50 {alone['heard_p50']:.1f} ms",
    )  # fmt: skip
    many = load.best(f"closed {SECONDS} {AT_ONCE}")
    yield Row(f"whole message, {name}, {AT_ONCE} at once", many["cpu_us"], "µs CPU", 600)
    yield Row(
        f"whole messages per second, {name}", many["per_s"], "/s", least, is_least=True,
        note=f"{AT_ONCE} chats at once; heard p50 {many['heard_p50']:.1f}, p99 {many['heard_p99']:.1f} ms",
    )  # fmt: skip
