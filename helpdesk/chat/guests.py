"""Who the guest of a chat is to the tickets room, and which tickets show him nothing that is not his."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import aliased

from helpdesk import settings
from helpdesk.accounts.models import CUSTOMER, Person
from helpdesk.chat.models import GUEST, Participation

_USER = aliased(Person)


@dataclass(frozen=True, slots=True)
class Known:
    """The guest of a chat; `customer_id` is None for a visitor, who is whom he says he is."""

    customer_id: int | None
    company_id: int | None
    name: str
    email: str | None


def guest_of(session: Any, chat_id: int) -> Known | None:
    """Return a chat's guest, None between agents; who signed in during the chat is that customer user."""
    customer_id = case((Person.kind == CUSTOMER, Person.id), else_=Person.customer_id)
    row = session.execute(
        select(_USER.id, _USER.company_id, Participation.name, Person.email)
        .join(Person, Person.id == Participation.person_id)
        .outerjoin(_USER, _USER.id == customer_id)
        .where(Participation.chat_id == chat_id, Participation.mode == GUEST)
    ).first()
    return None if row is None else Known(*row)


def may_be_read(guest: Known | None, customer_id: int | None, company_id: int | None) -> bool:
    """Tell whether a ticket's customer may read what this guest said, where the agent wants him to.

    What a customer user said is for nobody who shares no tickets with him. Who a visitor is, the agent says.
    """
    if guest is None or guest.customer_id is None:
        return guest is not None
    is_shared = company_id is not None and company_id == guest.company_id
    return guest.customer_id == customer_id or bool(is_shared and settings.get("Ticket::CompanyTickets"))
