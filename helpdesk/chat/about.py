"""What stands beside a chat about its customer or visitor (rows 31 and 40)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.identity import Identity
from helpdesk.chat import closed, guests
from helpdesk.chat.models import TO_CUSTOMER, Chat
from helpdesk.chat.permissions import Relation, is_internal
from helpdesk.database import db
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.reach import may_read
from helpdesk.web import NotFound

MOST_EARLIER = 10
MOST_TICKETS = 10


@dataclass(frozen=True, slots=True)
class About:
    """What is known of one guest; `earlier` are his last closed chats that the reader may read.

    `customer_id` is the customer user he is, or None; `tickets` are his last ones that the reader may read.
    """

    public_id: str
    person_id: int
    started_page: str
    current_page: str
    language: str
    browser: str
    earlier: list[closed.Row]
    has_more: bool
    customer_id: int | None
    tickets: list[Any]


def about(relation: Relation) -> About:
    """Return it; raises NotFound for a chat between agents."""
    if is_internal(relation):
        raise NotFound()
    chat = relation.chat
    person_id = chat.target_id if chat.direction == TO_CUSTOMER else chat.requester_id
    visit = db.session.execute(
        select(Chat.started_page, Chat.current_page, Chat.language, Chat.browser).where(Chat.id == chat.id)
    ).one()
    earlier, has_more = closed.earlier(relation, person_id, MOST_EARLIER)
    guest = guests.guest_of(db.session, chat.id)
    customer_id = guest.customer_id if guest else None
    return About(
        chat.public_id,
        person_id,
        *visit,
        earlier=earlier,
        has_more=has_more,
        customer_id=customer_id,
        tickets=_tickets(relation.identity, customer_id) if customer_id else [],
    )


def _tickets(reader: Identity, customer_id: int) -> list[Any]:
    """Return (number, title, state), those changed last at the top."""
    rows = select(Ticket.number, Ticket.title, Ticket.state).where(Ticket.customer_id == customer_id)
    newest = rows.where(may_read(reader)).order_by(Ticket.changed_at.desc(), Ticket.id.desc())
    return list(db.session.execute(newest.limit(MOST_TICKETS)))
