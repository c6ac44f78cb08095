"""The real application under gunicorn on a seeded database, pinned to the server's core."""

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import seed
from tests.bench.machine import KEPT, on_server_core
from tests.support.postgres import Postgres
from tests.support.servers import Server

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@dataclass(frozen=True)
class Installation:
    """A running helpdesk; `pids` are all whose cost counts, the database's too."""

    world: seed.World
    port: int
    database_url: str
    pid: int
    pids: tuple[int, ...]


@contextmanager
def installed(kind: str, agents: int, visitors: int) -> Iterator[Installation]:
    """Serve a fresh world from "sqlite" or "postgres"; everything is deleted afterwards."""
    with tempfile.TemporaryDirectory(dir=KEPT) as name:
        folder = Path(name)
        with _database(kind, folder) as (url, database_pids):
            world = seed.fill(url, folder, agents, visitors)
            with on_server_core():
                server = Server(url, folder)
            process = server.processes[0]
            pid = process.process.pid
            try:
                yield Installation(world, process.port, url, pid, (pid, *database_pids))
            finally:
                _stop(server)


def _stop(server: Server) -> None:
    """A machine under load may not end it in time, and nothing is to be left behind."""
    try:
        server.stop()
    except subprocess.TimeoutExpired:
        server.stop(signal.SIGKILL)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}", ()
        return
    with on_server_core():
        postgres = Postgres(DURABLE)
    try:
        postgres.execute("CREATE DATABASE bench")
        yield postgres.url("bench"), (postgres.process.pid,)
    finally:
        postgres.remove()
