"""The outbox: a mail is a row of the transaction that wants it sent; `sender` sends it after."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from helpdesk import events, settings
from helpdesk.config import Config
from helpdesk.database import announce, database_now, db, now, transaction
from helpdesk.tickets import sender
from helpdesk.tickets.models import DROPPED, FAILED, SENT, WAITING, Mail
from helpdesk.web import NotFound, Refusal, iso

PAGE = 50
MOST_AT_ONCE = 500
# Who claims a mail counts the try and clears the error: without one after a try somebody is at it.
_IS_UNDER_WAY = and_(Mail.state == WAITING, Mail.tries > 0, Mail.error == "")
_MAY_RETRY = or_(Mail.state.in_((FAILED, DROPPED)), and_(Mail.state == WAITING, Mail.error != ""))
_MAY_DROP = and_(Mail.state.in_((WAITING, FAILED)), ~_IS_UNDER_WAY)
SHOWN = (
    *(column for column in Mail.__table__.c if column.name != "text"),
    _IS_UNDER_WAY.label("is_under_way"),
    _MAY_RETRY.label("may_retry"),
    _MAY_DROP.label("may_drop"),
)


class UnderWay(Refusal):
    """The mail cannot be changed any more, or not now."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One mail as administrators see it: not what it says. `due_at` is "" where no try is to come."""

    id: int
    created_at: str
    recipient: str
    recipient_name: str
    subject: str
    state: str
    tries: int
    due_at: str
    sent_at: str
    error: str
    may_retry: bool
    may_drop: bool


def put(
    tx: Session,
    recipient: str,
    subject: str,
    text: str,
    *,
    recipient_name: str = "",
    ticket_id: int | None = None,
    article_id: int | None = None,
    reply_to_id: str = "",
    is_automatic: bool = False,
) -> int:
    """Add a mail that is sent once `tx` is committed, and return its id; all texts are clean.

    A mail about a ticket answers the last one about it to the same recipient, so that mail programs keep them
    together, unless `reply_to_id` names another. The files of `article_id` go with it.
    `is_automatic` for what nobody wrote or asked for at this moment: machines do not answer it.
    """
    config: Config = current_app.config["HELPDESK"]
    values = {
        "ticket_id": ticket_id,
        "article_id": article_id,
        "recipient": recipient,
        "recipient_name": recipient_name,
        "subject": subject,
        "text": text,
        "message_id": f"{secrets.token_urlsafe(18)}@{urlsplit(config.public_url).hostname}",
        "reply_to_id": reply_to_id or _last_id(tx, ticket_id, recipient),
        "is_automatic": is_automatic,
        "due_at": database_now(),
        "created_at": now(),
    }
    announce(tx, sender.wake)
    return tx.scalars(insert(Mail).values(**values).returning(Mail.id)).one()


def subject_of(number: str, subject: str) -> str:
    """Return the subject of a mail about a ticket: with its number, by which answers find back."""
    mark = f"[Ticket#{number}]"
    return subject if mark in subject else f"{mark} {subject}"


def _last_id(tx: Session, ticket_id: int | None, recipient: str) -> str:
    if ticket_id is None:
        return ""
    earlier = select(Mail.message_id).where(Mail.ticket_id == ticket_id, Mail.recipient == recipient)
    return tx.scalar(earlier.order_by(Mail.id.desc()).limit(1)) or ""


def page(state: str, number: int) -> tuple[list[Entry], bool]:
    """Return a page (from 0) of the outbox, newest first, and whether more follow; `state` "" for all."""
    rows = select(*SHOWN).order_by(Mail.id.desc()).offset(number * PAGE).limit(PAGE + 1)
    found = db.session.execute(rows.where(Mail.state == state) if state else rows).all()
    return [_entry(row) for row in found[:PAGE]], len(found) > PAGE


def retry(mail_id: int, by_id: int) -> None:
    """Have a mail tried again from the beginning. Commits; raises as `drop`."""
    values = {"state": WAITING, "tries": 0, "error": "", "due_at": database_now()}
    with transaction() as tx:
        _change(tx, mail_id, _MAY_RETRY, by_id, "mail.retried", **values)
        announce(tx, sender.wake)


def drop(mail_id: int, by_id: int) -> None:
    """Have a mail not sent. Commits; raises NotFound, and UnderWay when it is sent, or about to be."""
    with transaction() as tx:
        _change(tx, mail_id, _MAY_DROP, by_id, "mail.dropped", state=DROPPED)


def forget() -> int:
    """Delete mails that were sent or dropped long ago, MOST_AT_ONCE at most; return how many. Commits.

    What has failed stays until somebody has looked after it.
    """
    days = int(settings.get("Mail::KeepSent"))
    if days == 0:
        return 0
    is_old = (Mail.state.in_((SENT, DROPPED)), Mail.due_at < now() - timedelta(days=days))
    found = list(db.session.scalars(select(Mail.id).where(*is_old).limit(MOST_AT_ONCE)))
    db.session.rollback()
    if not found:
        return 0
    with transaction() as tx:
        return len(tx.scalars(delete(Mail).where(Mail.id.in_(found), *is_old).returning(Mail.id)).all())


def _change(tx: Session, mail_id: int, is_allowed: Any, by_id: int, action: str, **values: Any) -> None:
    changed = update(Mail).where(Mail.id == mail_id, is_allowed).values(**values).returning(Mail.id)
    if tx.execute(changed).first() is not None:
        events.record(tx, by_id, action, "mail", mail_id)
    elif tx.get(Mail, mail_id) is None:
        raise NotFound()
    else:
        raise UnderWay("This mail is sent, or is being sent right now.")


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        created_at=iso(row.created_at),
        recipient=row.recipient,
        recipient_name=row.recipient_name,
        subject=row.subject,
        state="under way" if row.is_under_way else row.state,
        tries=row.tries,
        due_at=iso(row.due_at) if row.state == WAITING and not row.is_under_way else "",
        sent_at=iso(row.sent_at) if row.sent_at else "",
        error=row.error,
        may_retry=row.may_retry,
        may_drop=row.may_drop,
    )
