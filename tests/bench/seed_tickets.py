"""100,000 tickets with 300,000 articles, written straight into the tables.

`python -m tests.bench.seed_tickets URL` adds them to a database that is up to date; every agent may do all
with them.
"""

import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from helpdesk import create_app
from helpdesk.accounts import people
from helpdesk.accounts.models import AGENT, CUSTOMER, Company, Person, PersonPermission
from helpdesk.database import db, now, transaction
from helpdesk.tickets import search
from helpdesk.tickets.models import Article, Queue, Ticket
from tests.support.databases import configuration

TICKETS, ARTICLES_EACH, BATCH = 100_000, 3, 5_000
QUEUES, COMPANIES, CUSTOMERS = 20, 200, 2_000
STATES = {
    "new": 4,
    "open": 10,
    "pending reminder": 4,
    "pending auto close": 2,
    "closed successful": 70,
    "closed unsuccessful": 8,
    "merged": 2,
}
# The rarer the later; some share their beginnings, as words do.
SYLLABLES = [first + last for first in "bdfghklmnprstvwz" for last in "aeiou"]
WORDS = [first + last + end for first in SYLLABLES for last in SYLLABLES[::7] for end in ("", "n", "re")]
random.Random(4).shuffle(WORDS)


@dataclass(frozen=True)
class Busy:
    """The busiest of each: who and what has most tickets; `tickets` is how many there are."""

    queue_id: int
    company_id: int
    customer_id: int
    tickets: int


def fill(tickets: int = TICKETS) -> Busy:
    """Add the tickets to the database of the application; the first queue, company and customer have most."""
    chance = random.Random(4)
    with transaction() as tx:
        queues, companies = _queues(tx), _companies(tx)
        customers = _customers(tx, companies)
        first = (tx.scalar(select(Ticket.id).order_by(Ticket.id.desc()).limit(1)) or 0) + 1
        for begin in range(first, first + tickets, BATCH):
            made = [
                _ticket(chance, key, first + tickets - key, queues, customers)
                for key in range(begin, min(begin + BATCH, first + tickets))
            ]
            said = [article for row in made for article in _articles(chance, row)]
            tx.execute(insert(Ticket), made)
            tx.execute(insert(Article), said)
            tx.execute(search._PUT[tx.get_bind().dialect.name], list(_found_by(made, said)))
        if tx.get_bind().dialect.name == "postgresql":
            tx.execute(text("SELECT setval(pg_get_serial_sequence('ticket', 'id'), max(id)) FROM ticket"))
    return Busy(queues[0], companies[0], next(iter(customers)), tickets)


def _queues(tx: Session) -> list[int]:
    group_id = people.create_group(tx, "Bench")
    rows = [{"name": f"Bench {n:02}", "group_id": group_id} for n in range(QUEUES)]
    agents = tx.scalars(select(Person.id).where(Person.kind == AGENT)).all()
    grants = [{"person_id": each, "group_id": group_id, "permission": "rw"} for each in agents]
    tx.execute(insert(PersonPermission), grants)
    return list(tx.scalars(insert(Queue).returning(Queue.id, sort_by_parameter_order=True), rows))


def _companies(tx: Session) -> list[int]:
    rows = [{"name": f"Company {n:03}"} for n in range(COMPANIES)]
    return list(tx.scalars(insert(Company).returning(Company.id, sort_by_parameter_order=True), rows))


def _customers(tx: Session, companies: list[int]) -> dict[int, int]:
    """Add customer users and return the company of each; the first two are of the first company."""
    whose = [companies[max(n - 1, 0) % COMPANIES] for n in range(CUSTOMERS)]
    rows = [
        {"kind": CUSTOMER, "login": f"bench{n}", "name": f"Customer {n}", "email": f"bench{n}@example.com"}
        | {"company_id": company_id, "created_at": now()}
        for n, company_id in enumerate(whose)
    ]
    ids = tx.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows)
    return dict(zip(ids, whose, strict=True))


def _ticket(
    chance: random.Random, key: int, age: int, queues: list[int], customers: dict[int, int]
) -> dict[str, Any]:
    created_at = now() - timedelta(minutes=3 * age)
    state = chance.choices(list(STATES), list(STATES.values()))[0]
    customer_id = list(customers)[_rare(chance, CUSTOMERS // 10) * 10 + chance.randrange(10)]
    return {
        "id": key,
        "number": f"9{key:013}",
        "title": f"{_said(chance, 5)} {key}",
        "queue_id": queues[_rare(chance, QUEUES)],
        "state": state,
        "priority": chance.choices(range(1, 6), (1, 2, 10, 2, 1))[0],
        "owner_id": None,
        "is_locked": False,
        "customer_id": customer_id,
        "customer_name": f"Customer {customer_id}",
        "company_id": customers[customer_id],
        "pending_until": created_at + timedelta(days=180) if state.startswith("pending") else None,
        "last_n": ARTICLES_EACH,
        "created_at": created_at,
        "changed_at": created_at + timedelta(minutes=chance.randrange(2 * age + 1)),
    }


def _articles(chance: random.Random, ticket: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for n in range(1, ARTICLES_EACH + 1):
        yield {
            "ticket_id": ticket["id"],
            "n": n,
            "channel": "note",
            "sender": "customer",
            "author_name": ticket["customer_name"],
            "is_visible": n < ARTICLES_EACH,
            "subject": ticket["title"],
            "text": _said(chance, 40),
            "created_at": ticket["created_at"],
        }


def _found_by(tickets: list[dict[str, Any]], articles: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for place, row in enumerate(tickets):
        said = [each["text"] for each in articles[place * ARTICLES_EACH :][:ARTICLES_EACH]]
        for side in (0, 1):  # the last article is not for customers
            body = "\n".join([row["number"], row["title"], row["customer_name"], *said[: len(said) - side]])
            keys = " ".join(search.key(name, row[f"{name}_id"]) for name in ("queue", "customer", "company"))
            yield {"ticket": row["id"], "side": side, "body": body, "keys": keys}


def _said(chance: random.Random, count: int) -> str:
    return " ".join(["hello", *(WORDS[_rare(chance, len(WORDS))] for _ in range(count))])


def _rare(chance: random.Random, count: int) -> int:
    """Return a place in a list of which the first come most often."""
    return int(count ** chance.random()) - 1


def main(url: str) -> None:
    """Fill the database of this URL."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(configuration(url, Path(folder)))
        with app.app_context():
            print(fill())
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
