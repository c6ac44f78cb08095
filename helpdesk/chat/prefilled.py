"""What stands in the form of a phone ticket that is made of a chat."""

from typing import Any

from sqlalchemy import case, select

from helpdesk.accounts.models import CUSTOMER, Person
from helpdesk.chat import linking
from helpdesk.chat.models import GUEST, Participation
from helpdesk.chat.permissions import Relation, is_internal
from helpdesk.database import db
from helpdesk.tickets import forms


def of_chat(relation: Relation) -> dict[str, str]:
    """Return the fields: customer, queue of the channel, and the first message as subject; three queries.

    A public user's name and e-mail are taken over. The customer user of that e-mail is only proposed: anybody
    can type another one's address.
    """
    known: dict[str, Any] = {
        "subject": relation.chat.description,
        "queue": linking.queue_of(relation.chat.channel_id),
        "customer": forms.NOBODY,
    }
    guest = None if is_internal(relation) else guest_of(relation.chat.id)
    if guest is not None and guest.customer_id is not None:
        known["customer"] = guest.customer_id
    elif guest is not None:
        known |= {"customer_name": guest.name, "customer_email": guest.email, "words": guest.email}
    return forms.filled(**known)


def guest_of(chat_id: int) -> Any:
    """Return (customer_id, name, email) of a chat's guest, None between agents.

    Who signed in during the chat is that customer user.
    """
    is_he = (Participation.chat_id == chat_id, Participation.mode == GUEST)
    customer_id = case((Person.kind == CUSTOMER, Person.id), else_=Person.customer_id)
    return db.session.execute(
        select(customer_id.label("customer_id"), Participation.name, Person.email)
        .join(Person, Person.id == Participation.person_id)
        .where(*is_he)
    ).first()
