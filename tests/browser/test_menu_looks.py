"""The chat menu, its dialogs and the popup as a stranger sees them; axe finds nothing."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import accept, ask, card, talking
from tests.browser.test_looks import look
from tests.browser.test_menu import choose, invited, menu
from tests.browser.test_popup import open_popup
from tests.support.chromium import Browsers


@pytest.mark.requirement(35)
def test_menu_dialogs_and_popup_are_pictured_and_axe_finds_nothing(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    choose(mine, "Invite")
    expect(agent.get_by_role("dialog", name="Invite")).to_be_visible()
    look(agent, "dialog-invite-empty")
    agent.keyboard.press("Escape")
    three, internal = invited(browsers, agent, mine)
    menu(card(agent, "Agent Three"))
    look(agent, "menu-open")
    choose(mine, "Invite")
    expect(agent.get_by_role("dialog", name="Invite")).to_be_visible()
    look(agent, "dialog-invite")
    agent.keyboard.press("Escape")
    choose(internal, "Observer")
    menu(card(three, "Vera"))
    look(three, "menu-observer")
    customer = browsers.customer("customer1")
    ask(customer, "I was charged twice", name=None, channel="Support")
    accept(agent, "Customer One", "General Chat Requests From Customers")
    choose(card(agent, "Customer One"), "Channel change")
    expect(agent.get_by_role("dialog", name="Channel change")).to_be_visible()
    look(agent, "dialog-channel")
    agent.keyboard.press("Escape")
    popup = open_popup(agent, mine)
    menu(popup.get_by_role("article"))
    look(popup, "popup")
    popup.set_viewport_size({"width": 440, "height": 640})
    popup.screenshot(path="tests/output/looks/popup-small.png")
    visitor.close()
