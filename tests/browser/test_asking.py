"""Agents ask colleagues and customer users (rows 24, 25, 26), with as many browsers as there are people."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import (
    CLOSED,
    accept,
    card,
    composer,
    lines,
    open_window,
    preview,
    region,
    row,
    say,
    texts,
)
from tests.browser.stage import Seat, equal
from tests.support.chromium import Browsers, axe_in_both_colours

PERSONAL = "Personal Chat Requests For You"
TEXT = "Have you a minute?"


def widget(agent: Page) -> Locator:
    """Return Logged-In Users on the dashboard."""
    return region(agent, "Logged-In Users")


def icon(agent: Page, name: str) -> Locator:
    """Return the chat icon beside a name."""
    return widget(agent).get_by_role("button", name=f"Start chat with {name}", exact=True)


def start(agent: Page, name: str, tab: str = "Agents", text: str = TEXT) -> Locator:
    """Start a chat from the dashboard and return the card."""
    widget(agent).get_by_role("tab", name=tab).click()
    icon(agent, name).click()
    dialog = agent.get_by_role("dialog", name="Start Chat")
    dialog.get_by_role("textbox", name="Message").fill(text)
    dialog.get_by_role("button", name="Send").click()
    found = card(agent, name)
    expect(found).to_be_visible()
    return found


def asked(customer: Page) -> Locator:
    """Return the card with an agent's request, at the bottom right or in the window."""
    return customer.get_by_role("article", name="Agent One would like to chat with you.")


@pytest.mark.requirement(24)
def test_logged_in_users_shows_agents_and_customers_with_circle_name_and_chat_icon(
    browsers: Browsers,
) -> None:
    agent = browsers.agent("agent1", "/agent/")
    mine = widget(agent)
    expect(mine.get_by_role("tab", name="Agents (1)")).to_have_attribute("aria-selected", "true")
    other = browsers.agent("agent2")
    expect(mine.get_by_role("tab", name="Agents (2)")).to_be_visible()
    expect(mine.get_by_role("listitem").filter(has_text="Agent Two").locator(".circle")).to_have_text(
        "active"
    )
    expect(icon(agent, "Agent Two")).to_be_visible()
    expect(icon(agent, "Agent One")).to_have_count(0)
    other.get_by_role("button", name="Availability:").click()
    expect(icon(agent, "Agent Two")).to_have_count(0)
    browsers.customer("customer1")
    expect(mine.get_by_role("tab", name="Customers (1)")).to_be_visible()
    mine.get_by_role("tab", name="Agents").focus()
    agent.keyboard.press("ArrowRight")
    expect(mine.get_by_role("tab", name="Customers")).to_be_focused()
    expect(mine.get_by_role("tab", name="Customers")).to_have_attribute("aria-selected", "true")
    expect(mine.get_by_role("listitem")).to_contain_text("Customer One")
    expect(mine.get_by_role("listitem")).to_contain_text("(Acme Ltd)")
    expect(icon(agent, "Customer One")).to_be_visible()
    mine.get_by_role("searchbox").fill("nobody")
    expect(mine.get_by_role("listitem")).to_have_text("Nobody by this name is logged in.")
    other.get_by_role("button", name="Sign out").click()
    expect(mine.get_by_role("tab", name="Agents (1)")).to_be_visible()


@pytest.mark.requirement(24)
def test_who_is_not_available_any_more_is_said_on_send_and_the_text_is_kept(browsers: Browsers) -> None:
    agent, other = browsers.agent("agent1", "/agent/"), browsers.agent("agent2")
    icon(agent, "Agent Two").click()
    dialog = agent.get_by_role("dialog", name="Start Chat")
    box = dialog.get_by_role("textbox", name="Message")
    expect(box).to_be_focused()
    box.fill(TEXT)
    other.get_by_role("button", name="Availability:").click()
    expect(icon(agent, "Agent Two")).to_have_count(0)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_have_text("Agent Two is not available any more.")
    expect(box).to_have_value(TEXT)
    other.get_by_role("button", name="Availability:").click()
    expect(other.get_by_role("button", name="Availability:")).to_contain_text("internal")
    box.press("Enter")
    expect(card(agent, "Agent Two")).to_be_visible()


