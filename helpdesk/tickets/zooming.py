"""What *Ticket Zoom* shows of a ticket to one agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from helpdesk.database import db
from helpdesk.tickets import articles, changing, merging, queues, slots
from helpdesk.tickets.permissions import RIGHTS, Relation


@dataclass(frozen=True, slots=True)
class Zoom:
    """One page of a ticket.

    `may` are the rights he has on it; `lines` and `files` are by article id; `before` asks for the articles
    before these, None where there are none; `merged_into` is the number of the ticket its work goes on in;
    `shown` is what goes back with each form of a change.
    """

    ticket: Any
    shown: dict[str, str]
    may: frozenset[str]
    articles: list[Any]
    lines: dict[int, list[Any]]
    files: dict[int, list[Any]]
    before: int | None
    linked: list[Any]
    merged_into: str | None
    owners: list[Any]
    queues: list[Any]
    beside_customer: Markup
    side: Markup


def zoom(relation: Relation, before: int | None = None) -> Zoom:
    """Return what the agent sees of the ticket; a constant number of queries. Changes nothing."""
    ticket = relation.ticket
    may = frozenset(right for right in RIGHTS if relation.may(right))
    shown = articles.of_ticket(ticket.id, is_for_customer=False, before=before)
    has_more = len(shown) == articles.MOST_ARTICLES and shown[0].n > 1
    return Zoom(
        ticket=ticket,
        shown=changing.shown(ticket),
        may=may,
        articles=shown,
        lines=articles.lines_of(ticket.id, is_for_customer=False),
        files=articles.files_of(ticket.id, is_for_customer=False),
        before=shown[0].n if has_more else None,
        linked=merging.linked_to(relation.identity, ticket.id),
        merged_into=merging.went_on_in(relation),
        owners=_owners(ticket) if "ticket.owner" in may else [],
        queues=_queues(relation) if "ticket.queue" in may else [],
        beside_customer=_beside_customer(relation),
        side=slots.side_of(relation),
    )


def _owners(ticket: Any) -> list[Any]:
    rows = db.session.execute(changing.owners(ticket.group_id)).all()
    return _with_chosen(rows, ticket.owner_id, ticket.owner_name)


def _queues(relation: Relation) -> list[Any]:
    rows = queues.choices(relation.identity, "move_into")
    return _with_chosen(rows, relation.ticket.queue_id, relation.ticket.queue_name)


def _with_chosen(rows: Sequence[Any], key: int | None, name: str) -> list[Any]:
    """What is chosen stays a choice, though it could not be chosen any more: no form suggests another."""
    is_there = key is None or any(row[0] == key for row in rows)
    return list(rows) if is_there else [(key, name), *rows]


def _beside_customer(relation: Relation) -> Markup:
    ticket = relation.ticket
    if ticket.customer_id is None:
        return Markup()
    return slots.beside_customer(relation.identity, ticket.customer_id, ticket.number)
