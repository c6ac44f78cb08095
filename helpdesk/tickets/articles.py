"""Articles: what was said or noted in a ticket, once it is said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from helpdesk.accounts.identity import Identity
from helpdesk.database import db, now
from helpdesk.tickets import search
from helpdesk.tickets.models import (
    AGENT,
    CHAT,
    CUSTOMER,
    TEXT_LIMIT,
    TITLE_LIMIT,
    Article,
    ArticleFile,
    ArticleLine,
    Ticket,
)
from helpdesk.web import Invalid, clean_text

MOST_ARTICLES = 200
MOST_LINES = 20_000
_NAMES_AND_SIZES = select(ArticleFile.name, ArticleFile.size_bytes)


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a chat, as one audience read it."""

    n: int
    at: datetime
    name: str
    is_system: bool
    is_internal: bool
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that comes with an article; `type` is its ending."""

    name: str
    type: str
    content: bytes
    is_visible: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """An article that is about to be said; subject and text are clean. `said` are the lines for agents,
    `said_to_customer` those for the customer.
    """

    channel: str
    sender: str
    author_id: int | None
    author_name: str
    is_visible: bool
    subject: str
    text: str = ""
    recipient: str = ""
    said: Sequence[Said] = ()
    said_to_customer: Sequence[Said] = ()
    files: Sequence[File] = field(default=(), repr=False)


def typed(
    by: Identity,
    channel: str,
    subject: str,
    text: str,
    *,
    is_visible: bool,
    recipient: str = "",
    files: Sequence[File] = (),
) -> Draft:
    """Return what a person typed as an article; raises Invalid (field "subject" or "text")."""
    return Draft(
        channel=channel,
        sender=AGENT if by.is_agent else CUSTOMER,
        author_id=by.person_id,
        author_name=by.name,
        is_visible=is_visible,
        subject=clean_title(subject),
        text=clean_body(text),
        recipient=recipient,
        files=files,
    )


def clean_title(raw: str | None) -> str:
    """Return a subject or title; raises Invalid (field "subject")."""
    kept = clean_text(raw, field="subject", most=TITLE_LIMIT)
    if not kept:
        raise Invalid("subject", "Please enter a subject.")
    return kept


def clean_body(raw: str | None) -> str:
    """Return the text of an article; raises Invalid (field "text")."""
    kept = clean_text(raw, field="text", most=TEXT_LIMIT, is_multiline=True)
    if not kept:
        raise Invalid("text", "Please enter a text.")
    return kept


def add(tx: Session, ticket_id: int, draft: Draft) -> int:
    """Add an article to a ticket and return its id; the caller has asked for the right."""
    n = tx.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id)
        .values(last_n=Ticket.last_n + 1, version=Ticket.version + 1, changed_at=now())
        .returning(Ticket.last_n)
    ).scalar_one()
    article = Article(
        ticket_id=ticket_id,
        n=n,
        channel=draft.channel,
        sender=draft.sender,
        author_id=draft.author_id,
        author_name=draft.author_name,
        is_visible=draft.is_visible,
        recipient=draft.recipient,
        subject=draft.subject,
        text=draft.text,
        created_at=now(),
    )
    tx.add(article)
    tx.flush()
    _add_lines(tx, article.id, draft)
    _add_files(tx, article.id, draft)
    search.put(tx, ticket_id)
    return article.id


def said(tx: Session, ticket_id: int, draft: Draft, after: int) -> int | None:
    """Return the number of the article behind `after` that this draft was made already, if one was."""
    is_same = (
        Article.channel == draft.channel,
        Article.author_id == draft.author_id,
        Article.is_visible == draft.is_visible,
        Article.recipient == draft.recipient,
        Article.subject == draft.subject,
        Article.text == draft.text,
    )
    behind = select(Article.id, Article.n).where(Article.ticket_id == ticket_id, Article.n > after, *is_same)
    files = sorted((file.name, len(file.content)) for file in draft.files)
    for article in tx.execute(behind.order_by(Article.n)).all():
        kept = tx.execute(_NAMES_AND_SIZES.where(ArticleFile.article_id == article.id)).all()
        if sorted(map(tuple, kept)) == files:
            return int(article.n)
    return None


def of_ticket(ticket_id: int, is_for_customer: bool, before: int | None = None) -> list[Any]:
    """Return the newest MOST_ARTICLES of a ticket, newest last; for its customer the visible ones.

    `before` is the number of an article: only what was said before it.
    """
    is_seen: Any = Article.is_visible if is_for_customer else True
    is_before: Any = Article.n < before if before is not None else True
    is_it = (Article.ticket_id == ticket_id, is_seen, is_before)
    newest = select(Article).where(*is_it).order_by(Article.n.desc())
    return list(reversed(db.session.scalars(newest.limit(MOST_ARTICLES)).all()))


def count_seen(ticket_id: int, before: int | None = None) -> int:
    """Return how many articles of a ticket, or of those before one, its customer may see.

    How many others there are is not for him.
    """
    is_before: Any = Article.n < before if before is not None else True
    is_it = (Article.ticket_id == ticket_id, Article.is_visible, is_before)
    return db.session.scalar(select(func.count()).where(*is_it)) or 0


def lines_of(ticket_id: int, is_for_customer: bool) -> dict[int, list[Any]]:
    """Return the chat lines of a ticket's articles, by article id, MOST_LINES at most; one query."""
    rows = db.session.execute(
        select(ArticleLine)
        .join(Article, Article.id == ArticleLine.article_id)
        .where(
            Article.ticket_id == ticket_id,
            Article.channel == CHAT,
            ArticleLine.is_for_customer == is_for_customer,
        )
        .order_by(ArticleLine.article_id.desc(), ArticleLine.n)
        .limit(MOST_LINES)
    )
    found: dict[int, list[Any]] = {}
    for line in rows.scalars():
        found.setdefault(line.article_id, []).append(line)
    return found


def files_of(ticket_id: int, is_for_customer: bool) -> dict[int, list[Any]]:
    """Return (id, article_id, name, size_bytes) of a ticket's files, by article id; one query."""
    is_seen: Any = ArticleFile.is_visible if is_for_customer else True
    rows = db.session.execute(
        select(ArticleFile.id, ArticleFile.article_id, ArticleFile.name, ArticleFile.size_bytes)
        .join(Article, Article.id == ArticleFile.article_id)
        .where(Article.ticket_id == ticket_id, is_seen)
        .order_by(ArticleFile.id)
    )
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.article_id, []).append(row)
    return found


def contents_of(article_id: int) -> list[File]:
    """Return the files of an article with their contents; one query."""
    rows = select(ArticleFile).where(ArticleFile.article_id == article_id).order_by(ArticleFile.id)
    return [File(row.name, row.type, row.content) for row in db.session.scalars(rows)]


def _add_lines(tx: Session, article_id: int, draft: Draft) -> None:
    rows = [
        {
            "article_id": article_id,
            "is_for_customer": is_for_customer,
            "n": said.n,
            "at": said.at,
            "name": said.name,
            "is_system": said.is_system,
            "is_internal": said.is_internal,
            "text": said.text,
        }
        for is_for_customer, audience in ((False, draft.said), (True, draft.said_to_customer))
        for said in audience
    ]
    if rows:
        tx.execute(insert(ArticleLine), rows)


def _add_files(tx: Session, article_id: int, draft: Draft) -> None:
    for file in draft.files:
        tx.add(
            ArticleFile(
                article_id=article_id,
                name=file.name,
                type=file.type,
                size_bytes=len(file.content),
                is_visible=file.is_visible,
                content=file.content,
            )
        )
