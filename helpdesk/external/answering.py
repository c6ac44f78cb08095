"""What customer users do with a ticket: answer, and close."""

from sqlalchemy import select

from helpdesk import events
from helpdesk.accounts import limits
from helpdesk.database import transaction
from helpdesk.tickets import articles, changing
from helpdesk.tickets.models import AUTO_CLOSE, CLOSED, NOTE, REMINDER, STATES, TITLE_LIMIT, Article
from helpdesk.tickets.permissions import Relation
from helpdesk.tickets.reach import hold

MOST_ANSWERS_PER_HOUR = 60
HOUR_S = 3600


def answer(relation: Relation, text: str, after: int) -> None:
    """Add an answer, once: `after` is the last article its author had seen. Commits.

    What was closed or waits for a time is open again. Raises TooMany, Invalid (field "text"), Forbidden.
    """
    me = relation.identity
    limits.count("ticket.answer", me.person_id, MOST_ANSWERS_PER_HOUR, HOUR_S, "Those were many answers.")
    draft = articles.typed(me, NOTE, _subject(relation.ticket.title), text, is_visible=True)
    with transaction() as tx:
        ticket = hold(tx, relation, "ticket.answer").ticket
        same = select(Article.id).where(
            Article.ticket_id == ticket.id,
            Article.n > after,
            Article.author_id == me.person_id,
            Article.text == draft.text,
        )
        if tx.scalar(same) is not None:
            return
        articles.add(tx, ticket.id, draft)
        events.record(tx, me.person_id, "ticket.answer", "ticket", ticket.id, n=ticket.last_n + 1)
        if STATES[ticket.state] in (CLOSED, REMINDER, AUTO_CLOSE):
            changing.put_state(tx, ticket, "open", me.person_id)


def close(relation: Relation) -> None:
    """Close the ticket; closed already it stays so. Commits."""
    if STATES[relation.ticket.state] == CLOSED:
        return
    with transaction() as tx:
        held = hold(tx, relation, "ticket.close")
        changing.put_state(tx, held.ticket, "closed successful", held.identity.person_id)


def _subject(title: str) -> str:
    return f"Re: {title}"[:TITLE_LIMIT]
