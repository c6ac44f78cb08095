"""`make bench`: measures what is promised about speed; prints a table and writes one JSON file."""

import sys
import time
from collections.abc import Callable, Iterable

from tests.bench import (
    rows_agents,
    rows_idle,
    rows_message,
    rows_pages,
    rows_pdf,
    rows_peers,
    rows_push,
    rows_tickets,
)
from tests.bench.machine import CORES, KEPT, on_server_core, raise_limit
from tests.bench.report import Row, measured, pace_us, write

GROUPS: dict[str, tuple[str, Callable[[], Iterable[Row]]]] = {
    "push": ("Pushing to sockets", rows_push.rows),
    "message": ("Whole message, SQLite", rows_message.sqlite),
    "postgres": ("Whole message, PostgreSQL", rows_message.postgres),
    "peers": ("Whole message, django-supchat", rows_peers.rows),
    "pages": ("Pages and polls", rows_pages.rows),
    "tickets": ("Tickets among 100,000 with 300,000 articles", rows_tickets.rows),
    "agents": ("200 agents, 50 requests a minute", rows_agents.rows),
    "pdf": ("PDFs", rows_pdf.rows),
    "idle": ("Idle sockets", rows_idle.rows),
}


def main(wanted: list[str]) -> None:
    """Measure the named groups, or all of them."""
    KEPT.mkdir(parents=True, exist_ok=True)
    raise_limit()
    with on_server_core():
        pass  # from here on we, and the load we start, are on the last core
    began, pace = time.monotonic(), pace_us()
    print(
        f"Server on core {CORES[0]}, load on core {CORES[-1]}. CPU: all processes of a server, best of three."
    )
    rows: list[Row] = []
    for key in wanted or GROUPS:
        title, group = GROUPS[key]
        rows += measured(group, title)
    path = KEPT.parent / "bench.json"
    write(path, rows, time.monotonic() - began, pace)
    missed = [row.name for row in rows if row.is_met is False]
    print(f"\n{len(rows)} rows, {len(missed)} missed, {time.monotonic() - began:.0f} s; {path}")


main(sys.argv[1:])
