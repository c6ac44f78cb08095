"""The customers' tickets: their own and their company's, with what they may see of them."""

import re
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from helpdesk import settings
from helpdesk.database import db, transaction
from helpdesk.tickets import changing
from helpdesk.tickets.models import Article, Ticket
from tests.chat.people import Guest, House
from tests.chat.together import at_once
from tests.external.test_bad_input import TEXTS, foreign
from tests.tickets.desk import Desk

pytestmark = pytest.mark.requirement(45)
NUMBER = re.compile(r"/external/tickets/(\d+)")


def get(guest: Guest, path: str = "") -> TestResponse:
    return guest.client.get(f"/external/tickets{path}")


def send(guest: Guest, path: str = "", /, **fields: object) -> TestResponse:
    return guest.client.post(f"/external/tickets{path}", data=fields)


def numbers(answer: TestResponse) -> list[str]:
    """Return the numbers of the tickets in a list."""
    assert answer.status_code == 200
    return NUMBER.findall(answer.text)


def create(guest: Guest, desk: Desk, **fields: object) -> TestResponse:
    typed = {"subject": "No paper", "text": "Please help", "queue": desk.queue("Support")}
    return guest.client.post("/external/tickets", data=typed | {"start_id": uuid4()} | fields)


def count(table: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(table))
    db.session.rollback()
    return int(found or 0)


@pytest.fixture
def customer(house: House) -> Guest:
    return house.customer()


