"""A chat that is over becomes a ticket (rows 17, 37), and forms that come too late (35), in real browsers."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import CLOSED, talking
from tests.browser.test_menu import choose, menu
from tests.browser.test_ticketing import CREATE, panel, with_customer
from tests.support.chromium import Browsers, axe
from tests.support.servers import Server
from tests.tickets.desk import Desk


@pytest.mark.requirement(17, 37)
def test_a_closed_chat_becomes_a_ticket_from_its_protocol_which_leads_to_it_then(browsers: Browsers) -> None:
    agent, customer, mine = with_customer(browsers)
    customer.get_by_role("button", name="Close", exact=True).click()
    customer.get_by_role("button", name="Close chat").click()
    expect(mine.get_by_text(CLOSED).first).to_be_visible()
    agent.goto("/agent/chats/closed")
    agent.get_by_role("table").get_by_role("link").first.click()
    for name in ("Phone ticket", "Append", "Download"):
        expect(agent.get_by_role("button", name=name)).to_be_visible()
    agent.get_by_role("button", name="Phone ticket").click()
    panel(agent, "Phone ticket").get_by_role("button", name=CREATE).click()
    panel(agent, "The chat is in its ticket").get_by_role("button", name="Close").click()
    ticket = agent.get_by_role("article").get_by_role("link", name=re.compile("^Ticket"))
    expect(ticket).to_be_visible()
    expect(agent.get_by_role("button", name="Phone ticket")).to_have_count(0)
    expect(agent.get_by_role("button", name="Download")).to_be_visible()
    number = ticket.inner_text().split()[-1]
    customer.get_by_role("button", name="Create ticket").click()  # he comes second
    customer.get_by_role("link", name=number).click()
    expect(customer.get_by_text("My invoice is wrong").first).to_be_visible()


@pytest.mark.requirement(35)
def test_the_keys_go_back_to_the_chat_when_its_ticket_is_made(browsers: Browsers) -> None:
    agent, _, mine = talking(browsers)
    choose(mine, "Phone ticket")
    panel(agent, "Phone ticket").get_by_role("button", name=CREATE).press("Enter")
    expect(panel(agent, "The chat is in its ticket").get_by_role("heading")).to_be_focused()
    agent.keyboard.press("Escape")
    expect(mine.get_by_role("button", name="Chat menu")).to_be_focused()


@pytest.mark.requirement(35, 37)
def test_who_comes_second_in_another_tab_is_led_to_the_ticket_that_is_there(browsers: Browsers) -> None:
    agent, _, mine = talking(browsers)
    with agent.expect_popup() as opened:
        menu(mine).get_by_role("link", name="New window").click()
    popup = opened.value
    choose(popup.get_by_role("article", name="Vera"), "Phone ticket")
    second = panel(popup, "Phone ticket")
    choose(mine, "Phone ticket")
    panel(agent, "Phone ticket").get_by_role("button", name=CREATE).dblclick()
    number = panel(agent, "The chat is in its ticket").get_by_role("link").inner_text()
    expect(popup.get_by_text(CLOSED).first).to_be_visible()
    second.get_by_role("button", name=CREATE).click()
    expect(panel(popup, "This chat is in a ticket already").get_by_role("link", name=number)).to_be_visible()
    assert axe(popup) == []


@pytest.mark.requirement(35)
def test_who_lost_the_right_meanwhile_reads_why_and_keeps_what_he_typed(
    browsers: Browsers, server: Server
) -> None:
    agent, _, mine = talking(browsers)
    browsers.tolerate("status of 403")
    choose(mine, "Phone ticket")
    form = panel(agent, "Phone ticket")
    form.get_by_role("textbox", name="Subject").fill("Kept words")
    with server.beside():
        desk = Desk()
        desk.grant("agent1", "Support", "chat_participant")
        desk.revoke("agent1", "Support", "chat_owner")
    form.get_by_role("combobox", name="Priority").focus()
    form.get_by_role("button", name=CREATE).click()
    expect(form.get_by_role("alert").filter(has_text="Only the agent in charge")).to_be_in_viewport()
    expect(form.get_by_role("heading", name="Phone ticket")).to_be_focused()
    expect(form.get_by_role("textbox", name="Subject")).to_have_value("Kept words")


@pytest.mark.requirement(35)
def test_what_was_typed_is_there_after_a_reload_and_gone_when_the_form_was_cancelled(
    browsers: Browsers,
) -> None:
    agent, _, mine = talking(browsers)
    choose(mine, "Phone ticket")
    form = panel(agent, "Phone ticket")
    form.get_by_role("textbox", name="Subject").fill("Kept words")
    form.get_by_role("combobox", name="Next state").select_option("pending reminder")
    form.get_by_role("checkbox", name="Visible to the customer").uncheck()
    agent.reload()
    choose(mine, "Phone ticket")
    expect(form.get_by_role("textbox", name="Subject")).to_have_value("Kept words")
    expect(form.get_by_role("combobox", name="Next state")).to_have_value("pending reminder")
    expect(form.get_by_label("Pending until")).to_be_visible()
    expect(form.get_by_role("checkbox", name="Visible to the customer")).not_to_be_checked()
    form.get_by_role("button", name="Cancel").click()
    choose(mine, "Phone ticket")
    expect(form.get_by_role("textbox", name="Subject")).to_have_value("Hello")
    expect(form.get_by_role("checkbox", name="Visible to the customer")).to_be_checked()
