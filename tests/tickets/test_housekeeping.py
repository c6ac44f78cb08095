"""Pending tickets: owners are reminded once, and what closes by itself does, whoever keeps house."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk.accounts.models import Person
from helpdesk.database import db, now, transaction
from helpdesk.events import Event
from helpdesk.tickets import changing, housekeeping
from helpdesk.tickets.models import Mail, Ticket
from tests.chat.together import at_once
from tests.support.smtp import Sink
from tests.tickets.desk import Desk
from tests.tickets.posting import connect

pytestmark = pytest.mark.requirement(52)
ADDRESS = "agent1@example.com"


def pending(desk: Desk, state: str, *, is_over: bool = True, owner: str = "agent1") -> str:
    """Make a ticket that waits in this state, its time passed or not."""
    number = desk.make()
    changing.set_owner(desk.relation("agent1", number), desk.who(owner).person_id)
    changing.set_state(desk.relation("agent1", number), state, now() + timedelta(hours=1))
    if is_over:
        with transaction() as tx:
            is_it = Ticket.number == number
            tx.execute(update(Ticket).where(is_it).values(pending_until=now() - timedelta(minutes=1)))
    return number


def be_reachable(login: str = "agent1") -> None:
    """Give an agent an e-mail address."""
    with transaction() as tx:
        tx.execute(update(Person).where(Person.login == login).values(email=ADDRESS))


def mails() -> list[Any]:
    found = list(db.session.execute(select(*Mail.__table__.c)))
    db.session.rollback()
    return found


def last_events(number: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what was done to a ticket by nobody."""
    of_ticket = Event.subject_id == select(Ticket.id).where(Ticket.number == number).scalar_subquery()
    is_it = (Event.subject_kind == "ticket", of_ticket, Event.actor_id.is_(None))
    rows = db.session.execute(select(Event.action, Event.details).where(*is_it).order_by(Event.id)).all()
    db.session.rollback()
    return [(row.action, row.details) for row in rows]


def test_the_owner_is_reminded_once_when_the_time_has_come(desk: Desk) -> None:
    be_reachable()
    number, later = pending(desk, "pending reminder"), pending(desk, "pending reminder", is_over=False)
    version = desk.ticket(number).version
    assert housekeeping.run() == 1
    assert housekeeping.run() == 0
    ticket = desk.ticket(number)
    assert (ticket.state, ticket.version) == ("pending reminder", version + 1)
    assert ticket.reminded_at is not None
    assert last_events(number) == [("ticket.reminded", {})]
    assert last_events(later) == []
    [mail] = mails()
    assert (mail.recipient, mail.recipient_name, mail.is_automatic) == (ADDRESS, "Agent One", True)
    assert mail.subject == f"[Ticket#{number}] Reminder: No paper"
    assert f"/agent/tickets/{number}" in mail.text


def test_who_is_set_pending_again_is_reminded_again(desk: Desk) -> None:
    be_reachable()
    number = pending(desk, "pending reminder")
    housekeeping.run()
    changing.set_state(desk.relation("agent1", number), "pending reminder", now() + timedelta(hours=1))
    assert desk.ticket(number).reminded_at is None
    assert housekeeping.run() == 0
    with transaction() as tx:
        tx.execute(update(Ticket).values(pending_until=now()))
    assert housekeeping.run() == 1
    assert len(mails()) == 2


def test_a_reminder_without_an_address_is_in_the_history(desk: Desk) -> None:
    number = pending(desk, "pending reminder")
    assert housekeeping.run() == 1
    assert last_events(number) == [("ticket.reminded", {})]
    assert mails() == []


def test_an_owner_without_the_right_any_more_is_told_nothing(desk: Desk) -> None:
    be_reachable()
    number = pending(desk, "pending reminder")
    desk.revoke("agent1", "Support", "rw")
    assert housekeeping.run() == 1
    assert last_events(number) == [("ticket.reminded", {})]
    assert mails() == []


def test_a_ticket_pending_auto_close_closes_by_itself(desk: Desk) -> None:
    number, later = pending(desk, "pending auto close"), pending(desk, "pending auto close", is_over=False)
    assert housekeeping.run() == 1
    ticket = desk.ticket(number)
    assert (ticket.state, ticket.pending_until) == ("closed successful", None)
    assert ticket.closed_at is not None
    assert last_events(number) == [
        ("ticket.state", {"was": "pending auto close", "now": "closed successful"})
    ]
    assert desk.ticket(later).state == "pending auto close"
    assert housekeeping.run() == 0


def test_many_who_keep_house_at_once_do_each_thing_once(app: Flask, desk: Desk) -> None:
    be_reachable()
    numbers = [pending(desk, state) for state in ("pending reminder", "pending auto close") * 3]
    assert sum(at_once(app, [housekeeping.run] * 4)) == len(numbers)
    assert len(mails()) == 3
    assert [len(last_events(number)) for number in numbers] == [1] * 6


def test_the_command_keeps_house_and_sends(app: Flask, desk: Desk, sink: Sink) -> None:
    be_reachable()
    connect(app, sink.url)
    pending(desk, "pending reminder")
    pending(desk, "pending auto close")
    done = app.test_cli_runner().invoke(args=["helpdesk", "housekeeping"])
    assert done.output == "Tickets reminded or closed: 2. Mails sent: 1, deleted: 0.\n", done.output
    assert sink.mail_to(ADDRESS).message["Auto-Submitted"] == "auto-generated"
