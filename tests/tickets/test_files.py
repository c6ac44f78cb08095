"""Files of notes and answers: who sees them, how they are mailed, and what is refused with the words kept."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import settings
from helpdesk.database import db, transaction
from helpdesk.files import LONGEST_NAME
from helpdesk.tickets import articles, sender
from helpdesk.tickets.articles import Draft, Said
from helpdesk.tickets.models import CHAT, ArticleFile, Mail
from tests.support.clients import Client, Clients
from tests.support.smtp import Sink
from tests.tickets.desk import Desk
from tests.tickets.posting import CUSTOMER, connect, put, row_of

pytestmark = pytest.mark.requirement(53, 55)
PDF = b"%PDF-1.7\n1 0 obj\n"
NOTE = {"subject": "Called", "text": "He will call back", "after": "1"}
MAIL = {"recipient": CUSTOMER, "subject": "Re: No paper", "text": "Good morning", "after": "1"}


@pytest.fixture
def agent(clients: Clients) -> Client:
    """Agent One, who may do everything in Support and Billing."""
    return clients.agent("agent1")


def send(agent: Client, number: str, deed: str, fields: dict[str, str], *files: tuple[bytes, str]) -> Any:
    """Send a form with files."""
    sent = [(BytesIO(content), name) for content, name in files]
    return agent.post(f"/agent/tickets/{number}/{deed}", data={**fields, "files": sent})


def kept() -> list[tuple[str, int]]:
    """Return names and sizes of all files of articles."""
    rows = db.session.execute(select(ArticleFile.name, ArticleFile.size_bytes).order_by(ArticleFile.id)).all()
    db.session.rollback()
    return [(row.name, row.size_bytes) for row in rows]


def test_the_files_of_a_note_are_the_customers_only_with_the_note(
    desk: Desk, clients: Clients, agent: Client
) -> None:
    number = desk.make()
    assert send(agent, number, "notes", NOTE, (b"between us", "secret.txt")).status_code == 303
    shown = NOTE | {"audience": "customer", "after": "2"}
    assert (
        send(agent, number, "notes", shown, (PDF, "plan.pdf"), (b"x" * 2048, "höhe.txt")).status_code == 303
    )
    assert kept() == [("secret.txt", 10), ("plan.pdf", len(PDF)), ("höhe.txt", 2048)]
    page = agent.get(f"/agent/tickets/{number}").text
    assert all(words in page for words in ("secret.txt", "10 bytes", "höhe.txt", "2 kB"))
    customer = clients.customer("customer1")
    page = customer.get(f"/external/tickets/{number}").text
    assert "secret.txt" not in page
    assert all(words in page for words in ("plan.pdf", "höhe.txt", "2 kB"))
    ids = list(db.session.scalars(select(ArticleFile.id).order_by(ArticleFile.id)))
    db.session.rollback()
    answers = [customer.get(f"/external/tickets/{number}/files/{each}").status_code for each in ids]
    assert answers == [404, 200, 200]


@pytest.mark.requirement(58, 59)
def test_the_files_of_an_answer_go_with_the_mail(app: Flask, desk: Desk, agent: Client, sink: Sink) -> None:
    connect(app, sink.url)
    number = desk.make()
    names = ("plan.pdf", "Żółta strona – 日本語 العربية.txt", "a'b,c=d%20.csv")
    contents = (PDF, "Grüße\n".encode(), bytes(range(32, 127)) * 2_000)
    assert send(agent, number, "mails", MAIL, *zip(contents, names, strict=True)).status_code == 303
    assert sender.send_due() == 1
    mail = sink.mail_to(CUSTOMER)
    assert mail.text == "Good morning\n"
    assert "Good morning" in mail.html
    found: list[Any] = list(mail.message.iter_attachments())
    assert tuple(file.get_filename() for file in found) == names
    assert tuple(file.get_payload(decode=True) for file in found) == contents
    assert {file.get_content_disposition() for file in found} == {"attachment"}
    kinds = [file.get_content_type() for file in found]
    assert kinds == ["application/pdf", "application/octet-stream", "application/octet-stream"]


@pytest.mark.requirement(59)
def test_a_mail_the_server_finds_too_large_is_not_tried_again(app: Flask, desk: Desk, agent: Client) -> None:
    sink = Sink(largest_bytes=10_000)
    connect(app, sink.url)
    assert send(agent, desk.make(), "mails", MAIL, (b"x" * 20_000, "large.txt")).status_code == 303
    small = put("customer2@example.com")
    assert sender.send_due() == 1, row_of(small).error
    failed = db.session.scalars(select(Mail).where(Mail.recipient == CUSTOMER)).one()
    assert (failed.state, failed.error[:3]) == ("failed", "552")
    sink.stop()


def test_sent_twice_it_is_one_article_but_another_file_is_another_one(desk: Desk, agent: Client) -> None:
    number = desk.make()
    places = [
        send(agent, number, "notes", NOTE, (b"one", name)).headers["Location"].partition("#")[2]
        for name in ("a.txt", "a.txt", "b.txt", "a.txt")
    ]
    assert places == ["article-2", "article-2", "article-3", "article-2"]


@pytest.mark.parametrize(("deed", "fields"), [("notes", NOTE), ("mails", MAIL)])
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([(b"x" * 3000, "large.txt")], "at most 2 kB in all"),
        ([(b"x", f"{n}.txt") for n in range(11)], "at most 10 files"),
        ([(b"MZ", "run.exe")], "run.exe is of a type"),
        ([(b"<script>", "picture.png")], "What is in picture.png is not png"),
        ([(b"", "empty.txt")], "empty.txt is empty"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_cannot_be_sent_is_refused_at_the_field_with_the_words_kept(
    desk: Desk, agent: Client, deed: str, fields: dict[str, str], files: Any, words: str
) -> None:
    with transaction() as tx:
        settings.put(tx, "Ticket::Attachment::LargestSize", 2, None)
    number, name = desk.make(), deed.removesuffix("s")
    answer = send(agent, number, deed, fields | {"text": "A <long> story"}, *files)
    assert answer.status_code == 422
    assert f'id="{name}-files-wrong"' in answer.text
    assert words in answer.text
    assert "A &lt;long&gt; story" in answer.text
    assert answer.text.count("choose your files again") == 1
    assert (desk.ticket(number).last_n, kept()) == (1, [])


def test_files_come_in_up_to_the_limit_and_more_is_told_to_be_too_large(desk: Desk, agent: Client) -> None:
    with transaction() as tx:
        settings.put(tx, "Ticket::Attachment::LargestSize", 300, None)
    number = desk.make()
    assert send(agent, number, "notes", NOTE, (b"x" * 300 * 1024, "a" * 251 + ".txt")).status_code == 303
    assert kept() == [("a" * (LONGEST_NAME - 4) + ".txt", 300 * 1024)]
    sent = {"data": b"x" * 1_400_000, "content_type": "multipart/form-data; boundary=x"}
    answer = agent.post(f"/agent/tickets/{number}/notes", **sent)
    assert (answer.status_code, "This is too large" in answer.text) == (413, True)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_where_no_files_are_taken_none_are_asked_for(desk: Desk, agent: Client, clients: Clients) -> None:
    with transaction() as tx:
        settings.put(tx, "Ticket::Attachment::LargestSize", 0, None)
    number = desk.make()
    customer = clients.customer("customer1")
    pages = [agent.get(f"/agent/tickets/{number}"), agent.get("/agent/tickets/new")]
    pages += [customer.get(f"/external/tickets/{number}"), customer.get("/external/tickets/new")]
    assert not [page.request.path for page in pages if 'type="file"' in page.text]
    assert send(agent, number, "notes", NOTE, (b"x", "a.txt")).status_code == 422


@pytest.mark.requirement(34)
def test_addresses_in_articles_and_their_chat_lines_are_links(
    desk: Desk, clients: Clients, agent: Client
) -> None:
    number = desk.make(text="see https://a.example/ <b> and javascript:alert(1)")
    said = [Said(1, desk.ticket(number).created_at, "A", False, False, "https://line.example")]
    with transaction() as tx:
        draft = Draft(CHAT, "agent", None, "A", True, "Chat", said=said, said_to_customer=said)
        articles.add(tx, desk.ticket(number).id, draft)
    for who, address in ((agent, "/agent"), (clients.customer("customer1"), "/external")):
        page = who.get(f"{address}/tickets/{number}").text
        for link in ("https://a.example/", "https://line.example"):
            assert f'<a href="{link}" rel="noopener nofollow" target="_blank">{link}</a>' in page
        assert " &lt;b&gt; and javascript:alert(1)" in page
