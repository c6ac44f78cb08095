"""Availability (row 8) as the agent sets it, and the yellow circle (row 9) that he does not."""

import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from helpdesk.accounts import people
from helpdesk.database import transaction
from tests.browser.people import lines, open_window, say, talking
from tests.chat.people import House
from tests.support.chromium import Browsers
from tests.support.clients import PASSWORD
from tests.support.servers import Server
from tests.support.waiting import until

AWAY = re.compile(r"^away: last active .*, limit \d+ min$")


def position(agent: Page, name: str) -> None:
    """Wait until the button stands there."""
    expect(agent.get_by_role("button", name=f"Availability: {name}", exact=True)).to_be_visible()


@pytest.mark.requirement(8)
def test_a_new_agent_starts_unavailable_and_reads_in_one_dismissible_line_what_the_button_beside_it_mends(
    browsers: Browsers, server: Server
) -> None:
    with server.beside() as app:
        with transaction() as tx:
            people.create_agent(tx, "new", "New Agent", PASSWORD)
        House(app).grant("new", "Support", "chat_owner")
    agent, visitor = browsers.agent("new"), browsers.visitor()
    position(agent, "unavailable")
    open_window(visitor)
    expect(visitor.get_by_text("It looks like no one is available at the moment.")).to_be_visible()
    notice = agent.locator("#notice")
    expect(notice).to_contain_text("Customers")
    notice.get_by_role("button", name="Dismiss this line").click()
    expect(notice).to_be_hidden()
    agent.reload()
    expect(agent.get_by_role("region", name="My Active Chats")).to_be_visible()
    expect(notice).to_be_hidden()
    agent.locator("#availability-next").click()
    position(agent, "internal")
    notice.get_by_role("button", name="Let customers reach me").click()
    position(agent, "internal and external")
    expect(notice).to_have_text("")
    visitor.evaluate("helpdesk.raise('refresh')")
    expect(visitor.get_by_role("button", name="New conversation")).to_be_visible(timeout=20_000)


@pytest.mark.requirement(8)
def test_the_arrow_beside_the_button_picks_a_position_and_running_chats_go_on(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    for name in ("internal", "internal and external", "unavailable"):
        agent.get_by_role("button", name="Choose a position").click()
        agent.locator("#availability-menu").get_by_role("button", name=name, exact=True).click()
        if name == "unavailable":
            agent.get_by_role("dialog", name="You have chats in hand").get_by_role(
                "button", name="Stay in charge"
            ).click()
        position(agent, name)
    say(mine, "still here")
    expect(lines(visitor).filter(has_text="still here")).to_have_count(1)


@pytest.mark.requirement(9, 10)
def test_the_circle_is_yellow_while_somebody_is_away_says_since_when_and_is_green_again_with_a_deed(
    browsers: Browsers, server: Server
) -> None:
    agent, visitor, mine = talking(browsers)
    circles = mine.locator("header .circle").first, visitor.locator("#window-view .circle")
    for circle in circles:
        expect(circle).to_have_attribute("data-state", "active")

    def is_yellow() -> bool:
        """Nobody has done anything for longer than both limits, whatever the server wrote meanwhile."""
        with sqlite3.connect(server.database_url.removeprefix("sqlite:///")) as connection:
            connection.execute("UPDATE lease SET active_at = datetime('now', '-11 minutes')")
        return {circle.get_attribute("data-state") for circle in circles} == {"away"}

    until(is_yellow, "both to be away")
    for circle in circles:
        expect(circle).to_have_attribute("title", AWAY)
        expect(circle).to_have_text(AWAY)
    say(visitor, "I am back")
    say(mine, "me too")
    for circle in circles:
        expect(circle).to_have_attribute("data-state", "active")
