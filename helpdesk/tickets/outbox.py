"""The outbox: a mail is a row of the transaction that wants it sent; `sender` sends it after."""

import secrets
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy.orm import Session

from helpdesk.config import Config
from helpdesk.database import announce, now
from helpdesk.tickets import sender
from helpdesk.tickets.models import Mail


def put(
    tx: Session,
    recipient: str,
    subject: str,
    text: str,
    *,
    recipient_name: str = "",
    ticket_id: int | None = None,
    reply_to_id: str = "",
    is_automatic: bool = False,
) -> int:
    """Add a mail that is sent once `tx` is committed, and return its id; all texts are clean.

    `is_automatic` for what nobody wrote or asked for at this moment: machines do not answer it.
    """
    config: Config = current_app.config["HELPDESK"]
    mail = Mail(
        ticket_id=ticket_id,
        recipient=recipient,
        recipient_name=recipient_name,
        subject=subject,
        text=text,
        message_id=f"{secrets.token_urlsafe(18)}@{urlsplit(config.public_url).hostname}",
        reply_to_id=reply_to_id,
        is_automatic=is_automatic,
        due_at=now(),
        created_at=now(),
    )
    tx.add(mail)
    tx.flush()
    announce(tx, sender.wake)
    return mail.id


def subject_of(number: str, subject: str) -> str:
    """Return the subject of a mail about a ticket: with its number, by which answers find back."""
    mark = f"[Ticket#{number}]"
    return subject if mark in subject else f"{mark} {subject}"
