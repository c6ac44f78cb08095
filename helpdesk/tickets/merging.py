"""Tickets that belong together: linked, or merged into one."""

from typing import Any

from sqlalchemy import delete, select, text, union_all, update
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts.identity import Identity
from helpdesk.database import db, now, transaction
from helpdesk.tickets import changing, search
from helpdesk.tickets.models import Article, Ticket, TicketLink
from helpdesk.tickets.permissions import Relation
from helpdesk.tickets.reach import hold, may_read
from helpdesk.web import Invalid

MOST_LINKS = 50

_LINK = text("INSERT INTO ticket_link (ticket_id, other_id) VALUES (:low, :high) ON CONFLICT DO NOTHING")


def merge(relation: Relation, into: Relation) -> None:
    """Move all articles of a ticket into another one, and end it as merged. Commits.

    Raises Invalid (field "number") for a ticket and itself, and as `Relation.require`.
    """
    check(relation, into)
    with transaction() as tx:
        # In one order, so that two who merge crosswise wait for each other instead of for ever.
        held = {
            each.ticket.id: hold(tx, each, "ticket.merge")
            for each in sorted((relation, into), key=lambda each: each.ticket.id)
        }
        _merge(tx, held[relation.ticket.id], held[into.ticket.id])


def check(relation: Relation, into: Relation) -> None:
    """Raise Invalid (field "number") for a ticket and itself."""
    if relation.ticket.id == into.ticket.id:
        raise Invalid("number", "A ticket cannot be merged into itself.")


def link(relation: Relation, other: Relation) -> None:
    """Link two tickets; harmless when they are. Commits; raises Invalid (field "number")."""
    low, high = sorted((relation.ticket.id, other.ticket.id))
    if low == high:
        raise Invalid("number", "A ticket cannot be linked to itself.")
    with transaction() as tx:
        hold(tx, relation, "ticket.link")
        if tx.execute(_LINK, {"low": low, "high": high}).rowcount:  # type: ignore[attr-defined]
            _record(tx, "ticket.linked", relation, other)


def unlink(relation: Relation, other: Relation) -> None:
    """Take the link of two tickets away; harmless when there is none. Commits."""
    low, high = sorted((relation.ticket.id, other.ticket.id))
    with transaction() as tx:
        hold(tx, relation, "ticket.link")
        gone = delete(TicketLink).where(TicketLink.ticket_id == low, TicketLink.other_id == high)
        if tx.execute(gone).rowcount:  # type: ignore[attr-defined]
            _record(tx, "ticket.unlinked", relation, other)


def linked_to(identity: Identity, ticket_id: int) -> list[Any]:
    """Return (number, title, state, merged_into_id) of linked tickets and those merged into this one.

    Only of those that he may read.
    """
    pairs = select(TicketLink.other_id).where(TicketLink.ticket_id == ticket_id)
    others = select(TicketLink.ticket_id).where(TicketLink.other_id == ticket_id)
    merged = select(Ticket.id).where(Ticket.merged_into_id == ticket_id)
    is_linked = Ticket.id.in_(union_all(pairs, others, merged))  # an OR would look at every ticket
    shown = select(Ticket.number, Ticket.title, Ticket.state, Ticket.merged_into_id)
    rows = shown.where(is_linked, may_read(identity))
    return list(db.session.execute(rows.order_by(Ticket.id).limit(MOST_LINKS)))


def went_on_in(relation: Relation) -> str | None:
    """Return the number of the ticket this one was merged into; None if there is none that he may read."""
    into_id = relation.ticket.merged_into_id
    if into_id is None:
        return None
    return db.session.scalar(select(Ticket.number).where(Ticket.id == into_id, may_read(relation.identity)))


def _record(tx: Session, action: str, relation: Relation, other: Relation) -> None:
    """Both tickets have it in their history."""
    for one, its_other in ((relation, other), (other, relation)):
        by_id, other_id = relation.identity.person_id, its_other.ticket.id
        events.record(tx, by_id, action, "ticket", one.ticket.id, other=other_id)


def _merge(tx: Session, held: Relation, into: Relation) -> None:
    ticket_id, into_id, me = held.ticket.id, into.ticket.id, held.identity.person_id
    moved = tx.scalars(select(Article.id).where(Article.ticket_id == ticket_id).order_by(Article.n)).all()
    for place, article_id in enumerate(moved, into.ticket.last_n + 1):
        tx.execute(update(Article).where(Article.id == article_id).values(ticket_id=into_id, n=place))
    changing.change(
        tx, into_id, me, "ticket.merged", {"from": ticket_id}, last_n=into.ticket.last_n + len(moved)
    )
    # What was merged into it before goes on there too: nobody is sent from one to the next.
    tx.execute(update(Ticket).where(Ticket.merged_into_id == ticket_id).values(merged_into_id=into_id))
    values = {"state": "merged", "merged_into_id": into_id, "pending_until": None, "closed_at": now()}
    changing.change(tx, ticket_id, me, "ticket.merged", {"into": into_id}, **values)
    search.put(tx, ticket_id)
    search.put(tx, into_id)
