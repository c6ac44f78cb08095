"""Actions of Ticket Zoom: plain forms that lead back to the page, refused with nothing typed lost."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.database import db
from helpdesk.tickets import answering, articles, merging
from helpdesk.tickets.models import EMAIL, Article, Mail
from tests.chat.together import at_once
from tests.support.clients import Client, Clients
from tests.tickets.desk import Desk

pytestmark = pytest.mark.requirement(55)

NOTE = {"subject": "Called", "text": "He will call back", "after": "1"}
MAIL = {"recipient": "customer1@example.com", "subject": "Re: No paper", "text": "Good morning", "after": "1"}
DEEDS: dict[str, dict[str, Any]] = {
    "notes": NOTE,
    "mails": MAIL,
    "owner": {"owner": ""},
    "priority": {"priority": "1"},
    "state": {"state": "open"},
    "queue": {"queue": "1"},
    "lock": {"to": "1"},
    "title": {"subject": "Other"},
    "merger": {"number": ""},
    "links": {"number": ""},
    "unlink": {"number": ""},
}


@pytest.fixture
def agent(clients: Clients) -> Client:
    """Agent One, who may do everything in Support and Billing."""
    return clients.agent("agent1")


def address(number: str, deed: str) -> str:
    """Return where a form is sent."""
    return f"/agent/tickets/{number}/{deed}"


def said(desk: Desk, number: str) -> list[Article]:
    """Return the articles of a ticket."""
    found = articles.of_ticket(desk.ticket(number).id, is_for_customer=False)
    db.session.expunge_all()
    db.session.rollback()
    return found


def mails() -> list[Mail]:
    """Return what is in the outbox."""
    found = list(db.session.scalars(select(Mail)))
    db.session.expunge_all()
    db.session.rollback()
    return found


def test_a_note_is_internal_unless_it_is_said_to_be_visible(desk: Desk, agent: Client) -> None:
    number = desk.make()
    answer = agent.post(address(number, "notes"), data=NOTE)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/agent/tickets/{number}#article-2")
    visible = NOTE | {"audience": "customer", "after": "2"}
    assert agent.post(address(number, "notes"), data=visible).status_code == 303
    shown = [(a.channel, a.sender, a.author_name, a.is_visible, a.text) for a in said(desk, number)[1:]]
    assert shown == [
        ("note", "agent", "Agent One", False, "He will call back"),
        ("note", "agent", "Agent One", True, "He will call back"),
    ]
    assert mails() == []


@pytest.mark.requirement(58, 59)
def test_an_answer_is_an_article_and_a_mail_with_the_number(desk: Desk, agent: Client) -> None:
    number = desk.make()
    assert agent.post(address(number, "mails"), data=MAIL).status_code == 303
    article = said(desk, number)[-1]
    assert (article.channel, article.is_visible, article.recipient) == (
        "email",
        True,
        "customer1@example.com",
    )
    (mail,) = mails()
    assert (mail.recipient, mail.recipient_name) == ("customer1@example.com", "Customer One")
    assert mail.subject == f"[Ticket#{number}] Re: No paper"
    assert (mail.text, mail.state, mail.ticket_id) == ("Good morning", "waiting", desk.ticket(number).id)
    assert desk.ticket(number).state == "open", "a new ticket that is answered is open"


@pytest.mark.requirement(58)
@pytest.mark.parametrize(("deed", "fields"), [("notes", NOTE), ("mails", MAIL)])
def test_what_is_sent_twice_is_said_once(
    desk: Desk, agent: Client, deed: str, fields: dict[str, str]
) -> None:
    number = desk.make()
    places = {agent.post(address(number, deed), data=fields).headers["Location"] for _ in range(3)}
    assert places == {f"/agent/tickets/{number}#article-2"}
    assert len(said(desk, number)) == 2
    assert len(mails()) == (deed == "mails")
    again = agent.post(address(number, deed), data=fields | {"after": "2"})
    assert again.headers["Location"].endswith("#article-3"), "from the page that shows it, it is meant"


@pytest.mark.requirement(58, 59)
def test_an_answer_sent_eight_times_at_once_is_one_article_and_one_mail(app: Flask, desk: Desk) -> None:
    number = desk.make()
    one = desk.who("agent1")
    draft = articles.typed(one, EMAIL, "Re", "Good morning", is_visible=True, recipient="a@example.com")
    relation = desk.relation("agent1", number)
    assert at_once(app, [lambda: answering.mail(relation, draft, 1)] * 8) == [2] * 8
    assert (len(said(desk, number)), len(mails())) == (2, 1)


def test_owner_priority_state_lock_title_and_queue_are_changed(desk: Desk, agent: Client) -> None:
    number, two = desk.make(), desk.who("agent2").person_id
    pending = {"state": "pending reminder", "pending": "2030-07-02T10:30", "zone": "Europe/Berlin"}
    for deed, fields in {
        "owner": {"owner": two},
        "lock": {"to": "0"},
        "priority": {"priority": 5},
        "state": pending,
        "title": {"subject": "Paper is out"},
        "queue": {"queue": desk.queue("Billing")},
    }.items():
        answer = agent.post(address(number, deed), data=fields)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/agent/tickets/{number}"), deed
    ticket = desk.ticket(number)
    assert (ticket.owner_id, ticket.is_locked, ticket.priority, ticket.state, ticket.title) == (
        two,
        False,
        5,
        "pending reminder",
        "Paper is out",
    )
    assert ticket.pending_until == datetime(2030, 7, 2, 8, 30, tzinfo=UTC)
    assert ticket.queue_id == desk.queue("Billing")
    page = agent.get(f"/agent/tickets/{number}").text
    for words in ("Paper is out", "5 very high", "pending reminder", "2030-07-02 08:30", "Unlocked"):
        assert words in page, words
    assert agent.post(address(number, "owner"), data={"owner": ""}).status_code == 303
    assert desk.ticket(number).owner_id is None


def test_his_own_time_zone_counts_before_that_of_the_browser(desk: Desk, agent: Client) -> None:
    number = desk.make()
    agent.post("/agent/preferences", data={"time_zone": "Asia/Tokyo"})
    pending = {"state": "pending auto close", "pending": "2030-07-02T10:30", "zone": "Europe/Berlin"}
    assert agent.post(address(number, "state"), data=pending).status_code == 303
    assert desk.ticket(number).pending_until == datetime(2030, 7, 2, 1, 30, tzinfo=UTC)


def test_who_may_not_read_where_he_moved_it_is_told_so_on_the_list(desk: Desk, agent: Client) -> None:
    number = desk.make()
    desk.grant("agent1", "Misc", "move_into")
    answer = agent.post(address(number, "queue"), data={"queue": desk.queue("Misc")})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/agent/tickets?moved={number}")
    assert f"Ticket {number} is moved" in agent.get(answer.headers["Location"]).text
    assert agent.get(f"/agent/tickets/{number}").status_code == 404


def test_tickets_are_merged_after_a_question(desk: Desk, agent: Client) -> None:
    one, two = desk.make("One", text="apple"), desk.make("Two & <b>")
    assert 'name="merge"' in agent.get(f"/agent/tickets/{one}").text
    question = agent.get(f"/agent/tickets/{one}?merge={two}")
    assert question.status_code == 200
    assert "This cannot be undone." in question.text
    assert "Two &amp; &lt;b&gt;" in question.text
    assert "of different customers" not in question.text
    assert desk.ticket(one).state == "new", "asking does nothing"
    others = desk.make("Of somebody else", customer_id=desk.who("customer2").person_id)
    assert "of different customers" in agent.get(f"/agent/tickets/{one}?merge={others}").text
    answer = agent.post(address(one, "merger"), data={"number": two})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/agent/tickets/{two}")
    assert (desk.ticket(one).state, [a.text for a in said(desk, two)]) == ("merged", ["Help", "apple"])


def test_tickets_are_linked_and_unlinked(desk: Desk, agent: Client) -> None:
    one, two = desk.make("One"), desk.make("Two", queue="Billing")
    assert agent.post(address(one, "links"), data={"number": f" {two} "}).status_code == 303
    assert f"Remove the link with {two}" in agent.get(f"/agent/tickets/{one}").text
    assert agent.post(address(two, "unlink"), data={"number": one}).status_code == 303
    assert merging.linked_to(desk.who("agent1"), desk.ticket(one).id) == []
    db.session.rollback()


@pytest.mark.parametrize("deed", DEEDS)
def test_who_has_no_right_is_refused_also_by_hand(
    desk: Desk, clients: Clients, agent: Client, deed: str
) -> None:
    number = desk.make(queue="Billing")
    fields = DEEDS[deed] | ({"number": desk.make()} if "number" in DEEDS[deed] else {})
    reader = clients.agent("agent2")
    before = desk.ticket(number)
    answer = reader.post(address(number, deed), data=fields)
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.text
    if "text" in fields:
        assert fields["text"] in answer.text, "what was typed is not lost"
    after = desk.ticket(number)
    assert (after.version, len(said(desk, number)), mails()) == (before.version, 1, [])
    assert clients.agent("agent3").post(address(number, deed), data=fields).status_code == 404
    assert clients.new().post(address(number, deed), data=fields).status_code == 401


@pytest.mark.parametrize("deed", DEEDS)
def test_a_merged_ticket_takes_no_more(desk: Desk, agent: Client, deed: str) -> None:
    number, into = desk.make(), desk.make()
    merging.merge(desk.relation("agent1", number), desk.relation("agent1", into))
    answer = agent.post(address(number, deed), data=DEEDS[deed] | {"number": desk.make()})
    assert answer.status_code == 403
    assert "This ticket was merged into another one." in answer.text
    assert DEEDS[deed].get("text", "") in answer.text
    assert (len(said(desk, number)), mails()) == (0, [])


WRONG = [
    ("notes", NOTE | {"text": " \u200b "}, "Please enter a text."),
    ("notes", NOTE | {"subject": ""}, "Please enter a subject."),
    ("notes", NOTE | {"subject": "x" * 300}, "Please use at most 255 characters; this has 300."),
    ("notes", NOTE | {"text": "x" * 100_001}, "Please use at most 100,000 characters; this has 100,001."),
    ("mails", MAIL | {"recipient": ""}, "Please enter the e-mail address of who is answered."),
    ("mails", MAIL | {"recipient": "a@b.c\r\nBcc: x@y.z"}, "Please enter an e-mail address like"),
    ("mails", MAIL | {"text": ""}, "Please enter a text."),
    ("owner", {"owner": "9" * 18}, "Please choose an agent who may work on tickets of this queue."),
    ("owner", {"owner": "-1"}, "Please choose an agent who may work on tickets of this queue."),
    ("priority", {"priority": "6"}, "Please choose a priority."),
    ("state", {"state": "merged"}, "Please choose a state."),
    ("state", {"state": "pending reminder", "pending": "soon"}, "Please enter a time in the future"),
    ("state", {"state": "pending reminder", "pending": "2020-01-01T00:00"}, "Please enter a time in the fut"),
    ("queue", {"queue": "77"}, "Please choose a queue."),
    ("title", {"subject": ""}, "Please enter a subject."),
    ("merger", {"number": "20200101000017"}, "There is no ticket of this number for you."),
    ("links", {"number": "<b>"}, "There is no ticket of this number for you."),
]


@pytest.mark.parametrize(("deed", "fields", "words"), WRONG)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(
    desk: Desk, agent: Client, deed: str, fields: dict[str, str], words: str
) -> None:
    number = desk.make()
    answer = agent.post(address(number, deed), data=fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert '<details name="deed" open>' in answer.text
    for name in {"text", "subject"} & fields.keys():
        kept = fields[name].strip(" \u200b")
        assert kept in answer.text
    assert desk.ticket(number).version == 2
    assert db.session.scalar(select(func.count()).select_from(Article)) == 1
    db.session.rollback()
    assert mails() == []


def test_the_other_ticket_must_be_his_too(desk: Desk, clients: Clients) -> None:
    mine, read_only = desk.make(), desk.make(queue="Billing")
    agent = clients.agent("agent2")
    assert agent.post(address(mine, "merger"), data={"number": read_only}).status_code == 422
    refused = agent.get(f"/agent/tickets/{mine}?merge={read_only}")
    assert (refused.status_code, "You may not merge tickets of this queue." in refused.text) == (422, True)
    for number in ("1", mine):
        assert agent.get(f"/agent/tickets/{mine}?merge={number}").status_code == 422
    outsider = clients.agent("agent3")
    refused = outsider.post(address(mine, "links"), data={"number": read_only})
    assert (refused.status_code, "There is no ticket of this number for you." in refused.text) == (422, True)
    assert desk.ticket(mine).state == "new"


def test_forms_of_foreign_pages_are_refused(desk: Desk, agent: Client) -> None:
    number = desk.make()
    for deed, fields in DEEDS.items():
        assert agent.post(address(number, deed), data=fields, is_forged=True).status_code == 403
    assert desk.ticket(number).version == 2
