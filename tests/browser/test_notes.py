"""Internal notes in the browser: switched by key or button, unmistakably different, and never the guest's."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import card, composer, lines, say, talking, texts
from tests.support.chromium import Browsers, another, axe


@pytest.mark.requirement(38)
def test_agents_can_write_an_internal_note_in_the_composer_unmistakably_different(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    plain = colour(mine.locator("[data-composer]"))
    composer(mine).press("Alt+i")
    expect(switch(mine)).to_have_attribute("aria-pressed", "true")
    assert colour(mine.locator("[data-composer]")) != plain
    box = mine.get_by_role("textbox", name="Internal note")
    expect(box).to_be_focused()
    box.press_sequentially("offer ten per cent", delay=30)
    box.press("Enter")
    note = lines(mine).filter(has_text="offer ten per cent")
    expect(note).to_contain_text("Internal note")
    expect(note.locator(".mark")).to_have_count(0)
    assert colour(note) != colour(lines(mine).first)
    expect(box).to_be_focused()
    assert axe(agent) == []
    switch(mine).click()
    say(mine, "How about ten per cent?")
    expect(lines(visitor).filter(has_text="How about ten per cent?")).to_have_count(1)
    assert texts(visitor) == ["Hello", "How about ten per cent?"]
    assert "offer ten" not in visitor.content()
    expect(visitor.locator("[data-typing]")).to_have_text("")
    expect(lines(mine).filter(has_text="How about ten").locator(".mark")).to_have_attribute(
        "aria-label", "Seen"
    )


@pytest.mark.requirement(33, 38)
def test_a_note_stays_one_over_a_reload_an_outage_and_in_the_other_tab(browsers: Browsers) -> None:
    browsers.tolerate()
    agent, visitor, mine = talking(browsers)
    second = another(agent)
    second.goto("/agent/chats")
    switch(mine).click()
    note_box(mine).press_sequentially("he is not telling all")
    expect(note_box(card(second, "Vera"))).to_have_value("he is not telling all")
    agent.reload()
    expect(note_box(mine)).to_have_value("he is not telling all")
    agent.context.set_offline(True)
    note_box(mine).press("Enter")
    expect(mine.get_by_text("Not sent")).to_be_visible(timeout=20_000)
    expect(mine.locator(".pending.note")).to_have_count(1)
    agent.context.set_offline(False)
    expect(lines(mine).filter(has_text="he is not telling all")).to_contain_text(
        "Internal note", timeout=20_000
    )
    assert texts(visitor) == ["Hello"]


@pytest.mark.requirement(5, 38)
def test_guests_have_no_switch_for_notes(browsers: Browsers) -> None:
    _, visitor, mine = talking(browsers)
    expect(switch(mine)).to_be_visible()
    expect(visitor.get_by_role("button", name="Internal note")).to_have_count(0)


def switch(mine: Locator) -> Locator:
    """Return the button that switches notes on and off."""
    return mine.get_by_role("button", name=re.compile("^Internal note"))


def note_box(mine: Locator) -> Locator:
    """Return the composer's text box while it writes a note."""
    return mine.get_by_role("textbox", name="Internal note")


def colour(element: Locator) -> str:
    """Return its background."""
    found: str = element.evaluate("element => getComputedStyle(element).backgroundColor")
    return found
