"""A guest has his conversation sent by e-mail (row 43): to one address for each chat, a few times."""

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.accounts import limits
from helpdesk.accounts.models import Person
from helpdesk.chat import transcript
from helpdesk.chat.models import EVERYONE, TranscriptMail
from helpdesk.chat.permissions import Relation
from helpdesk.database import db, transaction
from helpdesk.tickets import outbox
from helpdesk.web import Invalid, Refusal

MOST_MAILS = 3
MOST_MAILS_PER_HOUR = 20
LONGEST_MAIL = 1_000_000
HOUR_S = 3600
# Before each further line of a message: nobody writes what looks like a line of somebody else.
GOES_ON = "\n          | "
# The first mail names the address; the row says yes to so many more to the same.
_COUNT = text(
    "INSERT INTO transcript_mail (chat_id, address, times) VALUES (:chat, :address, 1)"
    " ON CONFLICT (chat_id) DO UPDATE SET times = transcript_mail.times + 1"
    " WHERE lower(transcript_mail.address) = lower(excluded.address) AND transcript_mail.times < :most"
    " RETURNING times"
)


def send(relation: Relation, address: str, zone: str, network: str) -> None:
    """Have the mail sent with what this guest could see, its times in `zone`. Commits.

    Counted by the chat, by who asks (`network`) and by who gets it. Raises Invalid (field "email"), TooMany,
    TooLong, and as `Relation.require`.
    """
    relation.require("chat.mail")
    made = transcript.transcript(relation, EVERYONE, zone)
    words = words_of(made)
    if len(words) > LONGEST_MAIL:
        raise transcript.TooLong("This conversation is too long for a mail. Please download the PDF.")
    with transaction() as tx:
        for name, subject in (("mail.from", network), ("mail.to", address.lower())):
            limits.take(tx, name, subject, MOST_MAILS_PER_HOUR, HOUR_S, why="Those were many mails.")
        if tx.execute(_COUNT, _values(relation, address)).first() is None:
            raise _why_not(tx, relation)
        at = made.chat.created_at.astimezone(made.zone)
        subject = f"Your conversation of {at:%Y-%m-%d} ({made.chat.channel_name})"
        outbox.put(tx, address, subject, words, recipient_name=relation.name, is_automatic=True)
        events.record(tx, relation.identity.person_id, "chat.mailed", "chat", relation.chat.id)


def sent_to(chat_id: int) -> tuple[str, int]:
    """Return the address of a chat's mails and how many there were; "" and 0 before the first."""
    sent = select(TranscriptMail.address, TranscriptMail.times).where(TranscriptMail.chat_id == chat_id)
    row = db.session.execute(sent).first()
    return (row.address, row.times) if row else ("", 0)


def address_of(person_id: int) -> str:
    """Return the address a guest is known by, or ""."""
    return db.session.scalar(select(func.coalesce(Person.email, "")).where(Person.id == person_id)) or ""


def words_of(made: transcript.Transcript) -> str:
    """Return a transcript as plain text."""
    document = transcript.document(made)
    parts = [f"{label}: {words}" for label, words in document["facts"]]
    for block in document["blocks"]:
        parts.append(_block(block))
    return "\n".join(parts) + "\n"


def _block(block: dict[str, str]) -> str:
    if block["kind"] == "day":
        return f"\n{block['text']}\n"
    name = f"{block['name']}: " if block["kind"] == "line" else ""
    text = block["text"].replace("\n", GOES_ON)
    return f"{block['time']}  {name}{text}"


def _values(relation: Relation, address: str) -> dict[str, Any]:
    return {"chat": relation.chat.id, "address": address, "most": MOST_MAILS}


def _why_not(tx: Session, relation: Relation) -> Refusal:
    sent = select(TranscriptMail).where(TranscriptMail.chat_id == relation.chat.id)
    row = tx.scalars(sent).one()
    if row.times >= MOST_MAILS:
        return Invalid("email", f"This conversation was sent {MOST_MAILS} times already.")
    return Invalid("email", f"This conversation goes to one address only: {row.address}")
