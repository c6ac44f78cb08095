"""What the customer of a ticket may read of a chat that became part of it: his own, or what is shared."""

import pytest

from helpdesk import settings
from helpdesk.accounts import people
from helpdesk.chat.models import AGENT
from helpdesk.database import transaction
from tests.chat.people import Agent, Guest, House
from tests.chat.reading import all_with, tree
from tests.chat.storing import chat_articles, tickets
from tests.chat.test_ticketing_forms import append, make
from tests.tickets.desk import Desk

pytestmark = pytest.mark.requirement(35)
OTHERS = "another customer: stays internal"
KEPT_BACK = "the ticket is not of the customer who chatted"


def begun(house: House, agent: Agent, guest: Guest) -> str:
    """Return a chat of a guest that runs."""
    chat = guest.begun("My secret invoice", channel=house.channel("Support"))
    agent.accept(chat)
    return chat


def reads(house: House, login: str, number: str) -> bool:
    """Tell whether a customer user reads the chat in his ticket, or finds the ticket by it."""
    browser = house.customer(login).client
    page, found = f"/external/tickets/{number}", "/external/tickets?state=all&words=secret"
    pages = [browser.get(page).text, browser.get(found).text.partition("<h1")[2]]
    seen = {"My secret invoice" in pages[0], f'{page}"' in pages[1]}
    assert len(seen) == 1
    return seen.pop()


def is_visible(ticket_number: str) -> bool:
    [article] = chat_articles(Desk().ticket(ticket_number).id)
    return article.is_visible


def test_a_chat_added_to_another_customers_ticket_is_not_for_him(
    house: House, agent: Agent, customer: Guest
) -> None:
    number = Desk().make("Printer", customer_id=house.id_of("customer2"))
    chat = begun(house, agent, customer)
    assert OTHERS in agent.get(f"/chats/{chat}/append/tickets?words=printer").text
    answer = append(agent, chat, number)
    assert (answer.status_code, KEPT_BACK in answer.text) == (200, True)
    assert not is_visible(number)
    assert not reads(house, "customer2", number)


def test_a_ticket_made_for_another_customer_does_not_show_him_the_chat(
    house: House, agent: Agent, customer: Guest
) -> None:
    chat = begun(house, agent, customer)
    assert KEPT_BACK in make(agent, chat, customer=house.id_of("customer2")).text
    [ticket] = tickets()
    assert not reads(house, "customer2", ticket.number)


@pytest.mark.parametrize("is_shared", [True, False])
def test_whose_company_shares_its_tickets_may_read_the_chat_of_his_colleague(
    house: House, agent: Agent, customer: Guest, is_shared: bool
) -> None:
    with transaction() as tx:
        settings.put(tx, "Ticket::CompanyTickets", is_shared, None)
        theirs = people.create_customer(tx, "customer1b", "Customer One B", company="Acme Ltd")
    number = Desk().make("Printer", customer_id=theirs)
    append(agent, begun(house, agent, customer), number)
    assert reads(house, "customer1b", number) is is_shared


def test_a_visitors_chat_is_for_the_customer_the_agent_says_he_is(
    house: House, agent: Agent, visitor: Guest
) -> None:
    number = Desk().make("Printer")
    chat = begun(house, agent, visitor)
    shown = agent.get(f"/chats/{chat}/append?words=printer")
    assert OTHERS not in shown.text
    [box] = all_with(tree(agent.get(f"/chats/{chat}/append").text), "name", "visible")
    assert "checked" not in box.attrib
    assert append(agent, chat, number, visible="").status_code == 200
    assert not reads(house, "customer1", number)
    assert (
        make(agent, begun(house, agent, house.visitor()), customer=house.id_of("customer1")).status_code
        == 200
    )
    assert reads(house, "customer1", tickets()[-1].number)


def test_his_own_chat_he_reads_in_his_own_ticket(house: House, agent: Agent, customer: Guest) -> None:
    number = Desk().make("Printer")
    chat = begun(house, agent, customer)
    [box] = all_with(tree(agent.get(f"/chats/{chat}/append").text), "name", "visible")
    assert "checked" in box.attrib
    answer = append(agent, chat, number)
    assert KEPT_BACK not in answer.text
    assert reads(house, "customer1", number)


def test_a_chat_of_agents_is_for_nobodys_customer_whatever_is_sent(
    house: House, agent: Agent, colleague: Agent, chat: str
) -> None:
    colleague.accept(chat)
    assert house.chat(chat).direction == AGENT
    number = Desk().make("Printer")
    assert append(colleague, chat, number, visible="1").status_code == 200
    assert not is_visible(number)
