"""The tickets of a customer user as a stranger sees them; axe finds nothing."""

import pytest
from playwright.sync_api import expect

from helpdesk.tickets import merging
from tests.browser.test_looks import look
from tests.browser.test_ticket_looks import LONG, worked_on
from tests.support.chromium import Browsers
from tests.support.servers import Server
from tests.tickets.desk import Desk

SEEN = {
    "/external/tickets": "portal-tickets",
    "/external/company-tickets": "portal-company",
    "/external/tickets?words=nowhere": "portal-tickets-empty",
    "/external/chats": "portal-chats",
}


@pytest.mark.requirement(45)
def test_the_tickets_of_a_customer_are_pictured_and_axe_finds_nothing(
    browsers: Browsers, server: Server
) -> None:
    with server.beside():
        desk = Desk()
        number, other = worked_on(desk), desk.make(LONG)
        merging.merge(desk.relation("agent1", other), desk.relation("agent1", desk.make("Ink")))
    customer = browsers.customer("customer1")
    for address, name in SEEN.items():
        customer.goto(address)
        look(customer, name)
    customer.goto(f"/external/tickets/{other}")
    look(customer, "portal-merged")
    customer.goto("/external/tickets/new")
    customer.get_by_label("Subject").fill("Paper")
    customer.get_by_role("button", name="Create ticket").click()
    expect(customer.get_by_text("Please enter a text.")).to_be_visible()
    look(customer, "portal-new-wrong")
    customer.goto(f"/external/tickets/{number}")
    look(customer, "portal-ticket")
    customer.get_by_role("button", name="Send answer").click()
    expect(customer.get_by_text("Please enter a text.")).to_be_visible()
    look(customer, "portal-ticket-wrong")
    customer.get_by_role("button", name="Close ticket").click()
    expect(customer.get_by_text("Your answer opens it again.")).to_be_visible()
    look(customer, "portal-ticket-closed")
