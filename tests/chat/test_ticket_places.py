"""Chats on pages about tickets and customers, and tickets on pages about chats."""

from uuid import uuid4

import pytest

from helpdesk.chat import linked
from tests.chat.people import Agent, Guest, House
from tests.chat.storing import tickets, who
from tests.chat.test_begin import setting
from tests.chat.test_ticketing_forms import append, make, offered
from tests.tickets.desk import Desk


@pytest.mark.requirement(26)
def test_a_chat_from_a_ticket_is_in_the_channel_of_its_queue_and_tied_to_it(
    house: House, agent: Agent, guest: Guest
) -> None:
    number = Desk().make("Invoice", queue="Billing")
    one = house.id_of("customer1")
    icon = linked.beside_customer(who(agent.person_id), one, number)
    assert f"ticket={number}" in icon
    assert linked.beside_customer(who(agent.person_id), house.id_of("customer2"), number) == ""
    assert number in agent.get(f"/chats/new?to={one}&ticket={number}").text
    other = agent.send("/chats", to=house.id_of("customer2"), text="Hi", client_id=uuid4(), ticket=number)
    assert other.status_code in (404, 409)
    answer = agent.send("/chats", to=one, text="About your invoice", client_id=uuid4(), ticket=number)
    chat = answer.headers["HX-Redirect"].removeprefix("/agent/chats#chat-")
    row = house.chat(chat)
    assert (row.channel_id, row.in_charge_id) == (house.channel("Billing"), agent.person_id)
    assert (row.about_id, row.ticket_id) == (Desk().ticket(number).id, None)
    guest.accept(chat)
    assert offered(agent.get(f"/chats/{chat}/append"))[0] == number
    assert "Linked chats" in linked.beside_ticket(Desk().relation("agent1", number))
    append(agent, chat, number)
    assert f"/agent/chats/{chat}/protocol" in linked.beside_ticket(Desk().relation("agent1", number))
    assert linked.beside_ticket(Desk().relation("customer1", number)) == ""


@pytest.mark.requirement(56)
def test_the_page_of_a_customer_user_shows_his_chats_and_the_icon_while_he_can_be_asked(
    house: House, agent: Agent, guest: Guest
) -> None:
    chat = guest.begun("Hello", channel=house.channel("Billing"))
    page = agent.client.get(f"/agent/customers/{house.id_of('customer1')}").text
    assert "waiting for an answer" in page
    assert "Start chat with Customer One" in page
    agent.accept(chat)
    guest.close(chat)
    page = agent.client.get(f"/agent/customers/{house.id_of('customer1')}").text
    assert f"/agent/chats/{chat}/protocol" in page
    other = house.agent("agent3").client.get(f"/agent/customers/{house.id_of('customer1')}").text
    assert "There are no chats that you may read." in other
    assert "Start chat" not in agent.client.get(f"/agent/customers/{house.id_of('customer2')}").text


@pytest.mark.requirement(17)
def test_closed_chats_are_found_by_their_ticket_by_who_may_read_it(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    make(agent, running)
    [ticket] = tickets()
    address = f"/agent/chats/closed?ticket={ticket.number}"
    other = house.visitor().begun("Another", channel=house.channel("Support"))
    agent.accept(other)
    agent.close(other)
    found = agent.client.get(address).text
    assert f"/agent/chats/{running}/protocol" in found
    assert f"/agent/chats/{other}/protocol" not in found
    house.revoke("agent2", "Support", "rw")
    assert "No closed chat is like this." in colleague.client.get(address).text


@pytest.mark.requirement(40)
def test_beside_a_chat_stand_the_tickets_of_its_customer_that_the_agent_may_read(
    house: House, agent: Agent, customer: Guest
) -> None:
    desk = Desk()
    mine, hidden = desk.make("Printer"), desk.make("Secret", queue="Misc")
    other = desk.make("Scanner", customer_id=house.id_of("customer2"))
    chat = customer.begun("Hello", channel=house.channel("Support"))
    agent.accept(chat)
    shown = agent.get(f"/chats/{chat}/about").text
    assert f"/agent/tickets/{mine}" in shown
    assert hidden not in shown
    assert other not in shown


@pytest.mark.requirement(4, 24, 26)
def test_the_icon_on_ticket_zoom_is_for_who_could_use_the_chat(
    house: House, agent: Agent, guest: Guest
) -> None:
    number, one = Desk().make(queue="Billing"), house.id_of("customer1")
    pages = f"/tickets/{number}", f"/customers/{one}"
    icon = "Start chat with Customer One"
    assert [icon in agent.get(page).text for page in pages] == [True, True]
    house.grant("agent3", "Billing", "ro")
    house.revoke("agent3", "Support", "chat_participant")
    without_level = house.agent("agent3")
    assert [icon in without_level.get(page).text for page in pages] == [False, False]
    for name in ("ChatEngine::ChatDirection::AgentToCustomer", "ChatEngine::Active"):
        setting(name, False)
        assert [icon in agent.get(page).text for page in pages] == [False, False]
        setting(name, True)


@pytest.mark.requirement(26)
def test_a_chat_from_a_ticket_of_a_queue_without_channel_is_in_the_default_channel(
    house: House, agent: Agent, colleague: Agent, guest: Guest
) -> None:
    house.grant("agent1", "users", "rw")
    number, one = Desk().make(queue="Misc"), house.id_of("customer1")
    fields = {"to": one, "text": "About your invoice", "ticket": number}
    hidden = colleague.send("/chats", client_id=uuid4(), **fields)
    assert hidden.status_code == 404, "he may not read that ticket"
    chat = agent.send("/chats", client_id=uuid4(), **fields).headers["HX-Redirect"].partition("#chat-")[2]
    row = house.chat(chat)
    assert (row.channel_id, row.about_id) == (house.channel("Default channel"), Desk().ticket(number).id)
    guest.accept(chat)
    assert agent.post(chat, "Good morning").status_code == 200, "in charge without a level"
