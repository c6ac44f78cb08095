"""Phone tickets as agents make them, by keyboard alone; and how lists, customers and the form look."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_looks import look, press_until
from tests.support.chromium import Browsers
from tests.support.servers import Server
from tests.tickets.desk import Desk

SEEN = {
    "/agent/tickets": "ticket-list",
    "/agent/tickets?words=nowhere": "ticket-list-empty",
    "/agent/customers": "customers",
    "/agent/": "dashboard-tickets",
}
CHOICES = "**/tickets/new/customers?*"


def held(_: Route) -> None:
    """Answer a request never."""


@pytest.mark.requirement(54, 56, 57)
def test_a_phone_ticket_is_made_by_keyboard_and_found_again(browsers: Browsers) -> None:
    agent = browsers.agent("agent1")
    agent.goto("/agent/")
    press_until(agent, "Tickets", "Enter")
    press_until(agent, "New phone ticket", "Enter")
    expect(agent.get_by_role("heading", name="New phone ticket")).to_be_visible()
    press_until(agent, "Search customer users", "")
    agent.keyboard.type("acme")
    expect(agent.get_by_role("radio", name="Customer One")).to_be_visible()
    agent.route(CHOICES, held)
    with agent.expect_request(CHOICES):
        agent.keyboard.press("Enter")
    agent.get_by_role("radio", name="Customer One").focus()
    with agent.expect_event("requestfailed"):
        agent.keyboard.press("Space")
    agent.unroute(CHOICES)
    expect(agent).to_have_url("/agent/tickets/new")
    fill(agent, "Subject", "The printer has no paper")
    fill(agent, "Text", "He called at nine.\nHe needs it today.")
    look(agent, "phone-ticket")
    agent.get_by_label("Next state").select_option("pending reminder")
    agent.get_by_role("button", name="Create ticket").focus()
    agent.get_by_label("Queue").select_option("Support")
    press_until(agent, "Create ticket", "Enter")
    expect(agent.get_by_text("Please enter a time in the future")).to_be_visible()
    expect(agent.get_by_role("radio", name="Customer One")).to_be_checked()
    look(agent, "phone-ticket-wrong")
    agent.get_by_label("Next state").select_option("open")
    press_until(agent, "Create ticket", "Enter")
    expect(agent.get_by_role("heading", level=1, name="The printer has no paper")).to_be_visible()
    for address, name in SEEN.items():
        agent.goto(address)
        look(agent, name)
    agent.goto("/agent/customers?words=acme")
    agent.get_by_role("link", name="Customer One").click()
    expect(agent.get_by_role("link", name="Open 1").first).to_be_visible()
    look(agent, "customer")


@pytest.mark.requirement(33, 55)
def test_words_of_a_note_that_were_not_sent_survive_reload_and_a_failed_send(
    browsers: Browsers, server: Server
) -> None:
    with server.beside():
        number = Desk().make()
    agent = browsers.agent("agent1", f"/agent/tickets/{number}")
    agent.locator("summary", has_text="Note").click()
    text, add = agent.locator("#note-text"), agent.get_by_role("button", name="Add note")
    text.fill("He will call back")
    agent.reload()
    expect(text).to_have_value("He will call back")
    browsers.tolerate()
    agent.route("**/notes", lambda route: route.abort())
    add.click()
    agent.unroute("**/notes")
    agent.goto(f"/agent/tickets/{number}")
    expect(text).to_have_value("He will call back")
    add.click()
    expect(agent.get_by_role("article")).to_have_count(2)
    agent.reload()
    expect(text).to_have_value("")
    expect(text).to_be_hidden()


def fill(page: Page, label: str, words: str) -> None:
    """Go on to a field by Tab and type."""
    page.get_by_label(label).focus()
    page.keyboard.type(words)
