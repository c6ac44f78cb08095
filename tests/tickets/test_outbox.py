"""Administrators see what became of each mail, and retry or drop it; nobody else does."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk import settings
from helpdesk.database import db, now, transaction
from helpdesk.events import Event
from helpdesk.tickets import outbox, sender
from helpdesk.tickets.models import DROPPED, FAILED, SENT, WAITING, Mail
from tests.chat.together import at_once
from tests.support.clients import Clients
from tests.support.smtp import Sink
from tests.tickets.desk import Desk
from tests.tickets.posting import CUSTOMER, connect, put, row_of, stopped

pytestmark = pytest.mark.requirement(59)


def done() -> list[str]:
    """Return what was done to mails."""
    found = list(db.session.scalars(select(Event.action).where(Event.subject_kind == "mail")))
    db.session.rollback()
    return found


def test_an_administrator_sees_state_tries_and_error(app: Flask, clients: Clients, sink: Sink) -> None:
    connect(app, sink.url)
    sink.answers[CUSTOMER] = "550 No such <user>"
    put(subject="<b>Refused</b>", recipient_name="Customer One", text="a secret")
    put("customer2@example.com", subject="Arrived")
    sender.send_due()
    put("customer2@example.com", subject="To come")
    admin = clients.agent("admin")
    page = admin.get("/agent/outbox")
    assert page.status_code == 200
    for words in (
        "&lt;b&gt;Refused&lt;/b&gt;",
        "550 No such &lt;user&gt;",
        "Customer One",
        CUSTOMER,
        "Arrived",
    ):
        assert words in page.text
    assert page.text.index("To come") < page.text.index("Arrived") < page.text.index("Refused")
    assert "a secret" not in page.text
    assert "not configured" not in page.text
    failed = admin.get("/agent/outbox?state=failed").text
    assert "Refused" in failed
    assert "Arrived" not in failed
    assert "There are no dropped mails." in admin.get("/agent/outbox?state=dropped").text
    assert 'href="/agent/outbox"' in admin.get("/agent/").text


def test_the_page_says_that_mail_is_not_configured(clients: Clients) -> None:
    put()
    page = clients.agent("admin").get("/agent/outbox").text
    assert "Mail is not configured" in page
    assert "HELPDESK_SMTP_URL" in page


def test_nobody_but_an_administrator_has_an_outbox(clients: Clients) -> None:
    mail = put()
    agent = clients.agent("agent1")
    assert agent.get("/agent/outbox").status_code == 404
    assert "/agent/outbox" not in agent.get("/agent/").text
    for deed in ("retry", "drop"):
        assert agent.post(f"/agent/outbox/{mail}/{deed}").status_code == 404
        assert clients.new().post(f"/agent/outbox/{mail}/{deed}").status_code == 401
    assert (row_of(mail).state, done()) == ("waiting", [])


def test_a_dropped_mail_is_not_sent_until_it_is_retried(app: Flask, clients: Clients, sink: Sink) -> None:
    connect(app, sink.url)
    mail, admin = put(), clients.agent("admin")
    answer = admin.post(f"/agent/outbox/{mail}/drop", data={"state": "waiting", "page": "0"})
    assert (answer.status_code, answer.location) == (303, "/agent/outbox?state=waiting")
    assert sender.send_due() == 0
    assert admin.post(f"/agent/outbox/{mail}/drop").status_code == 409
    assert admin.post(f"/agent/outbox/{mail}/retry").status_code == 303
    assert sender.send_due() == 1
    for deed in ("retry", "drop"):
        assert admin.post(f"/agent/outbox/{mail}/{deed}").status_code == 409
    assert row_of(mail).state == "sent"
    assert done() == ["mail.dropped", "mail.retried"]


def test_a_failed_mail_begins_anew_and_one_that_waits_goes_at_once(app: Flask, sink: Sink) -> None:
    connect(app, sink.url)
    failed, waiting = put("a@example.com"), put()
    sink.answers["a@example.com"] = "550 Not here"
    sink.answers[CUSTOMER] = "450 Later"
    sender.send_due()
    sink.answers.clear()
    for mail in (failed, waiting):
        outbox.retry(mail, 1)
        assert (row_of(mail).tries, row_of(mail).error) == (0, "")
    assert sender.send_due() == 2


def test_a_mail_under_way_is_left_to_who_sends_it(app: Flask, clients: Clients, sink: Sink) -> None:
    connect(app, sink.url)
    mail, admin = put(), clients.agent("admin")
    sender.claim(mail)
    assert "under way" in admin.get("/agent/outbox").text
    for deed in ("retry", "drop"):
        assert admin.post(f"/agent/outbox/{mail}/{deed}").status_code == 409
    for deed in ("retry", "drop"):
        assert admin.post(f"/agent/outbox/{mail + 1}/{deed}").status_code == 404


def test_a_mail_that_was_put_off_can_be_dropped(app: Flask, sink: Sink) -> None:
    connect(app, sink.url)
    mail = put()
    with stopped(sink):
        sender.send_due()
    outbox.drop(mail, 1)
    assert row_of(mail).state == "dropped"


def test_mails_about_a_ticket_to_somebody_are_one_thread(desk: Desk) -> None:
    ticket_id = desk.ticket(desk.make()).id
    first, other = put(ticket_id=ticket_id), put("customer2@example.com", ticket_id=ticket_id)
    second = put(ticket_id=ticket_id)
    assert row_of(first).reply_to_id == row_of(other).reply_to_id == ""
    assert row_of(second).reply_to_id == row_of(first).message_id


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_outbox_is_paged(clients: Clients) -> None:
    for number in range(outbox.PAGE + 1):
        put(subject=f"Number {number:03}")
    with transaction() as tx:
        tx.execute(update(Mail).values(state="sent"))
    admin = clients.agent("admin")
    first, second = (
        admin.get("/agent/outbox?state=sent").text,
        admin.get("/agent/outbox?state=sent&page=1").text,
    )
    assert first.count("Number ") == outbox.PAGE
    assert "Number 000" not in first
    assert "Number 000" in second
    assert "/agent/outbox?state=sent&amp;page=1" in first
    assert "Older mails" not in second
    assert "There are no more mails" in admin.get("/agent/outbox?page=99999999999999999").text
    assert admin.get("/agent/outbox?page=x&state=%27").status_code == 200


def test_mails_that_are_done_are_deleted_in_time_and_in_pieces(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_AT_ONCE", 2)
    old, young = now() - timedelta(days=31), now() - timedelta(days=29)
    states = {SENT: 2, DROPPED: 1, FAILED: 1, WAITING: 1}
    ids = {state: [put() for _ in range(count)] for state, count in states.items()}
    recent = put()
    with transaction() as tx:
        for state, found in ids.items():
            tx.execute(update(Mail).where(Mail.id.in_(found)).values(state=state, due_at=old))
        tx.execute(update(Mail).where(Mail.id == recent).values(state=SENT, due_at=young))
        settings.put(tx, "Mail::KeepSent", 0, None)
    assert outbox.forget() == 0
    with transaction() as tx:
        settings.put(tx, "Mail::KeepSent", 30, None)
    assert [outbox.forget() for _ in range(3)] == [2, 1, 0]
    kept = set(db.session.scalars(select(Mail.id)))
    db.session.rollback()
    assert kept == {*ids[FAILED], *ids[WAITING], recent}
    assert sum(at_once(app, [outbox.forget] * 4)) == 0
