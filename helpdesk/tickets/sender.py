"""Sends what waits in the outbox, at least once.

Every process sends; a mail is claimed by moving its `due_at` ahead in one conditional UPDATE, so it is sent
by one of them. No transaction is open while the server is talked to. A process that dies between the
server's "taken" and the row's "sent" leaves it claimed, and after CLAIM it is sent again with the same
Message-ID, by which mail programs know it: twice is possible, never not at all.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from helpdesk import realtime, settings
from helpdesk.config import Config
from helpdesk.database import database_now, db, transaction
from helpdesk.tickets import articles, post
from helpdesk.tickets.letter import NoAddress, address_of, letter, sender_of
from helpdesk.tickets.models import FAILED, SENT, WAITING, Mail
from helpdesk.web import CONTROL

EVERY_S = 15
MOST_AT_ONCE = 100
CLAIM = timedelta(minutes=15)  # longer than one mail can take: see `post`
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
_ERROR = 500

log = logging.getLogger(__name__)


class Sender:
    """One per app: a thread of its own sends while there is something to send, and ends."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._is_wanted = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Have what is due sent; returns at once. Ends with the process: what it was at, another repeats."""
        with self._lock:
            self._is_wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mail", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._is_more():
            with self._app.app_context():
                try:
                    send_due(lambda: realtime.service().is_running)
                except OperationalError as failure:
                    log.warning("mail met a database that did not take it: %s", failure.orig)
                except Exception:
                    log.exception("mail could not be sent")
                finally:
                    db.session.remove()

    def _is_more(self) -> bool:
        with self._lock:
            is_wanted, self._is_wanted = self._is_wanted, False
            if not is_wanted:
                self._thread = None
            return is_wanted


def is_configured() -> bool:
    """Tell whether there is a server to hand mails in at."""
    return _config().mail_server is not None


def wake() -> None:
    """Have this process send what is due, soon; nothing where none serves or no server is configured."""
    if is_configured() and realtime.service().is_running:
        sender: Sender = current_app.extensions["helpdesk_mail"]
        sender.wake()


def look() -> None:
    """Wake the thread if something is due: after a restart, for another process, or once more."""
    if is_configured() and _due(1):
        wake()


def send_due(may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due, at most MOST_AT_ONCE, until the server is found to be down; return how many went.

    `may_go_on` is asked before each. Commits. Where no server is configured nothing happens.
    """
    config, count = _config(), 0
    if config.mail_server is None:
        return 0
    for mail_id in _due(MOST_AT_ONCE):
        mail = claim(mail_id) if may_go_on() else None
        if mail is None:
            continue
        try:
            _deliver(config, mail)
        except post.Never as refusal:
            _settle(mail, state=FAILED, error=_kept(refusal))
        except post.NotNow as refusal:
            _put_off(mail, refusal)
            if refusal.is_down:
                break
        except Exception as failure:  # nobody foresaw it: it is told, and keeps no other mail back
            log.exception("mail %d could not be handed in", mail.id)
            _put_off(mail, post.NotNow(post.words_of(failure), is_down=False))
        else:
            _sent(mail)
            count += 1
    return count


def claim(mail_id: int) -> Any:
    """Take a mail for CLAIM and return it; None if it is somebody else's by now. Commits."""
    with transaction() as tx:
        at = tx.scalars(select(database_now())).one()
        is_due = (Mail.id == mail_id, Mail.state == WAITING, Mail.due_at <= at)
        values = {"due_at": at + CLAIM, "tries": Mail.tries + 1, "error": ""}
        return tx.execute(update(Mail).where(*is_due).values(**values).returning(*Mail.__table__.c)).first()


def _config() -> Config:
    config: Config = current_app.config["HELPDESK"]
    return config


def _due(most: int) -> list[int]:
    """Return which wait and may be tried, oldest first; ends the read transaction."""
    is_due = (Mail.state == WAITING, Mail.due_at <= database_now())
    found = list(db.session.scalars(select(Mail.id).where(*is_due).order_by(Mail.due_at).limit(most)))
    db.session.rollback()
    return found


def _deliver(config: Config, mail: Any) -> None:
    assert config.mail_server is not None
    sender = settings.get("Mail::From")
    files = articles.contents_of(mail.article_id) if mail.article_id else []
    db.session.rollback()  # settings may have been read anew: nothing is open while the server is talked to
    try:
        message, recipient = letter(mail, sender, files), address_of(mail.recipient)
        own = address_of(sender_of(sender)[1])
    except (NoAddress, UnicodeError) as failure:
        raise post.Never(str(failure)) from failure
    name = urlsplit(config.public_url).hostname or "localhost"
    post.deliver(config.mail_server, name, own, recipient, message)


def _sent(mail: Any) -> None:
    """Note it, also where the database is busy for long: what is not noted is sent again."""
    for _ in range(2):
        with suppress(OperationalError):
            _settle(mail, state=SENT, sent_at=database_now())
            return
    _settle(mail, state=SENT, sent_at=database_now())


def _put_off(mail: Any, refusal: post.NotNow) -> None:
    """Wait longer each time; after the last wait it has failed."""
    log.warning("mail %d was not sent, try %d: %s", mail.id, mail.tries, type(refusal.__cause__).__name__)
    if mail.tries > len(WAITS):
        _settle(mail, state=FAILED, error=_kept(refusal))
    else:
        _settle(mail, error=_kept(refusal), wait=WAITS[mail.tries - 1])


def _settle(mail: Any, wait: timedelta = timedelta(0), **values: Any) -> None:
    """Write how it went, unless somebody else has claimed it since."""
    with transaction() as tx:
        values["due_at"] = tx.scalars(select(database_now())).one() + wait
        is_mine = (Mail.id == mail.id, Mail.state == WAITING, Mail.tries == mail.tries)
        tx.execute(update(Mail).where(*is_mine).values(**values))


def _kept(refusal: Exception) -> str:
    return CONTROL.sub(" ", str(refusal)).strip()[:_ERROR] or "It was refused without a word."
