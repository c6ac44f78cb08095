"""Pages of one person: drafts over reloads, several tabs, what is fetched fresh equals what was pushed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import (
    CLOSED,
    CUSTOMERS,
    accept,
    ask,
    card,
    composer,
    lines,
    open_window,
    preview,
    row,
    say,
    talking,
    texts,
)
from tests.browser.stage import Seat, equal
from tests.support.chromium import Browsers, another


@pytest.mark.requirement(33)
def test_a_draft_survives_a_reload_on_both_sides(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    composer(mine).press_sequentially("an answer in the mak")
    composer(visitor).press_sequentially("a question in the mak")
    agent.reload()
    visitor.reload()
    expect(composer(card(agent, "Vera"))).to_have_value("an answer in the mak")
    expect(composer(visitor)).to_have_value("a question in the mak")


@pytest.mark.requirement(43, 46)
def test_a_conversation_that_was_closed_is_still_there_after_a_reload_with_the_unsent_text(
    browsers: Browsers,
) -> None:
    _, visitor, mine = talking(browsers)
    composer(visitor).press_sequentially("one more thing")
    mine.get_by_role("button", name="Close chat").click()
    mine.get_by_role("button", name="Close for everybody").click()
    expect(visitor.get_by_text(CLOSED)).to_be_visible()
    expect(composer(visitor)).to_have_value("one more thing")
    visitor.reload()
    expect(visitor.get_by_text(CLOSED)).to_be_visible()
    assert texts(visitor) == ["Hello"]
    expect(composer(visitor)).to_have_value("one more thing")
    visitor.get_by_role("button", name="New conversation").click()
    expect(visitor.get_by_role("textbox", name="Your name")).to_be_visible()


@pytest.mark.requirement(23, 46)
def test_a_second_tab_is_in_step(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    second_agent, second_visitor = another(agent), another(visitor)
    second_agent.goto("/agent/chats")
    second_visitor.goto("/external/")
    open_if_closed(second_visitor)
    say(mine, "to all tabs")
    for party in (mine, visitor, card(second_agent, "Vera"), second_visitor):
        expect(lines(party).filter(has_text="to all tabs")).to_have_count(1)
    say(second_visitor, "from the other tab")
    for party in (mine, visitor, card(second_agent, "Vera"), second_visitor):
        expect(lines(party).filter(has_text="from the other tab")).to_have_count(1)
    card(second_agent, "Vera").get_by_role("button", name="Close chat").click()
    card(second_agent, "Vera").get_by_role("button", name="Close for everybody").click()
    expect(mine).to_have_count(0)
    expect(visitor.get_by_text("This chat has been closed.")).to_be_visible()
    expect(second_visitor.get_by_text("This chat has been closed.")).to_be_visible()


@pytest.mark.requirement(19, 20)
def test_a_chat_accepted_in_one_tab_comes_up_in_the_other(browsers: Browsers) -> None:
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    second = another(agent)
    second.goto("/agent/chats")
    ask(visitor, "Hello")
    expect(row(second, "Vera")).to_be_visible()
    accept(agent, "Vera")
    expect(card(second, "Vera")).to_be_visible()
    expect(row(second, "Vera")).to_have_count(0)


@pytest.mark.requirement(8)
def test_the_availability_button_goes_round_in_all_tabs(browsers: Browsers) -> None:
    agent = browsers.agent("agent1")
    second = another(agent)
    second.goto("/agent/")
    for name in ("unavailable", "internal", "internal and external"):
        agent.get_by_role("button", name="Availability:").click()
        for page in (agent, second):
            expect(page.get_by_role("button", name=f"Availability: {name}", exact=True)).to_be_visible()


@pytest.mark.requirement(16)
def test_the_channel_filter_is_one_choice_and_remembered(browsers: Browsers) -> None:
    agent, visitor = browsers.agent("agent1", "/agent/preferences"), browsers.visitor()
    agent.get_by_role("checkbox", name="Billing").check()
    agent.get_by_role("button", name="Save").click()
    ask(visitor, "Hello")
    ask(browsers.visitor(), "Me too", name="Wim")
    agent.get_by_role("group", name="My Chat Channels").get_by_role("checkbox", name="Support").uncheck()
    agent.get_by_role("button", name="Save").click()
    agent.goto("/agent/chats")
    expect(row(agent, "Vera")).to_have_count(0)
    expect(agent.get_by_text("2 more in other channels")).to_be_visible()
    agent.get_by_role("radio", name="All Chat Channels").first.check(force=True)
    expect(row(agent, "Vera")).to_be_visible()
    agent.reload()
    expect(row(agent, "Vera")).to_be_visible()
    for radio in agent.get_by_role("radio", name="All Chat Channels").all():
        expect(radio).to_be_checked()


@pytest.mark.requirement(20)
def test_what_was_pushed_equals_what_is_fetched_fresh_after_every_action(browsers: Browsers) -> None:
    owner, other, visitor = browsers.agent("agent1"), browsers.agent("agent2"), browsers.visitor()
    seats = (Seat(owner), Seat(other), Seat(visitor, "#window"))
    ask(visitor, "Hello")
    equal("asked", *seats)
    mine = accept(owner, "Vera")
    equal("accepted", *seats)
    say(mine, "Good morning")
    say(visitor, "thank you https://example.com")
    expect(lines(mine).filter(has_text="thank you")).to_have_count(1)
    equal("written", *seats)
    owner.get_by_role("button", name="Availability:").click()
    owner.get_by_role("button", name="Stay in charge").click()
    equal("made unavailable", *seats)
    visitor.get_by_role("button", name="Close", exact=True).click()
    visitor.get_by_role("button", name="Close chat").click()
    expect(mine.get_by_text("This chat has been closed.")).to_be_visible()
    equal("closed", *seats)
    mine.get_by_role("button", name="Dismiss").click()
    equal("dismissed", *seats)
    assert texts(visitor) == ["Hello", "Good morning", "thank you https://example.com"]


@pytest.mark.requirement(18, 20, 30)
def test_what_was_pushed_equals_what_is_fetched_fresh_when_a_request_moves_and_ends(
    browsers: Browsers,
) -> None:
    owner, observer, customer = (
        browsers.agent("agent1"),
        browsers.agent("agent2"),
        browsers.customer("customer1"),
    )
    participant = browsers.agent("agent3")
    seats = (*map(Seat, (owner, observer, participant)), Seat(customer, "#window"))
    ask(customer, "Which door is it?", name=None, channel="Billing")
    equal("asked", *seats)
    dialog = preview(owner, "Customer One", CUSTOMERS)
    dialog.get_by_role("combobox", name="Channel").select_option("Support")
    dialog.get_by_role("button", name="Update Channel").click()
    expect(row(participant, "Customer One", CUSTOMERS)).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    equal("moved", *seats)
    customer.get_by_role("button", name="Withdraw").click()
    expect(row(owner, "Customer One", CUSTOMERS)).to_have_count(0)
    equal("withdrawn", *seats)


def open_if_closed(guest: Page) -> None:
    """Open the window unless it remembered that it was open."""
    log = guest.get_by_role("log", name="Messages")
    expect(log.or_(guest.get_by_role("button", name="Chat", exact=True)).first).to_be_visible()
    if not log.is_visible():
        open_window(guest)
    expect(log).to_be_visible()
