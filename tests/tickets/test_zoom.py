"""Ticket Zoom: who sees what of a ticket, its files, its history and its PDF."""

import pytest
from flask import Flask
from sqlalchemy import event, select

from helpdesk import settings
from helpdesk.database import db, now, transaction
from helpdesk.tickets import articles, merging, slots
from helpdesk.tickets.articles import Draft, File, Said
from helpdesk.tickets.models import AGENT, CHAT, NOTE, ArticleFile
from helpdesk.web import render_partial
from tests.chat.reading import buttons_of
from tests.press.documents import squeezed, text_of
from tests.support.clients import Client, Clients
from tests.tickets.desk import Desk

pytestmark = pytest.mark.requirement(55)

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} <b onclick=x>&amp;"


@pytest.fixture
def agent(clients: Clients) -> Client:
    """Agent One, who may do everything in Support and Billing."""
    return clients.agent("agent1")


def add(desk: Desk, number: str, **what: object) -> None:
    """Add an article of Agent One, internal unless told otherwise."""
    one = desk.who("agent1")
    given = {"channel": NOTE, "subject": "Note", "text": "", "is_visible": False} | what
    draft = Draft(sender=AGENT, author_id=one.person_id, author_name=one.name, **given)  # type: ignore[arg-type]
    with transaction() as tx:
        articles.add(tx, desk.ticket(number).id, draft)


def add_chat(desk: Desk, number: str) -> None:
    """Add a chat with a line that its customer never saw."""
    said = [
        Said(1, now(), "Customer One", False, False, "My printer is on fire"),
        Said(2, now(), "Agent One", False, True, "he is angry"),
        Said(3, now(), "", True, False, "Agent One has left this chat."),
    ]
    theirs = [said[0], said[2]]
    add(desk, number, channel=CHAT, subject="Chat", said=said, said_to_customer=theirs, is_visible=True)


def test_the_page_tells_all_about_a_ticket(desk: Desk, agent: Client) -> None:
    number = desk.make("No paper", text="Please help", owner_id=desk.who("agent2").person_id)
    add_chat(desk, number)
    add(desk, number, text="between us")
    one = desk.who("customer1").person_id
    answer = agent.get(f"/agent/tickets/{number}")
    assert answer.status_code == 200
    titles = ("Ticket Information", "Customer Information", "Linked tickets")
    facts = (number, "No paper", "new", "3 normal", "Support", "Agent Two", "Locked")
    people = ("Customer One", "Acme Ltd", "customer1@example.com", f"/agent/customers/{one}")
    said = ("Please help", "My printer is on fire", "he is angry", "Agents only", "between us")
    for words in (*titles, *facts, *people, *said, "Internal", "Visible to the customer"):
        assert words in answer.text, words
    shown = [answer.text.index(f'id="article-{n}"') for n in (1, 2, 3)]
    assert shown == sorted(shown), "newest last"


def test_looking_at_a_ticket_does_not_change_it(desk: Desk, agent: Client) -> None:
    number = desk.make()
    before = desk.ticket(number)
    for address in ("", "/history"):
        assert agent.get(f"/agent/tickets/{number}{address}").status_code == 200
    after = desk.ticket(number)
    assert (after.version, after.changed_at) == (before.version, before.changed_at)


def test_what_is_not_his_is_not_there(desk: Desk, clients: Clients) -> None:
    number = desk.make(queue="Billing")
    outsider = clients.agent("agent3")
    for missing in (number, "20200101000017", "0", "x", "9" * 30):
        for address in ("", "/history", "/files/1"):
            answer = outsider.get(f"/agent/tickets/{missing}{address}")
            assert answer.status_code == 404, (missing, address)
        assert outsider.post(f"/agent/tickets/{missing}/print").status_code == 404
        assert outsider.post(f"/agent/tickets/{missing}/notes", data={"text": "x"}).status_code == 404
    assert clients.new().get(f"/agent/tickets/{number}").status_code == 303
    assert clients.customer("customer1").get(f"/agent/tickets/{number}").status_code == 303