@pytest.mark.requirement(18, 25)
def test_an_agent_asks_another_who_accepts_through_open_chat_and_then_both_can_chat(
    browsers: Browsers,
) -> None:
    agent, other = browsers.agent("agent1", "/agent/"), browsers.agent("agent2")
    mine = start(agent, "Agent Two")
    expect(composer(mine)).to_be_focused()
    expect(mine.get_by_text("Waiting for Agent Two to answer.")).to_be_visible()
    expect(mine.locator(".circle").first).to_have_text("inactive: has not accepted yet")
    expect(row(other, "Agent One", PERSONAL)).to_contain_text(TEXT)
    expect(other.get_by_role("link", name="1 open chat request", exact=True)).to_be_visible()
    his = accept(other, "Agent One", PERSONAL)
    expect(mine.get_by_text("Agent Two has joined this chat.")).to_be_visible()
    expect(mine.get_by_text("Waiting for Agent Two to answer.")).to_have_count(0)
    expect(other.get_by_role("link", name="0 open chat requests")).to_be_visible()
    say(mine, "The invoice of Acme")
    expect(lines(his).filter(has_text="The invoice of Acme")).to_have_count(1)
    say(his, "I have it")
    expect(lines(mine).filter(has_text="I have it")).to_have_count(1)
    assert texts(mine) == texts(his) == [TEXT, "The invoice of Acme", "I have it"]


@pytest.mark.requirement(18, 25)
def test_an_agent_declines_and_the_starter_reads_so(browsers: Browsers) -> None:
    agent, other = browsers.agent("agent1", "/agent/"), browsers.agent("agent2")
    mine = start(agent, "Agent Two")
    preview(other, "Agent One", PERSONAL).get_by_role("button", name="Decline").click()
    expect(mine.get_by_text("Agent Two has rejected the chat request.")).to_be_visible()
    expect(mine.get_by_text(CLOSED)).to_be_visible()
    expect(other.get_by_role("dialog", name="Chat preview")).to_be_hidden()
    expect(row(other, "Agent One", PERSONAL)).to_have_count(0)
    mine.get_by_role("button", name="Dismiss").click()
    expect(mine).to_have_count(0)


@pytest.mark.requirement(25)
def test_the_starter_withdraws_after_a_question_in_the_card(browsers: Browsers) -> None:
    agent, other = browsers.agent("agent1", "/agent/"), browsers.agent("agent2")
    mine = start(agent, "Agent Two")
    dialog = preview(other, "Agent One", PERSONAL)
    mine.get_by_role("button", name="Withdraw request").click()
    agent.keyboard.press("Escape")
    expect(mine.get_by_role("button", name="Withdraw", exact=True)).to_be_hidden()
    mine.get_by_role("button", name="Withdraw request").click()
    agent.keyboard.press("Enter")
    expect(mine).to_have_count(0)
    expect(row(other, "Agent One", PERSONAL)).to_have_count(0)
    expect(dialog.get_by_role("alert")).to_have_text("This request has been withdrawn.")


@pytest.mark.requirement(26, 42)
def test_a_customer_sees_the_request_bottom_right_with_the_window_closed_and_accepts(
    browsers: Browsers,
) -> None:
    agent, customer = browsers.agent("agent1", "/agent/"), browsers.customer("customer1")
    mine = start(agent, "Customer One", "Customers")
    expect(asked(customer)).to_contain_text(TEXT)
    box = asked(customer).bounding_box()
    assert box is not None
    assert (box["x"] > 720, box["y"] > 400) == (True, True)
    assert customer.evaluate("document.activeElement === document.body"), "it takes no focus"
    expect(customer.get_by_role("button", name="Chat", exact=True)).to_be_visible()
    customer.reload()
    asked(customer).get_by_role("button", name="Accept").click()
    expect(asked(customer)).to_have_count(0)
    expect(composer(customer)).to_be_focused()
    expect(mine.get_by_text("Customer One has joined this chat.")).to_be_visible()
    say(customer, "Yes, what is it?")
    expect(lines(mine).filter(has_text="Yes, what is it?")).to_have_count(1)
    say(mine, "Your parcel came back")
    expect(lines(customer).filter(has_text="Your parcel came back")).to_have_count(1)
    customer.get_by_role("button", name="Close", exact=True).click()
    customer.get_by_role("button", name="Close chat").click()
    expect(mine.get_by_text("Customer One has left this chat.")).to_be_visible()


