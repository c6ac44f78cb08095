"""Hand over in the browser: on offer with a countdown; and the question to who goes with chats in hand."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import card, lines, region, talking
from tests.browser.telling import toasts
from tests.support.chromium import Browsers, axe


@pytest.mark.requirement(41)
def test_a_chat_is_handed_over_to_a_colleague_with_a_countdown(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    colleague = browsers.agent("agent2")
    mine.get_by_role("button", name="Chat menu").click()
    mine.get_by_role("button", name="Hand over").click()
    dialog = agent.get_by_role("dialog", name="Hand over")
    dialog.get_by_label("Offer this chat to").select_option("Agent Two")
    assert axe(agent) == []
    dialog.get_by_role("button", name="Offer").click()
    expect(dialog).to_have_count(0)
    expect(toasts(colleague).filter(has_text="Agent One")).to_have_text("Agent One offers you a chat")
    offered = region(colleague, "Personal Chat Requests For You").get_by_role("row").filter(has_text="Vera")
    expect(offered).to_contain_text("Agent One offers you this chat.")
    expect(offered).to_contain_text(re.compile(r"0:\d\d left"))
    offered.get_by_role("link", name="Open Chat").click()
    colleague.get_by_role("dialog", name="Chat preview").get_by_role("button", name="Accept").click()
    expect(card(colleague, "Vera")).to_be_visible()
    expect(lines(visitor).filter(has_text="Agent Two has taken over this chat.")).to_have_count(1)
    expect(mine.get_by_role("button", name="Leave chat")).to_be_visible()


@pytest.mark.requirement(41)
def test_who_goes_unavailable_or_signs_out_with_chats_in_hand_is_asked_once(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    browsers.tolerate("status of 401")  # a poll on its way when the session ends
    asked = agent.get_by_role("dialog", name="You have chats in hand")
    agent.get_by_role("button", name="Availability: internal and external").click()
    expect(asked).to_contain_text("Vera")
    assert axe(agent) == []
    asked.get_by_role("button", name="Cancel").click()
    expect(agent.get_by_role("button", name="Availability: internal and external")).to_be_visible()
    agent.get_by_role("button", name="Availability: internal and external").click()
    asked.get_by_role("button", name="Stay in charge").click()
    expect(agent.get_by_role("button", name="Availability: unavailable")).to_be_visible()
    expect(mine).to_be_visible()
    agent.get_by_role("button", name="Sign out").click()
    asked.get_by_role("button", name="Close for everybody").click()
    expect(agent.get_by_role("button", name="Sign in")).to_be_visible()
    expect(visitor.get_by_text("This chat has been closed.")).to_be_visible()