def test_only_actions_that_are_his_are_shown(desk: Desk, clients: Clients, agent: Client) -> None:
    number = desk.make(queue="Billing")
    page = f"/agent/tickets/{number}"
    assert {"Add note", "Send", "Change owner", "Move", "Lock", "Print"} <= buttons_of(agent.get(page).text)
    reader = clients.agent("agent2")
    shown = buttons_of(reader.get(page).text)
    assert "Print" in shown
    assert shown.isdisjoint({"Add note", "Send", "Change owner", "Change priority", "Move", "Lock", "Link"})
    desk.grant("agent2", "Billing", "priority")
    assert "Change priority" in buttons_of(reader.get(page).text)


def test_what_people_wrote_is_text(desk: Desk, agent: Client) -> None:
    number = desk.make(HOSTILE[:100], text=HOSTILE, customer_id=None, customer_name="<i>Eve</i>")
    add(desk, number, text="", subject=HOSTILE, files=[File("<b>.html", "html", b"<script>")])
    add(desk, number, channel=CHAT, said=[Said(1, now(), "<i>Eve</i>", False, False, HOSTILE)])
    page = agent.get(f"/agent/tickets/{number}").text
    assert "<script>alert" not in page
    assert "<i>Eve" not in page
    assert page.count("{{ 7*7 }}") >= 4


def test_a_file_is_handed_out_and_never_shown(desk: Desk, clients: Clients, agent: Client) -> None:
    number, other = desk.make(), desk.make()
    add(desk, number, text="see file", files=[File("höhe.html", "html", b"<script>")], is_visible=True)
    file_id = db.session.scalar(select(ArticleFile.id))
    db.session.rollback()
    assert f"/agent/tickets/{number}/files/{file_id}" in agent.get(f"/agent/tickets/{number}").text
    answer = agent.get(f"/agent/tickets/{number}/files/{file_id}")
    assert (answer.status_code, answer.data) == (200, b"<script>")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert agent.get(f"/agent/tickets/{other}/files/{file_id}").status_code == 404


def test_rooms_above_fill_their_places(desk: Desk, agent: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "_sides", {})
    monkeypatch.setattr(slots, "_customers", {})
    said: list[object] = []
    slots.on_side(lambda relation: render_partial("components/_alert.html", message="beside the ticket"))

    def beside(identity: object, customer_id: int, number: str) -> object:
        said.append((customer_id, number))
        return render_partial("components/_alert.html", message="beside the name")

    slots.on_customer(beside)  # type: ignore[arg-type]
    number = desk.make()
    page = agent.get(f"/agent/tickets/{number}").text
    assert "beside the ticket" in page
    assert "beside the name" in page
    assert said == [(desk.who("customer1").person_id, number)]


def test_a_merged_ticket_leads_to_where_its_work_goes_on(desk: Desk, agent: Client) -> None:
    one, two = desk.make("One", text="apple"), desk.make("Two")
    merging.merge(desk.relation("agent1", one), desk.relation("agent1", two))
    page = agent.get(f"/agent/tickets/{one}").text
    assert "This ticket was merged into" in page
    assert f'href="/agent/tickets/{two}"' in page
    assert buttons_of(page).isdisjoint({"Add note", "Send", "Lock", "Merge"})
    assert "apple" in agent.get(f"/agent/tickets/{two}").text


def test_old_articles_come_in_pages(desk: Desk, agent: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "MOST_ARTICLES", 2)
    number = desk.make(text="the first of all")
    for text in ("the second", "the third"):
        add(desk, number, text=text)
    page = agent.get(f"/agent/tickets/{number}").text
    assert "the first of all" not in page
    assert "Earlier articles" in page
    assert "the first of all" in agent.get(f"/agent/tickets/{number}?before=2").text


