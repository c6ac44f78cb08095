"""The monitoring circle: which actions in which chat an agent is told of, in real browsers (36)."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import accept, ask, card, lines, say
from tests.browser.telling import hearing, listening, raised, tab, until_raised, watch
from tests.browser.test_menu import choose as choose_entry
from tests.browser.test_menu import invited
from tests.browser.test_popup import open_popup
from tests.support.chromium import Browsers
from tests.support.waiting import until

pytestmark = pytest.mark.notifications


def monitor(mine: Locator, position: str) -> None:
    """Click the monitoring circle until it stands there."""
    for _ in range(3):
        circle = mine.get_by_role("button", name=re.compile("^Monitoring: "))
        name = circle.inner_text().strip()
        if name == f"Monitoring: {position}":
            return
        circle.click()
        expect(mine.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(mine.get_by_role("button", name=f"Monitoring: {position}")).to_be_visible()


@pytest.mark.requirement(36)
def test_customer_activity_is_told_and_ones_own_doings_are_not(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    say(visitor, "before anything is monitored")
    expect(lines(mine).filter(has_text="before anything")).to_have_count(1)
    monitor(mine, "customer activity")
    other = tab(agent, "/agent/")
    agent.reload()
    expect(mine.get_by_role("button", name="Monitoring: customer activity")).to_be_visible()
    say(mine, "my own line")
    say(visitor, "a line of hers")
    assert until_raised(1, agent, other) == [("Vera", "a line of hers")]
    visitor.get_by_role("button", name="Close", exact=True).click()
    visitor.get_by_role("button", name="Close chat").click()
    told = until_raised(2, agent, other)  # by which of the two pages does not matter
    assert sorted(told) == [("Chat", "Vera has left this chat."), ("Vera", "a line of hers")]


@pytest.mark.requirement(36)
def test_nothing_is_told_of_a_chat_that_is_visible_and_focused(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    monitor(mine, "all actions")
    other = tab(agent, "/agent/")
    watch(agent)
    say(visitor, "seen as it comes")
    expect(lines(mine).filter(has_text="seen as it comes")).to_have_count(1)
    watch(agent, False)
    say(visitor, "not seen")
    told = until_raised(2, agent, other)
    assert [text for _, text in told if "seen" in text] == ["not seen"]


@pytest.mark.requirement(36)
def test_the_circle_has_three_positions_and_is_in_step_in_all_tabs(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine, theirs = accept(agent, "Vera"), card(tab(agent, "/agent/chats"), "Vera")
    forms = {"none": (False, False), "customer activity": (False, True), "all actions": (True, True)}
    for position in (*forms, "none"):
        shown = theirs.get_by_role("button", name=f"Monitoring: {position}", exact=True)
        expect(shown).to_be_visible()
        assert (is_filled(shown), shown.locator("path").count() == 1) == forms[position]
        mine.get_by_role("button", name=f"Monitoring: {position}", exact=True).click()


def is_filled(button: Locator) -> bool:
    """Tell whether the circle is drawn as a disc."""
    return bool(button.locator("circle").evaluate("circle => getComputedStyle(circle).fill !== 'none'"))


@pytest.mark.requirement(35, 36, 66)
def test_a_popup_in_focus_shows_its_chat_and_leaves_the_rest_to_manage_chats(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    monitor(mine, "all actions")
    popup = hearing(open_popup(agent, mine))
    watch(popup)
    say(visitor, "seen in the popup")
    expect(lines(popup).filter(has_text="seen in the popup")).to_have_count(1)
    ask(browsers.visitor(), "Me too", name="Wim")
    until(lambda: ("Chat request from Wim", "Me too") in raised(agent))
    watch(popup, False)
    say(visitor, "not seen")
    until(lambda: ("Vera", "not seen") in raised(agent))
    assert "seen in the popup" not in [text for _, text in raised(agent, popup)]
    assert raised(popup) == []


@pytest.mark.requirement(36)
def test_all_actions_are_those_of_other_agents_too_and_customer_activity_is_not(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    three, internal = invited(browsers, agent, mine)
    monitor(mine, "customer activity")
    choose_entry(internal, "Participant")
    theirs = card(three, "Vera")
    say(theirs, "not told: of an agent")
    expect(lines(mine).filter(has_text="not told")).to_have_count(1)
    monitor(mine, "all actions")
    say(theirs, "told: of an agent")
    until(lambda: ("Agent Three", "told: of an agent") in raised(agent))
    choose_entry(theirs, "Observer")
    until(lambda: ("Chat", "Agent Three has switched to observer mode.") in raised(agent))
    texts = [text for _, text in raised(agent)]
    assert "not told: of an agent" not in texts
    assert "Agent Three has joined this chat." not in texts


@pytest.mark.requirement(36)
def test_between_agents_the_second_position_follows_the_other_party(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    _, internal = invited(browsers, agent, accept(agent, "Vera"))
    theirs = card(agent, "Agent Three")
    monitor(theirs, "customer activity")
    say(theirs, "my own")
    say(internal, "of the other party")
    until(lambda: ("Agent Three", "of the other party") in raised(agent))
    assert "my own" not in [text for _, text in raised(agent)]
