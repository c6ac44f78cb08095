"""Files customers send with tickets and answers, and the PDF of a ticket that is theirs."""

from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from helpdesk import settings
from helpdesk.database import db, transaction
from helpdesk.tickets import articles
from helpdesk.tickets.models import CHAT, NOTE, ArticleFile, Ticket
from tests.chat.people import Guest, House
from tests.press.documents import squeezed, text_of
from tests.tickets.desk import Desk

pytestmark = pytest.mark.requirement(45, 53)


@pytest.fixture
def customer(house: House) -> Guest:
    return house.customer()


def send(guest: Guest, path: str, content: bytes, name: str, **fields: object) -> TestResponse:
    data = {**fields, "files": (BytesIO(content), name)}
    return guest.client.post(f"/external/tickets{path}", data=data)


def create(guest: Guest, desk: Desk, content: bytes, name: str) -> TestResponse:
    typed = {"subject": "No paper", "text": "A <long> story", "queue": desk.queue("Support")}
    return send(guest, "", content, name, start_id=uuid4(), **typed)


def kept() -> list[tuple[str, bytes]]:
    """Return names and contents of all files of articles."""
    rows = db.session.execute(select(ArticleFile.name, ArticleFile.content).order_by(ArticleFile.id)).all()
    db.session.rollback()
    return [(row.name, row.content) for row in rows]


def test_a_ticket_and_an_answer_bring_files_that_agents_see(
    house: House, customer: Guest, desk: Desk
) -> None:
    made = create(customer, desk, b"one", "first.txt")
    assert made.status_code == 303
    number = made.headers["Location"].rpartition("/")[2]
    for _ in range(2):
        answer = send(customer, f"/{number}/answers", b"two", "../höhe.txt", text="And this", after=1)
        assert answer.status_code == 303
    assert kept() == [("first.txt", b"one"), ("höhe.txt", b"two")]
    for page in (
        customer.client.get(f"/external/tickets/{number}"),
        house.agent("agent1").client.get(f"/agent/tickets/{number}"),
    ):
        assert all(words in page.text for words in ("first.txt", "höhe.txt", "3 bytes"))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"x" * 3000, "large.txt", "at most 2 kB in all"),
        (b"MZ", "run.exe", "run.exe is of a type"),
        (b"<script>", "picture.png", "What is in picture.png is not png"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_cannot_be_sent_is_refused_with_the_words_kept(
    customer: Guest, desk: Desk, content: bytes, name: str, words: str
) -> None:
    with transaction() as tx:
        settings.put(tx, "Ticket::Attachment::LargestSize", 2, None)
    number = desk.make()
    answers = [
        create(customer, desk, content, name),
        send(customer, f"/{number}/answers", content, name, text="A <long> story", after=1),
    ]
    for answer, field in zip(answers, ("new", "answer"), strict=True):
        assert answer.status_code == 422
        assert f'id="{field}-files-wrong"' in answer.text
        assert words in answer.text
        assert "A &lt;long&gt; story" in answer.text
        assert "choose your files again" in answer.text
    assert (kept(), desk.ticket(number).last_n) == ([], 1)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_many_files_of_one_customer_are_refused_with_the_words_kept(
    customer: Guest, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.external.tickets.MOST_WITH_FILES_PER_HOUR", 1)
    number = desk.make()
    assert create(customer, desk, b"one", "first.txt").status_code == 303
    answer = send(customer, f"/{number}/answers", b"two", "second.txt", text="Keep me", after=1)
    assert (answer.status_code, "Keep me" in answer.text) == (429, True)
    assert send(customer, f"/{number}/answers", b"", "", text="Without", after=1).status_code == 303
    assert len(kept()) == 1


@pytest.mark.requirement(55, 61)
def test_the_pdf_of_his_ticket_holds_what_he_may_see(customer: Guest, desk: Desk) -> None:
    number = desk.make("No paper", text="Доброе утро")
    ticket, agent = desk.ticket(number), desk.who("agent1")
    said = articles.Said(1, ticket.created_at, "Agent One", False, False, "My printer is on fire")
    inner = articles.Said(2, ticket.created_at, "Agent One", False, True, "zebra")
    files = (
        articles.File("plan.txt", "txt", b"x"),
        articles.File("badger.txt", "txt", b"x", is_visible=False),
    )
    with transaction() as tx:
        articles.add(tx, ticket.id, articles.typed(agent, NOTE, "x", "walrus", is_visible=False, files=files))
        draft = articles.Draft(
            CHAT, "agent", None, "A", True, "Chat", said=(said, inner), said_to_customer=(said,), files=files
        )
        articles.add(tx, ticket.id, draft)
    answer = customer.client.post(f"/external/tickets/{number}/print", data={"zone": "Asia/Kathmandu"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=ticket-{number}.pdf"
    text = squeezed(text_of(answer.data))
    for words in (number, "No paper", "Доброе утро", "on fire", "plan.txt", "Asia/Kathmandu"):
        assert squeezed(words) in text, words
    assert text.count("plan.txt") == 1
    for words in ("walrus", "zebra", "badger", "agents", "Priority", "Owner", "internal"):
        assert squeezed(words) not in text, words
    with transaction() as tx:
        settings.put(tx, "Ticket::PrintLimit", 1, None)
    assert customer.client.post(f"/external/tickets/{number}/print").status_code == 429


@pytest.mark.requirement(61)
def test_only_his_own_and_his_companys_tickets_are_printed(
    house: House, customer: Guest, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.tickets.printing.printed", lambda relation, zone: b"%PDF")

    def ask(number: str) -> TestResponse:
        return customer.client.post(f"/external/tickets/{number}/print")

    foreign = desk.make("Secret plan", customer_id=house.id_of("customer2"))
    missing = ask("20990101000010")
    for number in (foreign, "1", "x", str(2**70)):
        answer = ask(number)
        assert (answer.status_code, answer.text) == (404, missing.text), number
    company_id = desk.ticket(desk.make()).company_id
    with transaction() as tx:
        tx.get_one(Ticket, desk.ticket(foreign).id).company_id = company_id
    assert ask(foreign).status_code == 200
    with transaction() as tx:
        settings.put(tx, "Ticket::CompanyTickets", False, None)
    assert ask(foreign).status_code == 404