def test_a_customer_creates_a_ticket_once_however_often_it_is_sent(customer: Guest, desk: Desk) -> None:
    assert "Support" in get(customer, "/new").text
    start_id = uuid4()
    answers = [create(customer, desk, start_id=start_id) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert (count(Ticket), count(Article)) == (1, 1)
    [number] = numbers(get(customer))
    ticket = desk.ticket(number)
    assert (ticket.title, ticket.state, ticket.queue_id) == ("No paper", "new", desk.queue("Support"))
    page = get(customer, f"/{number}").text
    assert "Please help" in page
    assert "Customer One" in page


@pytest.mark.parametrize("field", ["subject", "text", "queue", "start_id"])
def test_what_cannot_be_a_ticket_is_refused_with_the_words_kept(
    customer: Guest, desk: Desk, field: str
) -> None:
    fields = {"subject": "My subject", "text": "My words"} | {field: "" if field != "queue" else "999"}
    answer = create(customer, desk, **fields)
    assert answer.status_code == 422
    assert all(kept in answer.text for kept in ("My subject", "My words") if kept in fields.values())
    assert count(Ticket) == 0


@pytest.mark.requirement(61)
def test_a_queue_that_is_not_for_customers_is_not_on_offer(customer: Guest, desk: Desk) -> None:
    from helpdesk.accounts import people
    from helpdesk.tickets import queues

    with transaction() as tx:
        hidden = queues.create(tx, "Internal affairs", people.create_group(tx, "inner"))
    assert "Internal affairs" not in get(customer, "/new").text
    assert create(customer, desk, queue=hidden).status_code == 422


def test_an_answer_is_an_article_once_and_opens_a_closed_ticket_again(
    house: House, customer: Guest, desk: Desk
) -> None:
    number = desk.make()
    assert send(customer, f"/{number}/closure").status_code == 303
    assert send(customer, f"/{number}/closure").status_code == 303
    assert desk.ticket(number).state == "closed successful"
    assert numbers(get(customer)) == []
    assert numbers(get(customer, "?state=closed")) == [number]
    assert numbers(get(customer, f"?words={number}")) == []
    assert f'No open ticket is like this. <a href="?state=all&amp;words={number}">' in (
        get(customer, f"?words={number}").text
    )
    assert "opens it again" in get(customer, f"/{number}").text
    for _ in range(2):
        assert send(customer, f"/{number}/answers", text="Still broken", after=1).status_code == 303
    ticket = desk.ticket(number)
    assert (ticket.state, ticket.closed_at, ticket.last_n) == ("open", None, 2)
    zoom = house.agent("agent1").client.get(f"/agent/tickets/{number}/history").text
    assert zoom.count("Answered by the customer, article 2.") == 1
    assert numbers(get(customer)) == [number]
    again = send(customer, f"/{number}/answers", text="", after=2)
    assert (again.status_code, "Please enter a text." in again.text) == (422, True)


def test_closed_many_times_at_once_it_is_closed(house: House, desk: Desk) -> None:
    number = desk.make()
    guests = [house.customer() for _ in range(4)]
    answers = at_once(house.app, [partial(send, guest, f"/{number}/closure") for guest in guests])
    assert [answer.status_code for answer in answers] == [303] * 4
    assert desk.ticket(number).state == "closed successful"


def test_too_many_answers_are_refused_with_the_words_kept(
    customer: Guest, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.external.answering.MOST_ANSWERS_PER_HOUR", 1)
    number = desk.make()
    assert send(customer, f"/{number}/answers", text="One", after=1).status_code == 303
    answer = send(customer, f"/{number}/answers", text="Keep me", after=2)
    assert answer.status_code == 429
    assert "Keep me" in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_a_merged_ticket_takes_no_answer_and_leads_on(customer: Guest, desk: Desk) -> None:
    from helpdesk.tickets import merging

    one, two = desk.make("One"), desk.make("Two")
    merging.merge(desk.relation("agent1", one), desk.relation("agent1", two))
    answer = send(customer, f"/{one}/answers", text="Keep me", after=0)
    assert (answer.status_code, "Keep me" in answer.text) == (403, True)
    assert send(customer, f"/{one}/closure").status_code == 403
    assert f'href="/external/tickets/{two}"' in get(customer, f"/{one}").text
    assert "goes on in" not in get(customer, f"/{two}").text


def test_lists_come_in_pages_and_states(customer: Guest, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.external.ticket_lists.PAGE", 2)
    made = [desk.make(f"Ticket {n}") for n in range(3)]
    changing.set_state(desk.relation("agent1", made[0]), "closed successful")
    assert numbers(get(customer)) == [made[2], made[1]]
    assert numbers(get(customer, "?state=all")) == [made[0], made[2]]
    assert numbers(get(customer, "?state=all&page=2")) == [made[1]]
    assert "page=1" in get(customer, "?state=all&page=2").text
    for odd in (
        "?page=x",
        "?page=-1",
        f"?page={2**70}",
        "?state=eaten",
        "?words=%00%22",
        "?words=" + "x" * 300,
    ):
        assert get(customer, odd).status_code == 200


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_any_text_is_shown_as_text(customer: Guest, desk: Desk, kind: str) -> None:
    answer = create(customer, desk, subject=TEXTS[kind][:200], text=TEXTS[kind])
    assert answer.status_code in (303, 422)
    answers = [answer, get(customer, "?state=all"), get(customer, f"?words={TEXTS[kind][:50]}")]
    if answer.status_code == 303:
        answers.append(customer.client.get(answer.headers["Location"]))
    assert not [found for each in answers if (found := foreign(each.text))]


def test_own_closed_chats_are_listed_with_what_was_said(house: House, customer: Guest) -> None:
    agent, other = house.agent("agent1"), house.customer("customer2")
    chat = customer.begun("My invoice", channel=house.channel("Support"))
    running = customer.begun("Still here", channel=house.channel("Support"))
    agent.accept(chat)
    agent.post(chat, "Good morning")
    assert (
        agent.send(f"/chats/{chat}/messages", text="walrus", note="1", client_id=uuid4()).status_code == 200
    )
    customer.close(chat)
    page = customer.client.get("/external/chats").text
    assert "My invoice" in page
    assert "Still here" not in page
    said = customer.client.get(f"/external/chats/{chat}").text
    assert "Good morning" in said
    assert "walrus" not in said
    assert customer.client.get(f"/external/chats/{running}").status_code == 404
    assert other.client.get(f"/external/chats/{chat}").status_code == 404
    assert "My invoice" not in other.client.get("/external/chats").text
    with transaction() as tx:
        settings.put(tx, "ChatEngine::Active", False, None)
    assert customer.client.get("/external/chats").status_code == 404
    assert get(customer).status_code == 200


@pytest.mark.requirement(26)
def test_a_chat_started_from_a_ticket_is_about_it(house: House, customer: Guest, desk: Desk) -> None:
    number, theirs = desk.make("No paper"), desk.make(customer_id=house.id_of("customer2"))
    house.agent("agent1")
    form = customer.get(f"/start?about={number}").text
    assert f'name="about" value="{number}"' in form
    assert f"Ticket {number}, No paper:" in form
    refused = customer.begin("", about=number)
    assert f'name="about" value="{number}"' in refused.text
    chat = customer.begun(about=number, channel=house.channel("Support"))
    assert house.chat(chat).about_id == desk.ticket(number).id
    assert theirs not in customer.get(f"/start?about={theirs}").text
    other = customer.begun(about=theirs, channel=house.channel("Support"))
    assert house.chat(other).about_id is None
    assert house.visitor().get(f"/start?about={number}").status_code == 200
