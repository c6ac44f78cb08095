"""Mails of the outbox are sent: once, again when they were not taken, and never by two."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from helpdesk.access import form_token
from helpdesk.config import ROOT
from helpdesk.database import db, transaction
from helpdesk.tickets import outbox, post, sender
from helpdesk.tickets.models import DROPPED, Mail
from tests.chat.together import at_once
from tests.support.databases import SECRET_KEY
from tests.support.servers import DIRECT, Server, clean_environment
from tests.support.smtp import PLAIN, STARTTLS, TLS, Sink
from tests.support.waiting import until
from tests.tickets.posting import CUSTOMER, be_due, connect, put, row_of, stopped, wait_of

pytestmark = pytest.mark.requirement(59)


@pytest.fixture
def posting(app: Flask, sink: Sink) -> Sink:
    """The sink, where the app hands its mails in."""
    connect(app, sink.url)
    return sink


def test_a_mail_is_sent_with_text_first_and_html_second(posting: Sink) -> None:
    reply_to = "first@help.example.com"
    mail = put(subject="Re: Drucker", text="Grüße\n\nsiehe https://x.example/?a=1&b=2.", reply_to_id=reply_to)
    assert sender.send_due() == 1
    sent = posting.mail_to(CUSTOMER)
    assert [part.get_content_type() for part in sent.message.iter_parts()] == ["text/plain", "text/html"]
    assert sent.text == "Grüße\n\nsiehe https://x.example/?a=1&b=2.\n"
    assert '<a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>.' in sent.html
    assert sent.message["From"] == "Helpdesk <helpdesk@localhost>"
    assert sent.message["Message-ID"] == f"<{row_of(mail).message_id}>"
    assert sent.message["In-Reply-To"] == sent.message["References"] == f"<{reply_to}>"
    assert sent.message["Date"].datetime == row_of(mail).created_at.replace(microsecond=0)
    assert sent.message["Auto-Submitted"] is None
    assert (row_of(mail).state, row_of(mail).error) == ("sent", "")
    assert row_of(mail).sent_at is not None
    assert sender.send_due() == 0


def test_a_mail_that_nobody_wrote_says_so(posting: Sink) -> None:
    put(is_automatic=True)
    sender.send_due()
    assert posting.mail_to(CUSTOMER).message["Auto-Submitted"] == "auto-generated"


def test_without_a_server_mails_wait(app: Flask, sink: Sink) -> None:
    mail = put()
    assert sender.send_due() == 0
    assert (row_of(mail).state, row_of(mail).tries) == ("waiting", 0)
    connect(app, sink.url)
    assert sender.send_due() == 1


def test_a_mail_waits_while_the_server_is_down_and_goes_when_it_is_up(posting: Sink) -> None:
    mail, other = put(), put("customer2@example.com")
    with stopped(posting):
        assert sender.send_due() == 0
    assert (row_of(mail).state, row_of(mail).tries) == ("waiting", 1)
    assert "refused" in row_of(mail).error
    assert row_of(other).tries == 0, "a server that is down is not asked for each mail"
    be_due(mail)
    assert sender.send_due() == 2
    assert (row_of(mail).state, row_of(mail).error) == ("sent", "")


def test_a_server_that_says_nothing_is_given_up_and_asked_again_later(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connect(app, f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        mail, other = put(), put("customer2@example.com")
        assert sender.send_due() == 0
    assert (row_of(mail).state, wait_of(mail), "timed out" in row_of(mail).error) == ("waiting", 1, True)
    assert row_of(other).tries == 0


def test_each_try_waits_longer_and_the_last_one_fails(posting: Sink) -> None:
    mail = put()
    posting.answers[CUSTOMER] = "450 4.2.1 Greylisted, come back"
    waits = []
    while row_of(mail).state == "waiting":
        be_due(mail)
        sender.send_due()
        waits.append(wait_of(mail))
    assert waits == [1, 5, 30, 120, 480, 0]
    assert row_of(mail).state == "failed"
    assert row_of(mail).error == "450 4.2.1 Greylisted, come back"
    assert sender.send_due() == 0


def test_a_refused_recipient_fails_at_once_in_the_words_of_the_server(posting: Sink) -> None:
    mail, other = put(), put("customer2@example.com")
    posting.answers[CUSTOMER] = "550 5.1.1 No such user here"
    assert sender.send_due() == 1
    assert (row_of(mail).state, row_of(mail).tries) == ("failed", 1)
    assert row_of(mail).error == "550 5.1.1 No such user here"
    assert row_of(other).state == "sent"


@pytest.mark.parametrize(
    "recipient", ["nobody", "a@b.example\r\nRCPT TO:<c@d.example>", "a b@c.example", "a@b.example>"]
)
def test_what_is_no_address_fails_before_the_server_sees_it(posting: Sink, recipient: str) -> None:
    mail = put(recipient)
    sender.send_due()
    assert row_of(mail).state == "failed"
    assert "not an e-mail address" in row_of(mail).error
    assert posting.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("encryption", [PLAIN, STARTTLS, TLS])
def test_a_password_is_given_to_a_server_that_wants_one(app: Flask, encryption: str) -> None:
    sink = Sink(encryption, password="geheim-and-long")
    connect(app, sink.url)
    mail = put()
    assert sender.send_due() == 1, row_of(mail).error
    connect(app, sink.url.replace("geheim", "wrong"))
    mail = put()
    assert sender.send_due() == 0
    assert (row_of(mail).state, "535" in row_of(mail).error) == ("waiting", True)
    sink.stop()


def test_certificates_are_checked_except_those_of_this_machine() -> None:
    assert post.context_for("mail.example.com").check_hostname
    assert not post.context_for("127.0.0.1").check_hostname


def test_many_who_send_at_once_send_each_mail_once(app: Flask, posting: Sink) -> None:
    recipients = [f"person{number}@example.com" for number in range(10)]
    for recipient in recipients:
        put(recipient)
    counts = at_once(app, [sender.send_due] * 4)
    assert sum(counts) == len(recipients)
    assert sorted(mail.recipients[0] for mail in posting.mails) == sorted(recipients)


def test_a_mail_under_way_is_nobody_elses_until_its_time_is_up(posting: Sink) -> None:
    mail = put()
    assert sender.claim(mail) is not None, "who claims it dies now"
    assert sender.claim(mail) is None
    assert sender.send_due() == 0
    assert wait_of(mail) == sender.CLAIM / timedelta(minutes=1)
    be_due(mail)
    assert sender.send_due() == 1
    assert row_of(mail).tries == 2


def test_who_dies_before_he_has_noted_it_has_it_sent_again_recognizably(
    posting: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = put()
    with monkeypatch.context() as patch:
        patch.setattr(sender, "_sent", dying)
        with pytest.raises(SystemExit):
            sender.send_due()
    be_due(mail)
    assert sender.send_due() == 1
    first, second = posting.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]


def dying(mail: object) -> None:
    """Be killed."""
    raise SystemExit


def test_a_server_that_thinks_for_long_is_waited_for(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "TIMEOUT_S", 0.3)
    sink = Sink(on_data=lambda: time.sleep(1))
    connect(app, sink.url)
    mail = put()
    assert sender.send_due() == 1, row_of(mail).error
    assert (row_of(mail).state, len(sink.mails)) == ("sent", 1)
    sink.stop()


def test_what_nobody_foresaw_keeps_no_other_mail_back(posting: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    mail, other = put(), put("customer2@example.com")
    real = post.deliver

    def odd(server: Any, name: str, sender: str, recipient: str, message: Any) -> None:
        if recipient == CUSTOMER:
            raise ValueError("an odd mail")
        real(server, name, sender, recipient, message)

    monkeypatch.setattr(post, "deliver", odd)
    assert sender.send_due() == 1
    assert (row_of(mail).state, row_of(mail).error, wait_of(mail)) == ("waiting", "an odd mail", 1)
    assert row_of(other).state == "sent"


def test_a_busy_database_makes_no_mail_go_twice(posting: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    mail, settle, busy = put(), sender._settle, [True, True]

    def slow(*args: Any, **values: Any) -> None:
        if busy:
            busy.pop()
            raise OperationalError("UPDATE mail", {}, Exception("database is locked"))
        settle(*args, **values)

    monkeypatch.setattr(sender, "_settle", slow)
    assert sender.send_due() == 1
    assert (row_of(mail).state, len(posting.mails)) == ("sent", 1)


def test_no_transaction_is_open_while_the_server_is_talked_to(app: Flask) -> None:
    engine, open_ones = db.engine, []
    sink = Sink(on_data=lambda: open_ones.append(engine.pool.checkedout()))  # type: ignore[attr-defined]
    connect(app, sink.url)
    put()
    assert sender.send_due() == 1
    assert open_ones == [0]
    sink.stop()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_servers_send_as_soon_as_it_is_stored_and_once(
    make_server: Callable[..., Server], sink: Sink, kind: str
) -> None:
    server = make_server(kind, processes=2, HELPDESK_SMTP_URL=sink.url)
    addresses = [f"person{number}@example.com" for number in range(6)]
    with server.beside(), transaction() as tx:
        mails = [outbox.put(tx, address, "Hello", "Hello") for address in addresses]
        tx.execute(update(Mail).values(state=DROPPED))
    cookie = server.enter("admin")
    for number, mail in enumerate(mails):
        press_retry(server.processes[number % 2].url, cookie, mail)
    for address in addresses:
        sink.mail_to(address)
    with server.beside():
        until(lambda: [row_of(mail).state for mail in mails] == ["sent"] * 6)
    assert len(sink.mails) == len(mails)


def test_a_server_that_starts_sends_what_waited_for_it(server: Server, sink: Sink) -> None:
    with server.beside():
        mail = put()
        server.processes[0].environment["HELPDESK_SMTP_URL"] = sink.url
        server.restart()
        sink.mail_to(CUSTOMER)
        until(lambda: row_of(mail).state == "sent")


def test_a_server_with_a_bad_address_does_not_start(tmp_path: Path) -> None:
    environment = {"HELPDESK_INSTANCE": str(tmp_path), "HELPDESK_SMTP_URL": "smtp://me:geheim@"}
    command = [sys.executable, "-m", "helpdesk", "serve"]
    done = subprocess.run(
        command, env=clean_environment() | environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("helpdesk: HELPDESK_SMTP_URL must be empty or look like smtp://")
    assert "geheim" not in done.stdout + done.stderr


def press_retry(url: str, cookie: str, mail: int) -> None:
    """Press *Retry* in the outbox of a server."""
    headers = {"Cookie": f"helpdesk_agent={cookie}", "Origin": url, "HX-Request": "true"}
    headers["X-CSRFToken"] = form_token(cookie, SECRET_KEY)
    with DIRECT.open(Request(f"{url}/agent/outbox/{mail}/retry", b"", headers)) as answer:
        assert answer.status == 200
