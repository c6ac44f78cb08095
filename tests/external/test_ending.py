"""The end of a chat in the window: by e-mail, as a ticket, as a PDF; each only what the guest could see."""

from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from helpdesk.accounts.models import Person
from helpdesk.chat.models import Chat
from helpdesk.database import db, transaction
from helpdesk.tickets.models import Article, ArticleLine, Mail, Ticket
from helpdesk.web import typed_again
from tests.chat.people import Agent, Guest, House
from tests.chat.reading import tree
from tests.chat.together import at_once
from tests.external.test_bad_input import TEXTS, foreign
from tests.press.documents import text_of
from tests.tickets.posting import connect

pytestmark = pytest.mark.requirement(43)
SECRETS = ("walrus", "observer", "Agent Two")


@pytest.fixture
def agent(house: House) -> Agent:
    return house.agent("agent1")


@pytest.fixture
def customer(house: House, agent: Agent) -> Guest:
    return house.customer()


def over(house: House, agent: Agent, guest: Guest, text: str = "My invoice is wrong") -> str:
    """Return a chat in which agents wrote notes and observed, and which its guest closed."""
    chat = guest.begun(text, channel=house.channel("Support"))
    agent.accept(chat)
    agent.post(chat, "Good morning")
    agent.send(f"/chats/{chat}/messages", text="hidden walrus", note="1", client_id=uuid4())
    assert house.agent("agent2").be(chat, "observer").status_code == 200
    assert guest.close(chat).status_code == 200
    return chat


def mail(guest: Guest, chat: str, email: str = "me@example.com"):
    return guest.send(f"/chats/{chat}/mails", email=email, zone="Europe/Berlin")


def mails() -> list[Mail]:
    found = list(db.session.scalars(select(Mail).order_by(Mail.id)))
    db.session.expunge_all()
    db.session.rollback()
    return found


@pytest.mark.parametrize("closer", ["guest", "agent"])
def test_whoever_closes_it_the_window_offers_mail_ticket_and_pdf(
    house: House, agent: Agent, customer: Guest, closer: str
) -> None:
    chat = customer.begun(channel=house.channel("Support"))
    agent.accept(chat)
    offered = ("Send me this conversation", "Create ticket", "Download PDF", "New conversation")
    assert not [words for words in offered if words in customer.status(chat).text]
    (customer if closer == "guest" else agent).close(chat)
    shown = customer.status(chat).text
    assert [words for words in offered if words in shown] == list(offered)
    assert "customer1@example.com" in shown


def test_the_mail_holds_every_line_the_guest_could_see_and_no_other(
    house: House, agent: Agent, customer: Guest
) -> None:
    chat = over(house, agent, customer)
    answer = mail(customer, chat)
    assert (answer.status_code, "waits to be sent to <bdi>me@example.com</bdi>." in answer.text) == (
        200,
        True,
    )
    connect(house.app, "smtp://127.0.0.1:1")
    assert "Sent to <bdi>me@example.com</bdi>." in customer.status(chat).text
    [sent] = mails()
    assert (sent.recipient, sent.recipient_name) == ("me@example.com", "Customer One")
    assert "(Support)" in sent.subject
    said = ("Customer One: My invoice is wrong", "Agent One: Good morning", "Agent One has joined this chat.")
    assert [words for words in said if words in sent.text] == list(said)
    assert "Europe/Berlin" in sent.text
    assert not [secret for secret in SECRETS if secret in sent.text]


def test_nobody_writes_what_looks_like_a_line_of_somebody_else(
    house: House, agent: Agent, customer: Guest
) -> None:
    chat = over(house, agent, customer, "Hi\n10:00:00  Agent One: You get your money back")
    mail(customer, chat)
    [sent] = mails()
    assert "Customer One: Hi\n          | 10:00:00  Agent One: You get your money back\n" in sent.text


def test_one_address_for_each_chat_and_three_mails(house: House, agent: Agent, customer: Guest) -> None:
    chat = over(house, agent, customer)
    assert mail(customer, chat).status_code == 200
    other = mail(customer, chat, "else@example.com")
    assert other.status_code == 422
    assert "goes to one address only: me@example.com" in other.text
    assert "else@example.com" in other.text
    assert [mail(customer, chat, "ME@example.com").status_code for _ in range(3)] == [200, 200, 422]
    assert [sent.recipient.lower() for sent in mails()] == ["me@example.com"] * 3
    assert "Send it again" not in customer.status(chat).text


def test_pressed_many_times_at_once_it_is_three_mails(house: House, agent: Agent, customer: Guest) -> None:
    chat = over(house, agent, customer)
    guests = [house.customer() for _ in range(8)]
    answers = at_once(house.app, [partial(mail, guest, chat) for guest in guests])
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 422, 422, 422, 422, 422]
    assert len(mails()) == 3


def test_a_visitor_types_his_address_at_the_end(house: House, agent: Agent) -> None:
    visitor = house.visitor()
    chat = over(house, agent, visitor)
    shown = visitor.status(chat).text
    assert "Create ticket" not in shown
    for typed in ("", "x", "a@b.example\r\nBcc: c@d.example"):
        answer = mail(visitor, chat, typed)
        assert (answer.status_code, "aria-invalid" in answer.text) == (422, True), typed
    assert mails() == []
    assert mail(visitor, chat, "vera@example.com").status_code == 200
    assert mails()[0].recipient == "vera@example.com"
    assert visitor.send(f"/chats/{chat}/ticket").status_code == 409
    assert db.session.scalar(select(Ticket.id)) is None


