"""What customer users do with a ticket: answer, and close."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts import limits
from helpdesk.database import transaction
from helpdesk.tickets import articles, changing
from helpdesk.tickets.models import AUTO_CLOSE, CLOSED, NOTE, REMINDER, STATES, TITLE_LIMIT, Article
from helpdesk.tickets.permissions import Relation
from helpdesk.tickets.reach import hold

MOST_ANSWERS_PER_HOUR = 60
HOUR_S = 3600


def answer(relation: Relation, text: str, files: Sequence[articles.File], after: int) -> None:
    """Add an answer with its files, once: `after` is how many articles its author had seen. Commits.

    What was closed or waits for a time is open again. Raises TooMany, Invalid (field "text"), Forbidden.
    """
    me = relation.identity
    limits.count("ticket.answer", me.person_id, MOST_ANSWERS_PER_HOUR, HOUR_S, "Those were many answers.")
    draft = articles.typed(me, NOTE, _subject(relation.ticket.title), text, is_visible=True, files=files)
    with transaction() as tx:
        ticket = hold(tx, relation, "ticket.answer").ticket
        if articles.said(tx, ticket.id, draft, _last_seen(tx, ticket.id, after)) is not None:
            return
        articles.add(tx, ticket.id, draft)
        events.record(tx, me.person_id, "ticket.answer", "ticket", ticket.id, n=ticket.last_n + 1)
        if STATES[ticket.state] in (CLOSED, REMINDER, AUTO_CLOSE):
            changing.put_state(tx, ticket, "open", me.person_id)


def close(relation: Relation) -> None:
    """Close the ticket; closed already it stays so. Commits; raises Forbidden."""
    with transaction() as tx:
        held = hold(tx, relation, "ticket.read")
        if STATES[held.ticket.state] == CLOSED:
            return
        held.require("ticket.close")
        changing.put_state(tx, held.ticket, "closed successful", held.identity.person_id)


def _last_seen(tx: Session, ticket_id: int, count: int) -> int:
    """Return the number of the last of so many articles that a customer may see; others are not counted."""
    is_it = (Article.ticket_id == ticket_id, Article.is_visible)
    seen = select(Article.n).where(*is_it).order_by(Article.n).limit(count).subquery()
    return tx.scalar(select(func.max(seen.c.n))) or 0


def _subject(title: str) -> str:
    return f"Re: {title}"[:TITLE_LIMIT]
