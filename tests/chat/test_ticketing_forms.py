"""Phone ticket and Append as the agent sees them: forms that change nothing until they are right."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from helpdesk.accounts.models import Person
from helpdesk.chat import appending
from helpdesk.database import db, transaction
from helpdesk.tickets import articles, creating, forms, search
from helpdesk.tickets.models import Ticket
from tests.chat.people import Agent, Guest, House
from tests.chat.reading import alerts_of, all_with, buttons_of, tree
from tests.chat.storing import chat_articles, queue, said, ticket_of, tickets
from tests.tickets.desk import Desk


def form(**changes: Any) -> dict[str, Any]:
    """Return what is sent with a form of a phone ticket for Customer One."""
    fields = {"customer": "none", "customer_name": "Vera", "queue": queue("Support"), "subject": "Broken"}
    return fields | {"state": "open", "priority": "3", "visible": "1"} | changes


def make(agent: Agent, chat: str, **changes: Any) -> Any:
    """Send the form of a phone ticket."""
    return agent.send(f"/chats/{chat}/phone-ticket", **form(**changes))


def append(agent: Agent, chat: str, number: str, **fields: Any) -> Any:
    """Send the form that adds a chat to a ticket."""
    return agent.send(f"/chats/{chat}/append", **({"ticket": number, "visible": "1"} | fields))


def offered(answer: Any) -> list[str]:
    """Return the numbers of the tickets an answer offers, in order."""
    return [each.attrib["value"] for each in all_with(tree(answer.text), "name", "ticket")]


def field(answer: Any, name: str) -> str:
    """Return what stands in a field of a form."""
    [element] = list(all_with(tree(answer.text), "name", name))
    if element.tag == "select":
        return next(each.attrib["value"] for each in element if "selected" in each.attrib)
    return element.attrib["value"]


@pytest.mark.requirement(35)
def test_the_form_is_prefilled_and_shows_what_was_said(
    house: House, agent: Agent, customer: Guest, visitor: Guest
) -> None:
    chat = customer.begun("My invoice is wrong", channel=house.channel("Billing"))
    agent.accept(chat)
    agent.send(f"/chats/{chat}/messages", text="He is difficult", client_id=uuid4(), note="1")
    shown = agent.get(f"/chats/{chat}/phone-ticket")
    assert field(shown, "subject") == "My invoice is wrong"
    assert field(shown, "queue") == str(queue("Billing"))
    chosen = [each for each in all_with(tree(shown.text), "name", "customer") if "checked" in each.attrib]
    assert [each.attrib["value"] for each in chosen] == [str(house.id_of("customer1"))]
    for text in ("My invoice is wrong", "He is difficult", "Agent One has joined this chat."):
        assert text in shown.text
    assert make(agent, chat, customer=house.id_of("customer1")).status_code == 200
    [ticket] = tickets()
    assert (ticket.customer_id, ticket.title, ticket.state) == (house.id_of("customer1"), "Broken", "open")


@pytest.mark.requirement(35)
def test_a_public_users_name_and_address_are_taken_over_and_the_customer_user_is_only_proposed(
    house: House, agent: Agent, visitor: Guest, running: str
) -> None:
    with transaction() as tx:
        me = house.chat(running).requester_id
        tx.execute(update(Person).where(Person.id == me).values(email="customer1@example.com"))
    shown = agent.get(f"/chats/{running}/phone-ticket")
    assert field(shown, "customer_name") == "Vera"
    assert field(shown, "customer_email") == "customer1@example.com"
    radios = list(all_with(tree(shown.text), "name", "customer"))
    assert [each.attrib["value"] for each in radios] == [str(house.id_of("customer1")), "none", "new"]
    assert ["checked" in each.attrib for each in radios] == [False, True, False]
    assert make(agent, running, customer_name="").status_code == 200
    assert [(each.customer_id, each.customer_name) for each in tickets()] == [(None, "")]


@pytest.mark.requirement(35)
@pytest.mark.parametrize(
    ("field_name", "wrong"),
    [("queue", "0"), ("subject", " "), ("customer", "1"), ("state", "merged"), ("state", "pending reminder")],
)
def test_an_invalid_form_changes_nothing_and_keeps_what_was_typed(
    house: House, agent: Agent, visitor: Guest, running: str, field_name: str, wrong: str
) -> None:
    before = house.chat(running).version
    answer = make(agent, running, **{"subject": "Kept words", field_name: wrong})
    assert answer.status_code == 422
    assert alerts_of(answer.text)
    assert "Kept words" in answer.text or field_name == "subject"
    chat = house.chat(running)
    assert (chat.state, chat.ticket_id, chat.version) == ("active", None, before)
    assert tickets() == []
    assert visitor.post(running, "Still here").status_code == 200


@pytest.mark.requirement(35)
def test_internal_notes_are_never_in_what_the_customer_reads_or_finds(
    house: House, agent: Agent, customer: Guest
) -> None:
    chat = customer.begun("Hello there", channel=house.channel("Support"))
    agent.accept(chat)
    agent.send(f"/chats/{chat}/messages", text="Zebrasecret", client_id=uuid4(), note="1")
    assert make(agent, chat, customer=house.id_of("customer1")).status_code == 200
    ticket_id = ticket_of(house, chat)
    assert "Zebrasecret" in said(ticket_id)
    assert said(ticket_id, True) == customer.words(chat)
    for is_for_customer in (False, True):
        is_it = search.matching("zebrasecret", is_for_customer).condition
        found = db.session.scalar(db.select(Ticket.id).where(is_it))
        db.session.rollback()
        assert (found is None) is is_for_customer


@pytest.mark.requirement(35)
def test_a_chat_of_agents_is_never_visible_to_a_customer(
    house: House, agent: Agent, colleague: Agent, chat: str
) -> None:
    colleague.accept(chat)
    assert 'name="visible"' not in agent.get(f"/chats/{chat}/phone-ticket").text
    assert make(colleague, chat, customer=house.id_of("customer1")).status_code == 200
    ticket_id = ticket_of(house, chat)
    [article] = chat_articles(ticket_id)
    assert not article.is_visible
    assert said(ticket_id, True) == []
    assert len(said(ticket_id)) > 1


@pytest.mark.requirement(35)
def test_an_external_chat_is_visible_unless_the_agent_says_otherwise(
    house: House, agent: Agent, running: str
) -> None:
    assert make(agent, running, visible="").status_code == 200
    [article] = chat_articles(ticket_of(house, running))
    assert not article.is_visible


@pytest.mark.requirement(37)
def test_who_comes_second_is_shown_the_ticket_if_he_may_read_it(
    house: House, agent: Agent, colleague: Agent, running: str
) -> None:
    answer = make(agent, running)
    [ticket] = tickets()
    assert f"/agent/tickets/{ticket.number}" in answer.text
    again = make(agent, running, text="Kept words")
    assert (again.status_code, "Kept words" in again.text) == (409, True)
    assert "in a ticket already" in again.text
    assert ticket.number in again.text
    assert ticket.number in colleague.get(f"/chats/{running}/append").text
    house.revoke("agent2", "Support", "rw")
    assert ticket.number not in colleague.get(f"/chats/{running}/phone-ticket").text
    assert ticket.number not in colleague.get(f"/chats/{running}/protocol").text
    assert len(tickets()) == 1


@pytest.mark.requirement(37)
def test_card_and_protocol_lead_to_the_ticket(house: House, agent: Agent, running: str) -> None:
    assert {"Phone ticket", "Append"} <= buttons_of(agent.header(running).text)
    make(agent, running)
    [ticket] = tickets()
    header, protocol = agent.header(running), agent.client.get(f"/agent/chats/{running}/protocol")
    for page in (header, protocol):
        assert f"/agent/tickets/{ticket.number}" in page.text
        assert not {"Phone ticket", "Append"} & buttons_of(page.text)
    assert "Dismiss" in buttons_of(header.text)


@pytest.mark.requirement(37)
def test_a_closed_chat_can_still_become_a_ticket(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    visitor.close(running)
    for page in (agent.header(running), colleague.client.get(f"/agent/chats/{running}/protocol")):
        assert {"Phone ticket", "Append"} <= buttons_of(page.text)
    assert make(colleague, running).status_code == 200
    assert said(ticket_of(house, running))[-1] == "Vera has left this chat."


@pytest.mark.requirement(35)
def test_append_offers_the_customers_open_tickets_first_and_only_what_takes_a_note(
    house: House, agent: Agent, customer: Guest
) -> None:
    desk = Desk()
    over = desk.make("Printer old", state="closed successful")
    open_one = desk.make("Printer new")
    other = desk.make("Printer of two", customer_id=house.id_of("customer2"))
    hidden = desk.make("Printer hidden", queue="Misc")
    chat = customer.begun("Hello", channel=house.channel("Support"))
    agent.accept(chat)
    assert offered(agent.get(f"/chats/{chat}/append")) == [open_one, over]
    choices = f"/chats/{chat}/append/tickets?words="
    assert set(offered(agent.get(f"{choices}printer"))) == {open_one, over, other}
    assert offered(agent.get(f"{choices}printer"))[0] == open_one
    assert offered(agent.get(choices + other)) == [other]
    assert offered(agent.get(f"{choices}Customer+Two")) == [other]
    assert offered(agent.get(choices + hidden)) == []
    for n in range(appending.MOST_FOUND):
        desk.make(f"Printer {n}")
    many = agent.get(f"{choices}printer&ticket={other}")
    assert (len(offered(many)), offered(many)[0], "There are more." in many.text) == (20, other, True)
    for wrong in (hidden, "", "99"):
        answer = append(agent, chat, wrong)
        assert (answer.status_code, alerts_of(answer.text)) == (422, ["Please choose a ticket."])
    assert house.chat(chat).state == "active"
    assert append(agent, chat, other).status_code == 200
    assert said(ticket_of(house, chat)) == customer.words(chat)
    assert desk.ticket(other).id == ticket_of(house, chat)


@pytest.mark.requirement(35)
def test_what_nobody_may_is_absent_and_refused(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    three = house.agent("agent3")
    for other in (colleague, three):
        assert make(other, running).status_code in (403, 404)
        assert append(other, running, "1").status_code in (403, 404)
    house.revoke("agent1", "Support", "rw")
    house.revoke("agent1", "Billing", "rw")
    house.grant("agent1", "Support", "ro")
    assert not {"Phone ticket", "Append"} & buttons_of(agent.header(running).text)
    assert make(agent, running).status_code == 422
    number = Desk().make()
    assert append(agent, running, number).status_code == 422
    house.grant("agent1", "Support", "note")
    assert {"Append"} == {"Phone ticket", "Append"} & buttons_of(agent.header(running).text)
    assert append(agent, running, number).status_code == 200


@pytest.mark.requirement(35)
def test_files_go_with_the_chat(house: House, agent: Agent, visitor: Guest, running: str) -> None:
    file = {"file": (BytesIO(b"x"), "a.txt")}
    for party, fields in ((visitor, {}), (agent, {"note": "1"})):
        file = {"file": (BytesIO(b"x"), "a.txt")}
        answer = party.send(f"/chats/{running}/attachments", client_id=uuid4(), **file, **fields)
        assert answer.status_code == 200
    make(agent, running)
    ticket_id = ticket_of(house, running)
    seen = [articles.files_of(ticket_id, is_for_customer) for is_for_customer in (False, True)]
    assert [len(files) for found in seen for files in found.values()] == [2, 1]


@pytest.mark.requirement(35, 54)
@pytest.mark.parametrize("visible", ["1", ""])
def test_what_the_agent_types_and_sends_beside_the_chat_is_an_article_who_reads_the_chat_reads(
    house: House, agent: Agent, running: str, visible: str
) -> None:
    sent = {"text": "He called as well", "files": (BytesIO(b"x"), "a.txt"), "visible": visible}
    assert make(agent, running, **sent).status_code == 200
    [phone, chat] = articles.of_ticket(ticket_of(house, running), False)
    assert (phone.channel, phone.text, phone.author_name) == ("phone", "He called as well", "Agent One")
    assert (phone.is_visible, chat.is_visible) == (visible == "1",) * 2
    assert [file.name for file in articles.files_of(phone.ticket_id, False)[phone.id]] == ["a.txt"]


@pytest.mark.requirement(35, 54)
def test_a_file_that_cannot_be_sent_leaves_the_chat_as_it_was(
    house: House, agent: Agent, running: str
) -> None:
    answer = make(agent, running, text="Kept words", files=(BytesIO(b"x"), "a.exe"))
    assert (answer.status_code, "Kept words" in answer.text) == (422, True)
    assert "cannot be sent" in alerts_of(answer.text)[0]
    assert (house.chat(running).state, tickets()) == ("active", [])
    assert make(agent, running, files=(BytesIO(b"x"), "a.txt")).status_code == 200
    assert [each.text for each in articles.of_ticket(ticket_of(house, running), False)] == ["", ""]


@pytest.mark.requirement(35)
def test_a_public_user_becomes_a_customer_user_with_the_ticket_once(
    house: House, agent: Agent, running: str
) -> None:
    vera = {"customer": "new", "customer_name": "Vera", "customer_email": "Vera@example.com"}
    answer = make(agent, running, **vera | {"customer_email": ""})
    assert (answer.status_code, alerts_of(answer.text)) == (422, [forms.NEEDS_EMAIL])
    assert make(agent, running, **vera).status_code == 200
    [ticket] = tickets()
    assert ticket.customer_id == house.id_of("vera@example.com")
    assert (ticket.customer_name, ticket.customer_email) == ("Vera", "Vera@example.com")
    [article] = chat_articles(ticket.id)
    assert article.is_visible
    other = house.visitor().begun(channel=house.channel("Support"))
    agent.accept(other)
    for address in ("VERA@example.com", "customer1@example.com"):
        answer = make(agent, other, **vera | {"customer_email": address})
        assert (answer.status_code, alerts_of(answer.text)) == (422, [creating.THERE_ALREADY])
        assert 'value="new" checked' in answer.text
    assert (house.chat(other).state, len(tickets())) == ("active", 1)
