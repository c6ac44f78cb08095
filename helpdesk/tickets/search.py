"""Full-text search: FTS5 on SQLite, tsvector on PostgreSQL, behind `put` and `matching`.

Each ticket has two rows: all its text, and what its customer may see of it. Both hold keys besides, which
say whose the ticket is: of many that hold a common word only those are gone through that count.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, select, text
from sqlalchemy.orm import Session

from helpdesk.database import db
from helpdesk.tickets.models import Article, ArticleLine, Queue, Ticket

LONGEST_WORDS = 200
MOST_WORDS = 10
MOST_FOUND = 1_000
# PostgreSQL takes no more into one tsvector.
MOST_CHARACTERS = 500_000
# A word FTS5 takes for one, too.
WORD = re.compile(r"[^\W_]+")
SHORTEST_NUMBER, LONGEST_NUMBER = 5, 20
# Nobody types it.
KEY = "\ue000"

# On SQLite the rows of agents are those above 0, of customers those below: it reads just them, newest first.
_FORGET = {
    "sqlite": text("DELETE FROM ticket_search WHERE rowid = :ticket * (1 - 2 * :side)"),
    "postgresql": text("DELETE FROM ticket_search WHERE ticket_id = :ticket AND is_for_customer = :side"),
}
_PUT = {
    "sqlite": text(
        "INSERT INTO ticket_search (rowid, body) VALUES (:ticket * (1 - 2 * :side), :keys || ' ' || :body)"
    ),
    "postgresql": text(
        "INSERT INTO ticket_search (ticket_id, is_for_customer, body)"
        " VALUES (:ticket, :side, array_to_tsvector(string_to_array(:keys, ' '))"
        " || to_tsvector('simple', :body))"
    ),
}
_FIND = {
    ("sqlite", False): text(
        "SELECT rowid FROM ticket_search WHERE ticket_search MATCH :words AND rowid > 0"
        " ORDER BY rowid DESC LIMIT :most"
    ),
    ("sqlite", True): text(
        "SELECT -rowid FROM ticket_search WHERE ticket_search MATCH :words AND rowid < 0"
        " ORDER BY rowid LIMIT :most"
    ),
    ("postgresql", False): text(
        "SELECT ticket_id FROM ticket_search WHERE body @@ CAST(:words AS tsquery) AND is_for_customer = 0"
        " ORDER BY ticket_id DESC LIMIT :most"
    ),
    ("postgresql", True): text(
        "SELECT ticket_id FROM ticket_search WHERE body @@ CAST(:words AS tsquery) AND is_for_customer = 1"
        " ORDER BY ticket_id DESC LIMIT :most"
    ),
}
# PostgreSQL plans by how common the words are: they must stand in the statement.
_WORDS = bindparam("words", type_=String, literal_execute=True)


@dataclass(frozen=True, slots=True)
class Found:
    """The condition on Ticket that it is found; `is_cut` where more hold these words than are looked at."""

    condition: ColumnElement[bool]
    is_cut: bool = False


def put(tx: Session, ticket_id: int) -> None:
    """Have the ticket found by what it says now; a few statements."""
    kind = tx.get_bind().dialect.name
    for is_for_customer in (False, True):
        body = "\n".join(_said(tx, ticket_id, is_for_customer)).casefold()[:MOST_CHARACTERS]
        values = {"ticket": ticket_id, "side": int(is_for_customer)}
        tx.execute(_FORGET[kind], values)
        tx.execute(_PUT[kind], values | {"keys": _keys(tx, ticket_id), "body": body.replace(KEY, " ")})


def matching(
    words: str, is_for_customer: bool, whose: Collection[Collection[str]] = (), others: Collection[str] = ()
) -> Found:
    """Find the tickets that hold all these words, each from its beginning; one or two queries.

    Numbers are found whole, and those of tickets from their beginning. At most the MOST_FOUND newest are
    found. A ticket must have one of each collection of keys (`key`) in `whose`, and none of `others`.
    """
    kind = db.engine.dialect.name
    found = WORD.findall(words.casefold())[:MOST_WORDS]
    if not found or not all(whose):
        return Found(Ticket.number == words)
    bounds = {"words": _query(kind, found, whose, others), "most": MOST_FOUND + 1}
    ids = [*db.session.scalars(_FIND[kind, is_for_customer].bindparams(_WORDS), bounds)]
    if len(found) == 1 and SHORTEST_NUMBER <= len(words) <= LONGEST_NUMBER and words.isdecimal():
        begins = Ticket.number.between(words, words.ljust(LONGEST_NUMBER, "9"))
        newest = select(Ticket.id).where(begins).order_by(Ticket.number.desc()).limit(MOST_FOUND + 1)
        ids = sorted({*ids, *db.session.scalars(newest)}, reverse=True)
    return Found(Ticket.id.in_(ids[:MOST_FOUND]), len(ids) > MOST_FOUND)


def key(name: str, number: int | None) -> str:
    """Return what tells tickets of this "queue", "customer" or "company" from others."""
    return f"{KEY}{name}{number}"


def in_queues(its: Any) -> tuple[list[list[str]], list[str]]:
    """Return `whose` and `others` for tickets in the queues of a query for ids: the fewer keys; a query."""
    rows = db.session.execute(select(Queue.id, Queue.id.in_(its))).all()
    inside, outside = (
        [key("queue", each) for each, is_its in rows if is_its is way] for way in (True, False)
    )
    return ([], outside) if len(outside) < len(inside) else ([inside], [])


def _query(kind: str, words: Iterable[str], whose: Iterable[Iterable[str]], others: Collection[str]) -> str:
    is_sqlite = kind == "sqlite"
    quote, begin, either, both = ('"', '"*', " OR ", " AND ") if is_sqlite else ("'", "':*", " | ", " & ")
    parts = [f"{quote}{word}{quote if word.isdecimal() else begin}" for word in words]
    any_of = ["(" + either.join(f"{quote}{each}{quote}" for each in keys) + ")" for keys in (*whose, others)]
    *ones, none = any_of
    query = "(" + both.join([*parts, *ones]) + ")"
    return query + (" NOT " if is_sqlite else " & !") + none if others else query


def _keys(tx: Session, ticket_id: int) -> str:
    whose = select(Ticket.queue_id, Ticket.customer_id, Ticket.company_id).where(Ticket.id == ticket_id)
    row = tx.execute(whose).one()
    return " ".join(key(name, each) for name, each in zip(("queue", "customer", "company"), row, strict=True))


def _said(tx: Session, ticket_id: int, is_for_customer: bool) -> list[str]:
    """Return number, title, and of each article subject, name and text, the lines of chats too."""
    ticket = tx.execute(
        select(Ticket.number, Ticket.title, Ticket.customer_name).where(Ticket.id == ticket_id)
    ).one()
    is_seen: Any = Article.is_visible if is_for_customer else True
    articles = tx.execute(
        select(Article.id, Article.subject, Article.author_name, Article.text)
        .where(Article.ticket_id == ticket_id, is_seen)
        .order_by(Article.n.desc())
    ).all()
    lines = tx.execute(
        select(ArticleLine.name, ArticleLine.text)
        .join(Article, Article.id == ArticleLine.article_id)
        .where(Article.ticket_id == ticket_id, is_seen, ArticleLine.is_for_customer == is_for_customer)
        .order_by(ArticleLine.article_id.desc(), ArticleLine.n)
    ).all()
    said = [ticket.number, ticket.title, ticket.customer_name]
    said += [part for row in articles for part in (row.subject, row.author_name, row.text)]
    return said + [part for row in lines for part in row]
