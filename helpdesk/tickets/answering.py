"""What agents say in a ticket: notes, and answers by e-mail.

A form tells how many articles its page showed (`after`). The same words of the same person behind those are
the form sent twice, by a double click or from the page before: they are found while the ticket is held, and
neither added nor mailed again.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.database import transaction
from helpdesk.tickets import articles, changing, outbox
from helpdesk.tickets.models import Article
from helpdesk.tickets.permissions import Relation
from helpdesk.tickets.reach import hold


def note(relation: Relation, draft: articles.Draft, after: int) -> int:
    """Add a note and return the article's number in the ticket. Commits; raises as `Relation.require`."""
    with transaction() as tx:
        held = hold(tx, relation, "ticket.note")
        return _said(tx, held, draft, after) or _say(tx, held, draft, "ticket.note")


def mail(relation: Relation, draft: articles.Draft, after: int) -> int:
    """Answer by e-mail and return the article's number; a new ticket is open from then on. Commits.

    Raises as `Relation.require`.
    """
    with transaction() as tx:
        held = hold(tx, relation, "ticket.mail")
        found = _said(tx, held, draft, after)
        if found is not None:
            return found
        ticket = held.ticket
        is_customer = draft.recipient == ticket.customer_email
        outbox.put(
            tx,
            draft.recipient,
            outbox.subject_of(ticket.number, draft.subject),
            draft.text,
            recipient_name=ticket.customer_name if is_customer else "",
            ticket_id=ticket.id,
        )
        if ticket.state == "new":
            changing.put_state(tx, ticket, "open", held.identity.person_id)
        return _say(tx, held, draft, "ticket.mail")


def _said(tx: Session, held: Relation, draft: articles.Draft, after: int) -> int | None:
    """Return the number of the article that this draft was made already."""
    is_same: list[Any] = [
        Article.channel == draft.channel,
        Article.author_id == draft.author_id,
        Article.is_visible == draft.is_visible,
        Article.recipient == draft.recipient,
        Article.subject == draft.subject,
        Article.text == draft.text,
    ]
    behind = select(Article.n).where(Article.ticket_id == held.ticket.id, Article.n > after, *is_same)
    return tx.scalar(behind.limit(1))


def _say(tx: Session, held: Relation, draft: articles.Draft, action: str) -> int:
    n = int(held.ticket.last_n) + 1
    articles.add(tx, held.ticket.id, draft)
    details = {"n": n, "is_visible": draft.is_visible}
    events.record(tx, held.identity.person_id, action, "ticket", held.ticket.id, **details)
    return n