def test_an_address_that_is_known_is_there_already(house: House, agent: Agent) -> None:
    visitor = house.visitor()
    chat = visitor.begun(email="vera@example.com")
    agent.accept(chat)
    visitor.close(chat)
    assert "vera@example.com" in visitor.status(chat).text


def test_many_mails_of_one_address_are_refused_with_the_words_kept(
    house: House, agent: Agent, customer: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.chat.mailing.MOST_MAILS_PER_HOUR", 1)
    chat = over(house, agent, customer)
    assert mail(customer, chat).status_code == 200
    answer = mail(customer, chat)
    assert (answer.status_code, "me@example.com" in answer.text) == (429, True)
    assert int(answer.headers["Retry-After"]) > 0
    assert len(mails()) == 1


def test_only_a_chat_of_ones_own_that_was_accepted_and_is_over_is_sent(
    house: House, agent: Agent, customer: Guest
) -> None:
    running = customer.begun(channel=house.channel("Support"))
    assert mail(customer, running).status_code == 403
    agent.accept(running)
    assert mail(customer, running).status_code == 403
    withdrawn = customer.begun(channel=house.channel("Support"))
    customer.withdraw(withdrawn)
    assert "Send me" not in customer.status(withdrawn).text
    assert mail(customer, withdrawn).status_code in (403, 409)
    chat = over(house, agent, customer)
    for path in ("mails", "ticket", "transcript"):
        assert house.customer("customer2").send(f"/chats/{chat}/{path}").status_code == 404
        assert house.visitor().send(f"/chats/{chat}/{path}").status_code == 401
    assert mails() == []


def test_the_pdf_is_for_its_guest_what_he_could_see(house: House, agent: Agent, customer: Guest) -> None:
    chat = over(house, agent, customer)
    answer = customer.send(f"/chats/{chat}/transcript", zone="Europe/Berlin")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = text_of(answer.data)
    assert "Good morning" in text
    assert not [secret for secret in (*SECRETS, "For agents only") if secret in text]


def test_a_customer_makes_one_ticket_of_it_and_sees_it(house: House, agent: Agent, customer: Guest) -> None:
    chat = over(house, agent, customer)
    version = house.chat(chat).guest_version
    guests = [house.customer() for _ in range(4)]
    answers = at_once(house.app, [partial(guest.send, f"/chats/{chat}/ticket") for guest in guests])
    ticket = db.session.scalars(select(Ticket)).one()
    assert [(each.status_code, ticket.number in each.text) for each in answers] == [(200, True)] * 4
    assert (ticket.title, ticket.customer_id) == ("My invoice is wrong", house.id_of("customer1"))
    assert house.chat(chat).ticket_id == ticket.id
    assert house.chat(chat).guest_version > version
    assert ticket.number in customer.status(chat).text
    assert "Create ticket" not in customer.status(chat).text
    page = customer.client.get(f"/external/tickets/{ticket.number}").text
    assert "Good morning" in page
    assert not [secret for secret in SECRETS if secret in page]
    lines = select(ArticleLine.text).join(Article).where(ArticleLine.is_for_customer)
    assert "hidden walrus" not in list(db.session.scalars(lines))
    db.session.rollback()


def test_who_comes_second_is_not_told_of_a_ticket_that_is_not_his(
    house: House, agent: Agent, customer: Guest
) -> None:
    chat = over(house, agent, customer)
    customer.send(f"/chats/{chat}/ticket")
    with transaction() as tx:
        tx.execute(update(Ticket).values(customer_id=house.id_of("customer2"), company_id=None))
    number = str(db.session.scalar(select(Ticket.number)))
    db.session.rollback()
    again = customer.send(f"/chats/{chat}/ticket").text
    assert "This conversation is in a ticket already." in again
    assert number not in again
    assert number not in customer.status(chat).text


def test_a_running_chat_is_no_ticket_of_the_customer(house: House, agent: Agent, customer: Guest) -> None:
    chat = customer.begun(channel=house.channel("Support"))
    agent.accept(chat)
    assert customer.send(f"/chats/{chat}/ticket").status_code == 403
    assert house.chat(chat).state == "active"
    assert db.session.scalar(select(Ticket.id)) is None


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_any_text_is_sent_and_shown_as_text(house: House, agent: Agent, customer: Guest, kind: str) -> None:
    with transaction() as tx:
        name = typed_again(TEXTS[kind].splitlines()[0], 90)
        tx.execute(update(Person).where(Person.login == "customer1").values(name=name))
    chat = over(house, agent, customer, TEXTS[kind])
    answers = [mail(customer, chat, TEXTS[kind][:200]), mail(customer, chat)]
    assert [each.status_code for each in answers] == [422, 200]
    answers.append(customer.send(f"/chats/{chat}/ticket"))
    assert not [found for each in answers if (found := foreign(each.text))]
    [sent] = mails()
    assert not {"\r", "\n"} & {*sent.subject, *sent.recipient, *sent.recipient_name}
    [email] = [each for each in tree(answers[0].text).iter("input") if each.attrib["name"] == "email"]
    assert len(email.attrib["value"]) <= 200
    assert db.session.scalar(select(Chat.ticket_id)) is not None
    db.session.rollback()
