"""A chat becomes an article, once: of a new ticket or of one that is there. That ends it for everybody.

Ticket, article and closing are one transaction in which the chat is locked: a line that was stored before is
in the article, and one that comes after is refused.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts.models import Person
from helpdesk.chat import closing, guests, lines, tell
from helpdesk.chat.changes import change
from helpdesk.chat.models import (
    ACTIVE,
    AGENT,
    AGENTS,
    EVERYONE,
    GUEST,
    Attachment,
    Chat,
    Message,
    Participation,
)
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import hold
from helpdesk.database import transaction
from helpdesk.tickets import articles, creating
from helpdesk.tickets import permissions as ticket_permissions
from helpdesk.tickets import reach as tickets
from helpdesk.tickets.models import AGENT as BY_AGENT
from helpdesk.tickets.models import CHAT as CHAT_ARTICLE
from helpdesk.tickets.models import CUSTOMER as BY_CUSTOMER


@dataclass(frozen=True, slots=True)
class Stored:
    """The ticket that holds the chat; `is_new` is False where somebody stored it before.

    `is_kept_back` where its customer shall read it, and must not: he is another one than the guest.
    """

    ticket_id: int
    is_new: bool
    is_kept_back: bool = False


def hand_over_to_new(
    relation: Relation,
    wanted: creating.Wanted,
    spoken: articles.Draft | None = None,
    *,
    is_visible: bool = True,
    right: str = "chat.phone_ticket",
) -> Stored:
    """Make a ticket of the chat, what was spoken about it being its first article, and end the chat.

    Who may read the one may read the other.
    Commits and announces. Raises as `creating.create` and `Relation.require`; then nothing has changed.
    """
    with transaction() as tx:
        held = hold(tx, relation, is_over_too=True)
        if held.chat.ticket_id is not None:
            return Stored(held.chat.ticket_id, is_new=False)
        held.require(right)
        company_id = tx.scalar(select(Person.company_id).where(Person.id == wanted.customer_id))
        may_be_read = guests.may_be_read(guests.guest_of(tx, held.chat.id), wanted.customer_id, company_id)
        said = _end(tx, held, is_visible and may_be_read)
        first = replace(spoken, is_visible=said.is_visible) if spoken is not None else said
        made = creating.create(tx, replace(wanted, start_id=None), first)
        if spoken is not None:
            articles.add(tx, made.id, said)
        return _store(tx, held, made.id, is_kept_back=is_visible and not may_be_read)


def append(
    relation: Relation,
    ticket: ticket_permissions.Relation,
    *,
    is_visible: bool = True,
    right: str = "chat.append",
) -> Stored:
    """Add the chat to a ticket that is there, and end the chat.

    Commits and announces. Raises as `Relation.require` of both; then nothing has changed.
    """
    with transaction() as tx:
        held = hold(tx, relation, is_over_too=True)
        if held.chat.ticket_id is not None:
            return Stored(held.chat.ticket_id, is_new=False)
        held.require(right)
        kept = tickets.hold(tx, ticket, "ticket.note").ticket
        may_be_read = guests.may_be_read(guests.guest_of(tx, held.chat.id), kept.customer_id, kept.company_id)
        articles.add(tx, kept.id, _end(tx, held, is_visible and may_be_read))
        return _store(tx, held, kept.id, is_kept_back=is_visible and not may_be_read)


def _end(tx: Session, held: Relation, is_visible: bool) -> articles.Draft:
    """End the chat where it runs, and return all that was said as an article."""
    if held.chat.state == ACTIVE:
        closing.end(tx, held, is_leaving=False)
    is_external = held.chat.direction != AGENT
    return articles.Draft(
        channel=CHAT_ARTICLE,
        sender=BY_AGENT if held.identity.is_agent else BY_CUSTOMER,
        author_id=held.identity.person_id,
        author_name=held.name,
        is_visible=is_visible,
        subject=_subject(tx, held),
        said=_said(tx, held.chat, AGENTS),
        said_to_customer=_said(tx, held.chat, EVERYONE) if is_external else (),
        files=_files(tx, held.chat),
    )


def _store(tx: Session, held: Relation, ticket_id: int, *, is_kept_back: bool) -> Stored:
    chat, person_id = held.chat, held.identity.person_id
    is_first = change(tx, (Chat.id == chat.id, Chat.ticket_id.is_(None)), ticket_id=ticket_id)
    assert is_first, "The chat was locked."
    events.record(tx, person_id, "chat.stored", "chat", chat.id, ticket=ticket_id)
    events.record(tx, person_id, "ticket.chat", "ticket", ticket_id, chat=chat.id)
    tell.changed(tx, chat)
    return Stored(ticket_id, is_new=True, is_kept_back=is_kept_back)


def _subject(tx: Session, held: Relation) -> str:
    """A chat is called after its guest; between agents after the other one."""
    chat, me = held.chat, held.identity.person_id
    other_id = chat.target_id if chat.requester_id == me else chat.requester_id
    is_other = Participation.person_id == other_id if chat.direction == AGENT else Participation.mode == GUEST
    name = tx.scalar(select(Participation.name).where(Participation.chat_id == chat.id, is_other))
    return f"Chat with {name}"


def _said(tx: Session, chat: Any, audience: str) -> list[articles.Said]:
    return [
        articles.Said(
            n=row.seq if audience == AGENTS else row.guest_seq,
            at=row.created_at,
            name=row.name or "",
            is_system=row.kind not in lines.WRITTEN,
            is_internal=row.guest_seq is None,
            text=lines.words_of(row, audience),
        )
        for row in lines.everything(tx, chat, audience)
    ]


def _files(tx: Session, chat: Any) -> list[articles.File]:
    is_its = and_(Attachment.chat_id == Message.chat_id, Attachment.seq == Message.seq)
    rows = tx.execute(
        select(Message.text, Message.params, Message.guest_seq, Attachment.content)
        .join(Attachment, is_its)
        .where(Message.chat_id == chat.id)
        .order_by(Message.seq)
    )
    return [
        articles.File(row.text, row.params["type"], row.content, is_visible=row.guest_seq is not None)
        for row in rows
    ]
