"""What a customer may see of tickets: his own, his company's where that is shown, and no internal word."""

import re

import pytest
from sqlalchemy import select, update

from helpdesk import settings
from helpdesk.database import db, transaction
from helpdesk.tickets import answering, articles
from helpdesk.tickets.models import CHAT, NOTE, ArticleFile, Ticket
from tests.chat.people import Guest, House
from tests.chat.reading import tree
from tests.external.test_tickets import count, get, numbers, send
from tests.tickets.desk import Desk

pytestmark = pytest.mark.requirement(45, 61)


@pytest.fixture
def customer(house: House) -> Guest:
    return house.customer()


def note(desk: Desk, number: str) -> None:
    """Have an agent add an internal note."""
    draft = articles.typed(desk.who("agent1"), NOTE, "x", "hidden walrus", is_visible=False)
    answering.note(desk.relation("agent1", number), draft, desk.ticket(number).last_n)


@pytest.fixture
def colleague(house: House, desk: Desk) -> str:
    """A ticket of somebody else in the company of customer1."""
    number, own = desk.make("Theirs", customer_id=house.id_of("customer2")), desk.make("Mine")
    with transaction() as tx:
        company_id = desk.ticket(own).company_id
        tx.execute(update(Ticket).where(Ticket.number == number).values(company_id=company_id))
    return number


def test_how_many_internal_notes_there_are_is_on_no_page(customer: Guest, desk: Desk) -> None:
    number = desk.make()
    before = get(customer, f"/{number}").text
    note(desk, number)
    assert get(customer, f"/{number}").text == before
    for after in (1, 1, 2):
        send(customer, f"/{number}/answers", text="Thanks", after=after)
    assert desk.ticket(number).last_n == 4, "the second was the first sent twice"


def test_of_many_articles_the_newest_are_shown_and_the_others_are_linked(
    customer: Guest, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.tickets.articles.MOST_ARTICLES", 2)
    number = desk.make(text="Said first")
    note(desk, number)
    for n in (1, 2):
        send(customer, f"/{number}/answers", text=f"Answer {n}", after=n)
    newest = get(customer, f"/{number}").text
    assert [words in newest for words in ("Said first", "Answer 1", "Answer 2")] == [False, True, True]
    [link] = re.findall(r"(\?before=\d+)\">Earlier articles \(1\)", newest)
    earlier = get(customer, f"/{number}{link}").text
    assert [words in earlier for words in ("Said first", "Answer 1", "walrus")] == [True, False, False]
    assert "Newest articles" in earlier
    assert "Earlier articles" not in earlier
    for odd in ("0", "x", "-1", str(2**70)):
        assert get(customer, f"/{number}?before={odd}").status_code == 200


def test_another_customers_ticket_answers_like_a_missing_one(
    customer: Guest, desk: Desk, house: House
) -> None:
    theirs = desk.make(customer_id=house.id_of("customer2"), title="Secret plan")
    missing = get(customer, "/20990101000010")
    for number in (theirs, "1", "x", "-1", str(2**70), "%00", "'--"):
        answer = get(customer, f"/{number}")
        assert (answer.status_code, answer.text) == (404, missing.text), number
        assert send(customer, f"/{number}/answers", text="Hi").status_code == 404
        assert send(customer, f"/{number}/closure").status_code == 404
    for path in ("", "?state=all", "?words=secret&state=all", f"?words={theirs}&state=all"):
        assert "Secret" not in get(customer, path).text
    assert desk.ticket(theirs).last_n == 1


def test_company_tickets_are_there_while_the_setting_says_so(customer: Guest, colleague: str) -> None:
    assert colleague not in numbers(get(customer))
    assert colleague in numbers(customer.client.get("/external/company-tickets"))
    assert "Company tickets" in get(customer).text
    assert get(customer, f"/{colleague}").status_code == 200
    with transaction() as tx:
        settings.put(tx, "Ticket::CompanyTickets", False, None)
    assert customer.client.get("/external/company-tickets").status_code == 404
    assert "Company tickets" not in get(customer).text
    assert get(customer, f"/{colleague}").status_code == 404


def test_what_is_between_agents_is_in_no_page_of_the_customer(customer: Guest, desk: Desk) -> None:
    number = desk.make()
    agent, ticket_id = desk.who("agent1"), desk.ticket(number).id
    at = desk.ticket(number).created_at
    seen = articles.Said(1, at, "Agent One", False, False, "Good morning")
    both = (seen, articles.Said(2, at, "Agent One", False, True, "zebra for agents"))
    files = (articles.File("one.txt", "txt", b"1"), articles.File("two.txt", "txt", b"2", is_visible=False))
    with transaction() as tx:
        articles.add(tx, ticket_id, articles.typed(agent, NOTE, "x", "hidden walrus", is_visible=False))
        for is_visible in (True, False):
            draft = articles.Draft(
                CHAT, "agent", None, "A", is_visible, "Chat", said=both, said_to_customer=(seen,), files=files
            )
            articles.add(tx, ticket_id, draft)
    page = get(customer, f"/{number}").text
    found = db.session.scalars(select(ArticleFile.id).order_by(ArticleFile.id))
    kept = [get(customer, f"/{number}/files/{each}").status_code for each in list(found)]
    assert kept == [200, 404, 404, 404]
    assert page.count("one.txt") == 1
    assert "two.txt" not in page
    assert page.count("Good morning") == 1
    for secret in ("zebra", "walrus"):
        assert secret not in page
        assert numbers(get(customer, f"?words={secret}&state=all")) == []
    assert numbers(get(customer, "?words=morning&state=all")) == [number]


def test_a_stranger_signs_in_first_and_a_foreign_page_does_nothing(
    house: House, customer: Guest, desk: Desk
) -> None:
    number = desk.make()
    for path in ("", "/new", f"/{number}"):
        assert get(house.visitor(), path).headers["Location"].startswith("/external/sign-in?next=")
    forged = customer.client.post(f"/external/tickets/{number}/closure", data={}, is_forged=True)
    assert forged.status_code == 403
    assert desk.ticket(number).state == "new"


@pytest.mark.parametrize("why", ["signed out", "signed in anew"])
def test_words_sent_without_a_session_come_back_with_the_refusal(
    house: House, customer: Guest, desk: Desk, why: str
) -> None:
    number = desk.make()
    if why == "signed out":
        customer.client.delete_cookie("helpdesk_external", domain="127.0.0.1", path="/external")
    for path, fields in (
        ("", {"subject": "My <b>", "text": "My\nwords"}),
        (f"/{number}/answers", {"text": "W"}),
    ):
        posted = fields | {"csrf_token": "of another session"}
        answer = customer.client.post(f"/external/tickets{path}", data=posted, is_forged=True)
        assert answer.status_code == (401 if why == "signed out" else 403)
        kept = [(each.text or "").removeprefix("\n") for each in tree(answer.text).iter("textarea")]
        assert kept == list(fields.values())
        assert ("/external/sign-in" in answer.text) is (why == "signed out")
    assert count(Ticket) == 1
