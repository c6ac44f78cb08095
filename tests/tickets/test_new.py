"""New phone ticket: who may, what it makes, and that nothing typed is lost."""

from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from helpdesk import settings
from helpdesk.database import db, transaction
from helpdesk.tickets import articles
from helpdesk.tickets.models import Article, ArticleFile, Ticket
from tests.support.clients import Client, Clients
from tests.tickets.desk import Desk

pytestmark = pytest.mark.requirement(54)


@pytest.fixture
def agent(clients: Clients) -> Client:
    """Agent One at his desk."""
    return clients.agent("agent1")


def send(desk: Desk, agent: Client, **typed: Any) -> TestResponse:
    """Send the form, filled in well but for what is given; None leaves a field out."""
    fields = {
        "start_id": "a-start-id-of-his-own",
        "customer": str(desk.who("customer1").person_id),
        "queue": str(desk.queue("Support")),
        "subject": "No paper",
        "text": "He called: the printer has no paper.",
        "state": "open",
        "priority": "3",
    } | typed
    return agent.post("/agent/tickets/new", data={k: v for k, v in fields.items() if v is not None})


def only_ticket() -> Any:
    """Return the one ticket there is."""
    row = db.session.execute(select(Ticket)).scalar_one()
    db.session.rollback()
    return row


def test_the_form_makes_a_ticket_of_all_that_is_chosen(desk: Desk, agent: Client) -> None:
    two = desk.who("agent2").person_id
    files = [(BytesIO(b"one"), "one.txt"), (BytesIO(b"two"), "two.txt")]
    pending = {"state": "pending reminder", "pending": "2030-01-02T10:30", "zone": "Europe/Berlin"}
    answer = send(desk, agent, owner=str(two), priority="5", files=files, **pending)
    ticket = only_ticket()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/agent/tickets/{ticket.number}")
    assert (ticket.title, ticket.state, ticket.priority, ticket.owner_id, ticket.is_locked) == (
        "No paper",
        "pending reminder",
        5,
        two,
        True,
    )
    assert ticket.pending_until.isoformat() == "2030-01-02T09:30:00+00:00"
    [article] = articles.of_ticket(ticket.id, is_for_customer=True)
    assert (article.channel, article.sender, article.author_name) == ("phone", "agent", "Agent One")
    names = list(db.session.scalars(select(ArticleFile.name).order_by(ArticleFile.id)))
    assert names == ["one.txt", "two.txt"]


def test_somebody_without_an_account_is_kept_by_name_and_address(desk: Desk, agent: Client) -> None:
    told = {"customer": "none", "customer_name": "Vera", "customer_email": "vera@example.com"}
    assert send(desk, agent, **told).status_code == 303
    ticket = only_ticket()
    assert (ticket.customer_id, ticket.customer_name, ticket.customer_email) == (
        None,
        "Vera",
        "vera@example.com",
    )


@pytest.mark.requirement(35, 54)
def test_a_new_customer_user_is_made_with_the_ticket_and_once(desk: Desk, agent: Client) -> None:
    told = {"customer": "new", "customer_name": "Vera", "customer_email": "vera@example.com"}
    first, second = send(desk, agent, **told), send(desk, agent, **told)
    assert first.headers["Location"] == second.headers["Location"]
    assert only_ticket().customer_id == desk.who("vera@example.com").person_id
    assert send(desk, agent, **told, start_id="x" * 20).status_code == 422


@pytest.mark.requirement(58)
def test_a_form_sent_twice_is_one_ticket_but_of_another_agent_another(desk: Desk, agent: Client) -> None:
    first, second = send(desk, agent), send(desk, agent, subject="Again")
    assert first.headers["Location"] == second.headers["Location"]
    assert only_ticket().title == "No paper"
    assert db.session.scalar(select(func.count(Article.id))) == 1


