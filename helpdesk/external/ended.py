"""What a guest can still do with a chat that is over."""

from dataclasses import dataclass

from helpdesk.chat import linking, mailing
from helpdesk.chat.models import CLOSED
from helpdesk.chat.permissions import Relation
from helpdesk.tickets import sender


@dataclass(frozen=True, slots=True)
class Ended:
    """The ways on; `email` is the address that is known or was typed, `sent_to` where mails went already.

    Without a mail server they are not on their way, but wait for one.
    `number` is the ticket that holds the chat, "" where there is none of the reader's.
    """

    public_id: str
    base: str
    email: str
    sent_to: str
    is_on_its_way: bool
    has_mails_left: bool
    may_mail: bool
    may_make_ticket: bool
    number: str
    error: str = ""
    notice: str = ""


def of(relation: Relation, base: str, email: str = "", error: str = "", notice: str = "") -> Ended | None:
    """Return what can be done; None while the chat goes on. What was typed comes back with what is wrong."""
    chat, who = relation.chat, relation.identity
    if chat.state != CLOSED:
        return None
    sent_to, count = mailing.sent_to(chat.id)
    return Ended(
        public_id=chat.public_id,
        base=base,
        email=email or sent_to or mailing.address_of(who.person_id),
        sent_to=sent_to,
        is_on_its_way=sender.is_configured(),
        has_mails_left=count < mailing.MOST_MAILS,
        may_mail=relation.may("chat.mail"),
        may_make_ticket=relation.may("chat.make_ticket"),
        number=linking.numbers(who, [chat.ticket_id]).get(chat.ticket_id, ""),
        error=error,
        notice=notice,
    )
