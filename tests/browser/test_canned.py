"""Canned responses in a real browser: kept on their page, found and put in by keys alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import composer, lines, talking, texts
from tests.support.chromium import Browsers, axe


def add(agent: Page, name: str, text: str) -> None:
    """Add a response on its page."""
    agent.get_by_role("textbox", name="Name").fill(name)
    agent.get_by_role("textbox", name="Text").fill(text)
    agent.get_by_role("button", name="Add").click()
    expect(agent.get_by_role("listitem").filter(has_text=name)).to_be_visible()


@pytest.mark.requirement(40)
def test_an_agent_finds_a_canned_response_by_a_slash_with_keys_alone(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    agent.get_by_role("button", name="Chat", exact=True).click()
    agent.get_by_role("link", name="Canned Responses").click()
    add(agent, "hello", "Good morning {customer},\nI am {agent}.")
    add(agent, "help", "See /home for help")
    add(agent, "wait", "One moment")
    agent.go_back()
    box, options = composer(mine), mine.get_by_role("option")
    box.focus()
    agent.keyboard.type("and/or ")
    expect(options).to_have_count(0)
    agent.keyboard.type("/he")
    expect(options).to_have_count(2)
    assert axe(agent) == []
    agent.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    agent.keyboard.press("ArrowDown")
    agent.keyboard.press("Enter")
    expect(box).to_have_value("and/or Good morning Vera,\nI am Agent One.")
    expect(options).to_have_count(0)
    assert lines(visitor).count() == 2, "nothing was sent by that Enter"
    agent.keyboard.press("Enter")
    expect(lines(visitor).last).to_contain_text("Good morning Vera")
    agent.keyboard.type("/wai")
    agent.keyboard.press("Enter")  # faster than the answer
    expect(box).to_have_value("One moment")
    agent.keyboard.press("Control+a")
    agent.keyboard.type("/help")
    expect(options).to_have_count(1)
    agent.keyboard.press("Escape")
    expect(options).to_have_count(0)
    agent.keyboard.press("Enter")
    expect(lines(visitor).last).to_contain_text("/help")
    agent.keyboard.type("/")
    options.filter(has_text="One moment").click()
    expect(box).to_have_value("One moment")
    expect(box).to_be_focused()
    agent.reload()
    expect(box).to_have_value("One moment")
    assert texts(visitor) == ["Hello", "and/or Good morning Vera,\nI am Agent One.", "/help"]


@pytest.mark.requirement(40)
def test_an_agent_keeps_canned_responses_on_their_page(browsers: Browsers) -> None:
    browsers.tolerate("status of 422")
    agent = browsers.agent("agent1", "/agent/canned-responses")
    add(agent, "hello", "Good morning")
    agent.get_by_role("textbox", name="Name").fill("Hello")
    agent.get_by_role("textbox", name="Text").fill("Once more")
    agent.get_by_role("button", name="Add").click()
    expect(agent.get_by_text("There is a response of this name already.")).to_be_visible()
    expect(agent.get_by_role("textbox", name="Text")).to_have_value("Once more")
    row = agent.get_by_role("listitem")
    row.get_by_role("button", name="Edit hello").click()
    row.get_by_role("textbox", name="Text").fill("Good evening")
    row.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Good evening")
    row.get_by_role("button", name="Delete hello").click()
    row.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("Good evening")
    expect(row.get_by_role("button", name="Edit hello")).to_be_visible()
    assert axe(agent) == []
