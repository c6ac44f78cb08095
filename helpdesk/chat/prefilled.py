"""What stands in the form of a phone ticket that is made of a chat."""

from typing import Any

from helpdesk.chat import linking
from helpdesk.chat.guests import guest_of
from helpdesk.chat.permissions import Relation
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
    guest = guest_of(db.session, relation.chat.id)
    if guest is not None and guest.customer_id is not None:
        known["customer"] = guest.customer_id
    elif guest is not None:
        known |= {"customer_name": guest.name, "customer_email": guest.email, "words": guest.email}
    return forms.filled(**known)
