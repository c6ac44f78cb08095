"""The outbox of a test: mails are put in, sent now, and looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from helpdesk.config import mail_server
from helpdesk.database import db, now, transaction
from helpdesk.tickets import outbox
from helpdesk.tickets.models import Mail

CUSTOMER = "customer1@example.com"


def connect(app: Flask, url: str) -> None:
    """Have the app hand its mails in there."""
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], mail_server=mail_server(url))


def put(recipient: str = CUSTOMER, subject: str = "Your printer", text: str = "Hello", **more: Any) -> int:
    """Add a mail and return its id."""
    with transaction() as tx:
        return outbox.put(tx, recipient, subject, text, **more)


def row_of(mail_id: int) -> Any:
    """Return a mail as it is stored now."""
    row = db.session.execute(select(*Mail.__table__.c).where(Mail.id == mail_id)).one()
    db.session.rollback()
    return row


def wait_of(mail_id: int) -> int:
    """Return for how many minutes a mail is put off."""
    ahead: timedelta = row_of(mail_id).due_at - now()
    return round(ahead / timedelta(minutes=1))


def be_due(mail_id: int, at: datetime | None = None) -> None:
    """Let the time pass until it may be tried again."""
    due_at = at or now() - timedelta(seconds=1)
    with transaction() as tx:
        tx.execute(update(Mail).where(Mail.id == mail_id).values(due_at=due_at))


@contextmanager
def stopped(sink: Any) -> Iterator[None]:
    """While this lasts the server is down."""
    sink.stop()
    yield
    sink.start()
