"""Polls against their full render, the console's first page, and what pages weigh."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import Request

from sqlalchemy import event

from helpdesk import create_app
from helpdesk.database import db
from tests.bench.installation import Installation, installed
from tests.bench.load import Load, agent_headers
from tests.bench.report import Row
from tests.support.databases import configuration
from tests.support.servers import DIRECT

SECONDS = 1.0
LINKED = re.compile(r'(?:href|src)="(/(?:assets|static)/[^"#]+)')


def rows() -> Iterator[Row]:
    """Return polls, console page and weights from one server."""
    with installed("sqlite", 8, 8) as here:
        yield from _polls(here)
        yield from _console(here)
        yield from _weights(here)


def _polls(here: Installation) -> Iterator[Row]:
    paths = {
        "request list": "/agent/chats/requests/public",
        "card header": f"/agent/chats/{here.world.busy_chat}/header",
    }
    for name, path in paths.items():
        tag = _get(here, path)[1]["ETag"]
        turns = [(_repeat(here, path), _repeat(here, path, f"If-None-Match: {tag}")) for _ in range(3)]
        full, poll = (min(each["cpu_us"] for each in kind) for kind in zip(*turns, strict=True))
        note = f"{poll:.0f} against {full:.0f} µs CPU, in turn"
        yield Row(f"poll by version check, {name}", poll / full, "×", 0.75, note=note)


def _console(here: Installation) -> Iterator[Row]:
    page = _repeat(here, "/agent/chats")
    note = "20 requests, 6 active chats of 50 lines"
    yield Row(
        "console, first page", page["done_p50"], "ms", 25, note=f"{note}; {page['cpu_us'] / 1000:.1f} ms CPU"
    )
    yield Row("console, first page, queries", _queries(here, "/agent/chats"), "", 12, note=note)


def _queries(here: Installation, path: str) -> int:
    """Count the statements of one page, the session's included; without BEGIN and COMMIT."""
    found: list[str] = []
    with TemporaryDirectory() as folder:
        app = create_app(configuration(here.database_url, Path(folder)))
        client = app.test_client()
        client.set_cookie("helpdesk_agent", here.world.busy, domain="127.0.0.1", path="/agent")
        with app.app_context():
            engine = db.engine
        for attempt in range(2):  # the first one fills the caches
            if attempt:
                event.listen(engine, "before_cursor_execute", lambda *a: found.append(a[2]))
            assert client.get(path, base_url="http://127.0.0.1:8000").status_code == 200
        engine.dispose()
    return sum(not text.startswith("BEGIN") for text in found)


def _weights(here: Installation) -> Iterator[Row]:
    yield _weight(here, "agent console", "/agent/chats", 60)
    yield _weight(here, "visitor window", "/external/", 45)


def _weight(here: Installation, name: str, path: str, budget: float) -> Row:
    """Everything a first visit loads: the page and what it links, icons referred to by fragments too."""
    html, _ = _get(here, path)
    parts = {"html": gzip.compress(html)}
    for linked in sorted(set(LINKED.findall(html.decode()))):
        body, headers = _get(here, linked, "Accept-Encoding: gzip, br")
        parts[linked.rpartition("/")[2]] = body if "Content-Encoding" in headers else gzip.compress(body)
    sizes = {each: len(body) / 1024 for each, body in parts.items()}
    note = ", ".join(f"{re.sub('-[0-9a-f]{16}', '', each)} {size:.1f}" for each, size in sizes.items())
    return Row(f"weight of the {name}", sum(sizes.values()), "kB", budget, note=f"compressed: {note}")


def _repeat(here: Installation, path: str, *more: str) -> dict[str, Any]:
    with Load(here.port, *here.pids) as load:
        load.asker(0, "GET", path, [*agent_headers(here.world.busy, here.port), *more])
        load.open()
        load.do("closed 0.3 1")
        return load.do(f"closed {SECONDS} 1")


def _get(here: Installation, path: str, *more: str) -> tuple[bytes, Any]:
    headers = [*agent_headers(here.world.busy, here.port), *more]
    plain = dict(each.split(": ", 1) for each in headers if not each.startswith("HX-Request"))
    with DIRECT.open(Request(f"http://127.0.0.1:{here.port}{path}", headers=plain), timeout=10) as answer:
        return answer.read(), answer.headers
