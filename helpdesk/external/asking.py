"""Tickets that customer users and visitors ask for: one for each asking, however often it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from helpdesk import settings
from helpdesk.accounts import limits
from helpdesk.accounts.identity import Identity
from helpdesk.chat import requests
from helpdesk.chat.permissions import Relation
from helpdesk.database import transaction
from helpdesk.external.starting import Visitor
from helpdesk.tickets import articles, creating
from helpdesk.tickets.models import CUSTOMER, NOTE, TITLE_LIMIT
from helpdesk.web import clean_text

SUBJECT_LENGTH = 100
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Wish:
    """A ticket as it was typed; texts are clean, `start_id` was made by the form."""

    subject: str
    text: str
    queue_id: int
    start_id: str
    files: Sequence[articles.File] = ()


def ask(
    identity: Identity | None, visitor: Visitor, wish: Wish, instead: Relation | None = None
) -> creating.Created:
    """Make the ticket, or find the one this asking made already. Commits.

    A customer user's is his; a visitor's names him. It takes the place of the chat `instead`, which is
    withdrawn with it, and is then the ticket's. Raises TooMany, counted by network address as starts of
    chats are, and Forbidden where that chat has just been answered: then nothing has changed.
    """
    most = settings.get("ChatEngine::StartLimit")
    address = limits.network(request.remote_addr)
    limits.count("chat.start", address, most, MINUTE_S, "You have sent many messages.")
    with transaction() as tx:
        if instead is not None:
            requests.hold(tx, instead)
        created = _create(tx, identity, visitor, wish)
        if created.is_new and instead is not None:
            requests.withdraw_in(tx, instead, created.id)
        return created


def subject_of(text: str) -> str:
    """Return the beginning of a message, on one line; "Message" where nothing of it is to be seen."""
    return clean_text(text[:SUBJECT_LENGTH], field="text", most=TITLE_LIMIT) or "Message"


def _create(tx: Session, identity: Identity | None, visitor: Visitor, wish: Wish) -> creating.Created:
    is_customer = identity is not None and identity.is_customer
    me = identity.person_id if identity is not None and is_customer else None
    wanted = creating.Wanted(
        title=wish.subject,
        queue_id=wish.queue_id,
        start_id=f"{me or 'public'}:{wish.start_id}",  # nobody finds another one's ticket by its asking
        customer_id=me,
        customer_name=visitor.name,
        customer_email=visitor.email,
        by_id=me,
    )
    first = articles.Draft(
        channel=NOTE,
        sender=CUSTOMER,
        author_id=me,
        author_name=identity.name if identity is not None and is_customer else visitor.name,
        is_visible=True,
        subject=wish.subject,
        text=wish.text,
        files=wish.files,
    )
    return creating.create(tx, wanted, first)
