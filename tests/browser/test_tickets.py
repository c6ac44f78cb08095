"""Phone tickets as agents make them, by keyboard alone; and how lists, customers and the form look."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_looks import look, press_until
from tests.support.chromium import Browsers

SEEN = {
    "/agent/tickets": "ticket-list",
    "/agent/tickets?words=nowhere": "ticket-list-empty",
    "/agent/customers": "customers",
    "/agent/": "dashboard-tickets",
}


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
    agent.keyboard.press("Enter")
    expect(agent).to_have_url("/agent/tickets/new")
    agent.get_by_role("radio", name="Customer One").focus()
    agent.keyboard.press("Space")
    fill(agent, "Subject", "The printer has no paper")
    fill(agent, "Text", "He called at nine.\nHe needs it today.")
    both(agent, "phone-ticket")
    agent.get_by_label("Next state").select_option("pending reminder")
    agent.get_by_role("button", name="Create ticket").focus()
    agent.get_by_label("Queue").select_option("Support")
    press_until(agent, "Create ticket", "Enter")
    expect(agent.get_by_text("Please enter a time in the future")).to_be_visible()
    expect(agent.get_by_role("radio", name="Customer One")).to_be_checked()
    both(agent, "phone-ticket-wrong")
    agent.get_by_label("Next state").select_option("open")
    press_until(agent, "Create ticket", "Enter")
    expect(agent.get_by_role("heading", level=1, name="The printer has no paper")).to_be_visible()
    for address, name in SEEN.items():
        agent.goto(address)
        both(agent, name)
    agent.goto("/agent/customers?words=acme")
    agent.get_by_role("link", name="Customer One").click()
    expect(agent.get_by_role("link", name="Open 1").first).to_be_visible()
    both(agent, "customer")


def fill(page: Page, label: str, words: str) -> None:
    """Go on to a field by Tab and type."""
    page.get_by_label(label).focus()
    page.keyboard.type(words)


def both(page: Page, name: str) -> None:
    """Look at a page in both colours."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        look(page, scheme, name)