def test_start_ids_are_each_agents_own(desk: Desk, clients: Clients, agent: Client) -> None:
    first, second = send(desk, agent), send(desk, clients.agent("agent2"))
    assert first.headers["Location"] != second.headers["Location"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"customer": None}, "customer"),
        ({"customer": "99999"}, "customer"),
        ({"customer": "none"}, "customer_name"),
        ({"customer": "none", "customer_name": "Vera", "customer_email": "x"}, "customer_email"),
        ({"queue": ""}, "queue"),
        ({"queue": "9" * 30}, "queue"),
        ({"owner": "1x"}, "owner"),
        ({"subject": " \u200b "}, "subject"),
        ({"subject": "x" * 256}, "subject"),
        ({"text": ""}, "text"),
        ({"state": "merged"}, "state"),
        ({"state": "pending reminder"}, "pending"),
        ({"state": "pending reminder", "pending": "2001-01-01T00:00"}, "pending"),
        ({"state": "pending reminder", "pending": "0001-01-01T00:00", "zone": "Asia/Tokyo"}, "pending"),
        ({"priority": "6"}, "priority"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_is_wrong_is_said_at_the_field_and_everything_typed_stays(
    desk: Desk, agent: Client, typed: dict[str, Any], field: str
) -> None:
    answer = send(desk, agent, **({"text": "A <long> story", "words": "one"} | typed))
    assert answer.status_code == 422
    assert f'id="ticket-{field}-wrong"' in answer.text
    assert 'value="a-start-id-of-his-own"' in answer.text
    assert "A &lt;long&gt; story" in answer.text or field == "text"
    assert "No paper" in answer.text or field == "subject"
    assert "Customer One" in answer.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


@pytest.mark.parametrize(
    "file", [(b"", "empty.txt"), (b"MZ", "run.exe"), (b"<html>", "picture.png"), (b"x" * 3_000, "large.txt")]
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_files_that_cannot_be_sent_are_refused(desk: Desk, agent: Client, file: tuple[bytes, str]) -> None:
    with transaction() as tx:
        settings.put(tx, "Ticket::Attachment::LargestSize", 2, None)
    answer = send(desk, agent, files=(BytesIO(file[0]), file[1]))
    assert answer.status_code == 422
    assert 'id="ticket-files-wrong"' in answer.text
    assert "choose your files again" in answer.text
    assert "No paper" in answer.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


def test_a_form_of_the_longest_text_and_a_large_file_gets_in(desk: Desk, agent: Client) -> None:
    large = (BytesIO(b"x" * 150_000), "large.txt")
    token = agent.form_token("/agent/")
    answer = agent.post(
        "/agent/tickets/new",
        is_forged=True,
        data={
            "csrf_token": token,
            "customer": str(desk.who("customer1").person_id),
            "queue": str(desk.queue("Support")),
            "subject": "ü" * 255,
            "text": "€" * 100_000,
            "priority": "3",
            "files": large,
        },
    )
    assert answer.status_code == 303, answer.text


def test_customer_users_are_found_by_name_login_address_and_company(desk: Desk, agent: Client) -> None:
    for words in ("customer one", "CUSTOMER1", "customer1@example", "acme"):
        found = agent.get("/agent/tickets/new/customers", query_string={"words": words}, htmx=True).text
        assert "Customer One" in found, words
        assert "Customer Two" not in found
    chosen = {"words": "acme", "customer": str(desk.who("customer2").person_id)}
    both = agent.get("/agent/tickets/new/customers", query_string=chosen, htmx=True).text
    assert both.index("Customer Two") < both.index("Customer One"), "who is chosen stays, and stays first"
    for words in ("%", "' OR 1=1", "\x00", "x" * 500, "agent"):
        assert "Customer" not in agent.get("/agent/tickets/new/customers", query_string={"words": words}).text


def test_without_scripts_the_search_is_a_submit_that_keeps_everything(desk: Desk, agent: Client) -> None:
    answer = send(desk, agent, find="1", words="beta", customer=None, subject="", text="Half a")
    assert answer.status_code == 200
    assert "Customer Two" in answer.text
    assert "Half a" in answer.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


@pytest.mark.requirement(61)
def test_tickets_are_made_where_one_may(desk: Desk, clients: Clients, agent: Client) -> None:
    assert send(desk, agent, queue=str(desk.queue("Misc"))).status_code == 422
    assert send(desk, clients.agent("agent2"), queue=str(desk.queue("Billing"))).status_code == 422
    three = clients.agent("agent3")
    desk.grant("agent3", "Billing", "create")
    answer = send(desk, three, queue=str(desk.queue("Billing")))
    assert answer.headers["Location"] == f"/agent/tickets/new?made={only_ticket().number}", (
        "he cannot read it"
    )
    assert "is created" in three.get(answer.headers["Location"]).text


@pytest.mark.requirement(61)
def test_who_has_to_do_with_neither_tickets_nor_chats_sees_no_customers(desk: Desk, clients: Clients) -> None:
    three = clients.agent("agent3")
    assert three.get("/agent/tickets/new").status_code == 200
    desk.revoke("agent3", "Support", "rw")
    assert three.get("/agent/tickets/new/customers?words=one").status_code == 200, "he has a level on chats"
    assert "You may not create tickets" in three.get("/agent/tickets/new").text
    desk.revoke("agent3", "Support", "chat_participant")
    for page in ("/agent/tickets/new", "/agent/tickets/new/customers?words=one"):
        assert three.get(page).status_code == 404