@pytest.mark.requirement(26, 42)
def test_a_customer_declines_in_the_window_under_incoming_requests_and_the_starter_is_told(
    browsers: Browsers,
) -> None:
    agent, customer = browsers.agent("agent1", "/agent/"), browsers.customer("customer1")
    open_window(customer)
    expect(customer.get_by_text("You are not participating in a chat at the moment.")).to_be_visible()
    mine = start(agent, "Customer One", "Customers")
    expect(customer.get_by_role("heading", name="Incoming chat request(s)")).to_be_visible()
    asked(customer).get_by_role("button", name="Decline").click()
    expect(asked(customer)).to_have_count(0)
    expect(customer.get_by_text("You are not participating in a chat at the moment.")).to_be_visible()
    expect(mine.get_by_text("Customer One has rejected the chat request.")).to_be_visible()
    expect(mine.get_by_text(CLOSED)).to_be_visible()


@pytest.mark.requirement(26)
def test_a_request_that_is_withdrawn_leaves_the_customers_page(browsers: Browsers) -> None:
    agent, customer = browsers.agent("agent1", "/agent/"), browsers.customer("customer1")
    mine = start(agent, "Customer One", "Customers")
    expect(asked(customer)).to_be_visible()
    mine.get_by_role("button", name="Withdraw request").click()
    mine.get_by_role("button", name="Withdraw", exact=True).click()
    expect(asked(customer)).to_have_count(0)


@pytest.mark.requirement(20, 25, 26)
def test_what_was_pushed_equals_what_is_fetched_fresh_while_agents_ask(browsers: Browsers) -> None:
    agent, other = browsers.agent("agent1", "/agent/"), browsers.agent("agent2")
    third, customer = browsers.agent("agent3"), browsers.customer("customer1")
    seats = (*map(Seat, (agent, other, third)), Seat(customer, "#window"))
    mine = start(agent, "Agent Two")
    expect(row(other, "Agent One", PERSONAL)).to_be_visible()
    equal("asked", *seats)
    accept(other, "Agent One", PERSONAL)
    equal("accepted", *seats)
    agent.goto("/agent/")
    mine = start(agent, "Customer One", "Customers")
    expect(asked(customer)).to_be_visible()
    equal("asked a customer", *seats)
    asked(customer).get_by_role("button", name="Decline").click()
    expect(mine.get_by_text(CLOSED)).to_be_visible()
    equal("declined", *seats)
    mine.get_by_role("button", name="Dismiss").click()
    agent.goto("/agent/")
    start(agent, "Customer One", "Customers", "Once more?")
    asked(customer).get_by_role("button", name="Accept").click()
    expect(lines(customer)).to_have_count(2)
    equal("accepted by a customer", *seats)


@pytest.mark.requirement(24, 25, 26)
def test_the_screens_of_asking_have_no_fault_that_axe_finds(browsers: Browsers) -> None:
    agent, customer = browsers.agent("agent1", "/agent/"), browsers.customer("customer1")
    widget(agent).get_by_role("tab", name="Customers (1)").click()
    expect(icon(agent, "Customer One")).to_be_visible()
    at_both_sizes(agent)
    icon(agent, "Customer One").click()
    expect(agent.get_by_role("dialog", name="Start Chat")).to_be_visible()
    at_both_sizes(agent)
    agent.get_by_role("textbox", name="Message").fill(TEXT)
    agent.get_by_role("button", name="Send").click()
    expect(card(agent, "Customer One")).to_be_visible()
    at_both_sizes(agent)
    expect(asked(customer)).to_be_visible()
    at_both_sizes(customer)
    open_window(customer)
    customer.get_by_role("button", name="New conversation").click()
    expect(customer.get_by_role("textbox", name="Your message")).to_be_visible()
    at_both_sizes(customer)


def at_both_sizes(page: Page) -> None:
    """Ask axe on a wide and on a narrow screen, in both colours; nothing may be wider than the screen."""
    for width, height in ((390, 844), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert axe_in_both_colours(page) == []
        assert not page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