def test_the_number_of_queries_does_not_grow_with_the_ticket(app: Flask, desk: Desk, agent: Client) -> None:
    small, large = desk.make(), desk.make()
    for _ in range(5):
        add_chat(desk, large)
        merging.link(desk.relation("agent1", large), desk.relation("agent1", desk.make()))
    counts = []
    for number in (small, small, large):
        asked: list[str] = []

        def count(*args: object, asked: list[str] = asked) -> None:
            asked.append(str(args[2]))

        event.listen(db.engine, "before_cursor_execute", count)
        assert agent.get(f"/agent/tickets/{number}").status_code == 200
        event.remove(db.engine, "before_cursor_execute", count)
        counts.append(len(asked))
    assert counts[1] == counts[2] <= 22


def test_the_history_tells_in_words_who_did_what(desk: Desk, agent: Client) -> None:
    number, hidden = desk.make(), desk.make(queue="Billing")
    page = f"/agent/tickets/{number}"
    two = desk.who("agent2").person_id
    for address, fields in {
        "priority": {"priority": 5},
        "owner": {"owner": two},
        "lock": {"to": "0"},
        "state": {"state": "pending reminder", "pending": "2030-07-02T10:30", "zone": "Europe/Berlin"},
        "queue": {"queue": desk.queue("Billing")},
        "title": {"subject": "Other"},
        "links": {"number": hidden},
        "notes": {"subject": "Note", "text": "secret words", "after": 1},
    }.items():
        assert agent.post(f"{page}/{address}", data=fields).status_code == 303, address
    told = agent.get(f"{page}/history").text
    for words in (
        "Made in the queue Support.",
        "Priority changed from 3 normal to 5 very high.",
        "Owner changed from nobody to Agent Two.",
        "Unlocked.",
        "State changed from new to pending reminder, until 2030-07-02 08:30 UTC.",
        "Moved from the queue Support to Billing.",
        "Title changed.",
        f"Linked with ticket {hidden}.",
        "Note added as article 2, internal.",
        "Agent One",
        "Customer One",
    ):
        assert words in told, words
    assert "secret words" not in told
    assert told.index("Note added") < told.index("Made in the queue"), "newest first"


def test_links_and_merging_are_in_the_history_of_both(desk: Desk, clients: Clients, agent: Client) -> None:
    one, two = desk.make(queue="Billing"), desk.make()
    for _ in range(2):
        agent.post(f"/agent/tickets/{one}/links", data={"number": two})
    agent.post(f"/agent/tickets/{two}/merger", data={"number": one})
    of_one, of_two = (agent.get(f"/agent/tickets/{each}/history").text for each in (one, two))
    assert [told.count("Linked with ticket") for told in (of_one, of_two)] == [1, 1]
    assert f"Took in all articles of ticket {two}." in of_one
    assert f"Merged into ticket {one}." in of_two
    seen = clients.agent("agent3").get(f"/agent/tickets/{two}/history").text
    assert "Merged into another ticket." in seen
    assert one not in seen


def test_the_history_comes_in_pages(desk: Desk, agent: Client) -> None:
    number = desk.make()
    for turn in range(60):
        assert agent.post(f"/agent/tickets/{number}/lock", data={"to": turn % 2}).status_code == 303
    first = agent.get(f"/agent/tickets/{number}/history").text
    assert "Made in the queue" not in first
    before = first.partition("history?before=")[2].partition('"')[0]
    assert "Made in the queue" in agent.get(f"/agent/tickets/{number}/history?before={before}").text


def test_the_pdf_holds_what_was_said(desk: Desk, agent: Client) -> None:
    number = desk.make("No paper", text="Доброе утро")
    add_chat(desk, number)
    add(desk, number, text="between us", files=[File("plan.txt", "txt", b"x")])
    answer = agent.post(f"/agent/tickets/{number}/print", data={"zone": "Asia/Kathmandu"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=ticket-{number}.pdf"
    text = squeezed(text_of(answer.data))
    for words in (number, "No paper", "Доброе утро", "My printer is on fire", "he is angry", "agents only"):
        assert squeezed(words) in text, words
    for words in ("between us", "internal", "plan.txt", "Support", "Acme Ltd", "Asia/Kathmandu"):
        assert squeezed(words) in text, words
    with transaction() as tx:
        settings.put(tx, "Ticket::PrintLimit", 1, None)
    assert agent.post(f"/agent/tickets/{number}/print").status_code == 429
