"""Tickets among 100,000: lists in each order and deep in them, zoom, search, and what customers see."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert, select, text

from helpdesk import create_app
from helpdesk.access import Door
from helpdesk.accounts import tokens
from helpdesk.accounts.models import SignIn
from helpdesk.database import db, now, transaction
from helpdesk.tickets.models import Ticket
from tests.bench import seed_tickets
from tests.bench.installation import Installation, installed
from tests.bench.load import Load, agent_headers
from tests.bench.report import Row
from tests.support.databases import configuration

SECONDS, MOST_MS = 0.5, 50
COMMON, OTHER, RARE = seed_tickets.WORDS[0], seed_tickets.WORDS[20], seed_tickets.WORDS[-1]


def rows() -> Iterator[Row]:
    """Return what each page costs, on SQLite and on PostgreSQL."""
    for kind in ("sqlite", "postgres"):
        with installed(kind, 1, 1) as here:
            busy, customer, number = _filled(here)
            for name, path in _pages(here, busy, number).items():
                yield _row(here, f"{kind}: {name}", here.world.talks[0].agent_token, path)
            for name, path in _own_pages().items():
                yield _row(here, f"{kind}: a customer's {name}", customer, path, Door.EXTERNAL)


def _filled(here: Installation) -> tuple[seed_tickets.Busy, str, str]:
    """Add the tickets; return who is busy, a session of the busiest customer, and a ticket amid all."""
    with TemporaryDirectory() as folder:
        app = create_app(configuration(here.database_url, Path(folder)))
        with app.app_context():
            busy, token, at = seed_tickets.fill(), tokens.make(), now()
            row = {"token_hash": tokens.hash_of(token), "person_id": busy.customer_id, "created_at": at}
            row |= {"last_used_at": at, "expires_at": at + timedelta(days=1)}
            with transaction() as tx:
                tx.execute(insert(SignIn).values(row | {"address": "127.0.0.1", "browser": "bench"}))
            amid = select(Ticket.number).order_by(Ticket.changed_at.desc()).offset(busy.tickets // 2).limit(1)
            number = db.session.scalars(amid).one()
            db.session.remove()
            if db.engine.dialect.name == "postgresql":  # autovacuum would do it in time
                with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text("VACUUM ANALYZE"))
            db.engine.dispose()
    return busy, token, number


def _pages(here: Installation, busy: seed_tickets.Busy, number: str) -> dict[str, str]:
    tickets, chat = "/agent/tickets", here.world.talks[0].public_id
    orders = {
        f"list by {sort}": f"{tickets}?sort={sort}" for sort in ("changed", "title", "priority", "queue")
    }
    return orders | {
        "open tickets by title": f"{tickets}?state=open&sort=title",
        "closed tickets of a queue": f"{tickets}?state=closed&queue={busy.queue_id}&sort=priority",
        "list, page 1,000": f"{tickets}?after={number}",
        "list by title, amid": f"{tickets}?sort=title&after={number}",
        "ticket zoom": f"{tickets}/{number}",
        "search, a common word": f"{tickets}?words={COMMON}",
        "search, three words": f"{tickets}?words={COMMON}+hello+{OTHER}",
        "search, a rare word": f"{tickets}?words={RARE}",
        "search, two letters": f"{tickets}?words={COMMON[:2]}",
        "search, beginning of a number": f"{tickets}?words={number[:9]}",
        "dashboard": "/agent/",
        "customer user": f"/agent/customers/{busy.customer_id}",
        "Append, search": f"/agent/chats/{chat}/append/tickets?words={COMMON}",
    }


def _own_pages() -> dict[str, str]:
    return {
        "list": "/external/tickets",
        "company's list": "/external/company-tickets?state=all",
        "search": f"/external/tickets?state=all&words={COMMON}",
        "company's search": f"/external/company-tickets?state=all&words={OTHER}",
    }


def _row(here: Installation, name: str, token: str, path: str, door: Door = Door.AGENT) -> Row:
    with Load(here.port, *here.pids) as load:
        headers = [each.replace(Door.AGENT.cookie, door.cookie) for each in agent_headers(token, here.port)]
        load.asker(0, "GET", path, headers)
        load.open()
        load.do("closed 0.2 1")
        found = load.best(f"closed {SECONDS} 1")
    note = f"processor time of server and database; p50 {found['done_p50']:.1f} ms"
    return Row(name, found["cpu_us"] / 1000, "ms", MOST_MS, note=note)
