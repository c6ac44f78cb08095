"""What agents say in a ticket: notes, and answers by e-mail.

A form tells how many articles its page showed (`after`). The same words and files of the same person behind
those are the form sent twice, by a double click or from the page before: they are found while the ticket is
held, and neither added nor mailed again.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.database import transaction
from helpdesk.tickets import articles, changing, outbox
from helpdesk.tickets.models import Article
from helpdesk.tickets.permissions import Relation
from helpdesk.tickets.reach import hold
from helpdesk.web import Invalid

NEWS = "Somebody else has said something meanwhile: see below. Send again if your answer still fits."
FILES_AGAIN = " Choose its files again."


def note(relation: Relation, draft: articles.Draft, after: int) -> int:
    """Add a note and return the article's number in the ticket. Commits; raises as `Relation.require`."""
    with transaction() as tx:
        held = hold(tx, relation, "ticket.note")
        found = articles.said(tx, held.ticket.id, draft, after)
        return found or _say(tx, held, draft, "ticket.note")[0]


def mail(relation: Relation, draft: articles.Draft, after: int) -> int:
    """Answer by e-mail, files included, and return the article's number. Commits.

    A new ticket is open from then on. Raises Invalid (field "text") where somebody else said something behind
    `after`, which the answer cannot heed, and as `Relation.require`.
    """
    with transaction() as tx:
        held = hold(tx, relation, "ticket.mail")
        found = articles.said(tx, held.ticket.id, draft, after)
        if found is not None:
            return found
        if after and _is_news(tx, held, after):
            raise Invalid("text", NEWS + (FILES_AGAIN if draft.files else ""))
        ticket = held.ticket
        if ticket.state == "new":
            changing.put_state(tx, ticket, "open", held.identity.person_id)
        n, article_id = _say(tx, held, draft, "ticket.mail")
        is_customer = draft.recipient == ticket.customer_email
        outbox.put(
            tx,
            draft.recipient,
            outbox.subject_of(ticket.number, draft.subject),
            draft.text,
            recipient_name=ticket.customer_name if is_customer else "",
            ticket_id=ticket.id,
            article_id=article_id if draft.files else None,
        )
        return n


def _is_news(tx: Session, held: Relation, after: int) -> bool:
    is_its = Article.ticket_id == held.ticket.id, Article.n > after
    is_another = Article.author_id.is_distinct_from(held.identity.person_id)
    return tx.scalar(select(Article.id).where(*is_its, is_another).limit(1)) is not None


def _say(tx: Session, held: Relation, draft: articles.Draft, action: str) -> tuple[int, int]:
    """Return number and id of the new article."""
    n = int(held.ticket.last_n) + 1
    article_id = articles.add(tx, held.ticket.id, draft)
    details = {"n": n, "is_visible": draft.is_visible}
    events.record(tx, held.identity.person_id, action, "ticket", held.ticket.id, **details)
    return n, article_id
