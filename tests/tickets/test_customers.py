"""Customer User Information Center: customer users found, and their tickets."""

import pytest
from sqlalchemy import update

from helpdesk.accounts.models import Person
from helpdesk.database import transaction
from tests.chat.reading import all_with, tree, words
from tests.support.clients import Clients
from tests.tickets.desk import Desk

pytestmark = pytest.mark.requirement(56)


def test_customer_users_are_found_and_lead_to_their_page(desk: Desk, clients: Clients) -> None:
    agent = clients.agent("agent1")
    page = agent.get("/agent/customers", query_string={"words": "acme"}).text
    [link] = all_with(tree(page), "class", "whole-row")
    assert (words(link), link.attrib["href"]) == (
        "Customer One",
        f"/agent/customers/{desk.who('customer1').person_id}",
    )
    assert "No customer user is like this." in agent.get("/agent/customers?words=%25").text
    assert agent.get("/agent/customers", query_string={"words": "x" * 101}).status_code == 422
    assert "Customer Two" in agent.get("/agent/customers").text
    behind = agent.get("/agent/customers?words=acme&page=9").text
    assert "There are no customer users here." in behind


def test_the_page_tells_who_it_is_and_counts_and_lists_the_tickets_the_agent_may_read(
    desk: Desk, clients: Clients
) -> None:
    number, secret = desk.make("Mine"), desk.make("Secret", queue="Billing", state="open")
    one = desk.who("customer1").person_id
    page = clients.agent("agent1").get(f"/agent/customers/{one}").text
    for told in ("Customer One", "customer1@example.com", "Acme Ltd", "Tickets of Acme Ltd", number, secret):
        assert told in page
    assert f"/agent/tickets/new?customer={one}" in page
    figures = [words(a) for a in tree(page).iter("a") if a.attrib["href"].endswith(f"customer={one}")]
    assert figures[1:] == ["New 1", "Open 1", "Pending 0", "Closed 0"]
    other = clients.agent("agent3").get(f"/agent/customers/{one}").text
    assert number in other
    assert secret not in other
    assert 'Open <span class="count">0</span>' in other


@pytest.mark.requirement(61)
def test_customers_are_for_agents_with_tickets_or_chats(desk: Desk, clients: Clients) -> None:
    three, one = clients.agent("agent3"), desk.who("customer1").person_id
    assert ">Customers<" in three.get("/agent/").text
    for permission in ("rw", "chat_participant"):
        assert three.get(f"/agent/customers/{one}").status_code == 200
        desk.revoke("agent3", "Support", permission)
    for address in ("/agent/customers", f"/agent/customers/{one}"):
        assert three.get(address).status_code == 404
    assert ">Customers<" not in three.get("/agent/").text
    agent = clients.agent("agent1")
    for nobody in (desk.who("agent2").person_id, 99_999):
        assert agent.get(f"/agent/customers/{nobody}").status_code == 404
    with transaction() as tx:
        tx.execute(update(Person).where(Person.id == one).values(is_valid=False))
    assert "cannot sign in" in agent.get(f"/agent/customers/{one}").text
    assert "Customer One" not in agent.get("/agent/customers").text
