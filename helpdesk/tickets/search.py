"""Full-text search: FTS5 on SQLite, tsvector on PostgreSQL, behind `put` and `matching`.

Each ticket has two rows: all its text, and what its customer may see of it.
"""

import re
from typing import Any

from sqlalchemy import ColumnElement, bindparam, column, select, text
from sqlalchemy.orm import Session

from helpdesk.database import db
from helpdesk.tickets.models import Article, ArticleLine, Ticket

LONGEST_WORDS = 200
MOST_WORDS = 10
# PostgreSQL takes no more into one tsvector.
MOST_CHARACTERS = 500_000
WORD = re.compile(r"\w+")

# On SQLite a row's number says both whose it is and for whom: other columns of such a table have no index.
_FORGET = {
    "sqlite": text("DELETE FROM ticket_search WHERE rowid = 2 * :ticket + :side"),
    "postgresql": text("DELETE FROM ticket_search WHERE ticket_id = :ticket AND is_for_customer = :side"),
}
_PUT = {
    "sqlite": text("INSERT INTO ticket_search (rowid, body) VALUES (2 * :ticket + :side, :body)"),
    "postgresql": text(
        "INSERT INTO ticket_search (ticket_id, is_for_customer, body)"
        " VALUES (:ticket, :side, to_tsvector('simple', :body))"
    ),
}
_FIND = {
    "sqlite": (
        "SELECT rowid / 2 AS ticket_id FROM ticket_search"
        " WHERE ticket_search MATCH :words AND rowid % 2 = :side"
    ),
    "postgresql": (
        "SELECT ticket_id FROM ticket_search"
        " WHERE body @@ to_tsquery('simple', :words) AND is_for_customer = :side"
    ),
}


def put(tx: Session, ticket_id: int) -> None:
    """Have the ticket found by what it says now; a few statements."""
    kind = tx.get_bind().dialect.name
    for is_for_customer in (False, True):
        body = "\n".join(_said(tx, ticket_id, is_for_customer)).casefold()[:MOST_CHARACTERS]
        values = {"ticket": ticket_id, "side": int(is_for_customer)}
        tx.execute(_FORGET[kind], values)
        tx.execute(_PUT[kind], values | {"body": body})


def matching(words: str, is_for_customer: bool) -> ColumnElement[bool]:
    """Return the condition on Ticket that it holds all these words, each from its beginning."""
    kind = db.engine.dialect.name
    found = WORD.findall(words.casefold())[:MOST_WORDS]
    if not found:
        return Ticket.number == words
    joined = (
        " ".join(f'"{word}"*' for word in found)
        if kind == "sqlite"
        else " & ".join(f"{word}:*" for word in found)
    )
    values = {"words": joined, "side": int(is_for_customer)}
    query = text(_FIND[kind]).bindparams(*(bindparam(name, value) for name, value in values.items()))
    return Ticket.id.in_(query.columns(column("ticket_id", Ticket.id.type)).scalar_subquery())


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
