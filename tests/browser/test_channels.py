"""Every chat is in one channel (row 5): of a guest who chose none, and of agents among themselves."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from helpdesk.chat.models import Channel
from helpdesk.database import transaction
from tests.browser.people import accept, ask, card, lines, region, row, say
from tests.browser.test_asking import PERSONAL, start
from tests.browser.test_menu import menu
from tests.support.chromium import Browsers
from tests.support.servers import Server

DEFAULT = "Default channel"
PUBLIC = "General Chat Requests From Public Users"


@pytest.mark.requirement(2, 5, 28)
def test_where_no_channel_is_chosen_it_is_the_default_channel_and_its_group_decides_who_may_do_what(
    browsers: Browsers, server: Server
) -> None:
    with server.beside(), transaction() as tx:
        tx.execute(update(Channel).values(is_for_public=Channel.is_default))
    owner, stranger = browsers.agent("admin"), browsers.agent("agent1")
    visitor = browsers.visitor()
    ask(visitor, "Hello")  # no channel is asked for
    request = row(owner, "Vera", PUBLIC)
    expect(request.locator(".channel")).to_have_text(DEFAULT)
    expect(row(stranger, "Vera", PUBLIC)).to_have_count(0)
    mine = accept(owner, "Vera", PUBLIC)
    expect(menu(mine).locator(".badge")).to_have_text(["Owner", DEFAULT])
    counts = region(owner, "Active Chats").get_by_role("link")
    expect(counts).to_have_text([f"{DEFAULT} 1 active"])
    expect(region(stranger, "Active Chats").get_by_role("link", name=DEFAULT)).to_have_count(0)


@pytest.mark.requirement(5)
def test_chats_between_agents_live_in_the_default_channel_allow_both_all_but_channel_change_and_are_unseen(
    browsers: Browsers,
) -> None:
    agent, other = browsers.agent("agent1", "/agent/"), browsers.agent("agent2")
    owner = browsers.agent("admin")  # of the default channel; the two have no level on it
    mine = start(agent, "Agent Two")
    his = accept(other, "Agent One", PERSONAL)
    for each in (mine, his):
        expect(menu(each).locator(".badge").last).to_have_text(DEFAULT)
        expect(menu(each).get_by_role("button", name="Channel change")).to_have_count(0)
        for entry in (
            menu(each).get_by_role("button", name="Download"),
            each.get_by_role("button", name="Send a file"),
        ):
            expect(entry).to_be_visible()
        expect(menu(each).get_by_role("link", name="New window")).to_be_visible()
    say(his, "between us")
    expect(lines(mine).filter(has_text="between us")).to_have_count(1)
    expect(region(owner, "Active Chats").get_by_role("link")).to_have_text([f"{DEFAULT} 0 active"])
    region(owner, "Active Chats").get_by_role("link").click()
    expect(owner.get_by_text("Nobody is chatting here at the moment.")).to_be_visible()
    mine.get_by_role("button", name="Close chat").click()
    agent.keyboard.press("Enter")
    expect(card(agent, "Agent Two")).to_have_count(0)
    owner.goto("/agent/chats/closed")
    expect(owner.get_by_text("No chat of your channels has been closed yet.")).to_be_visible()
    agent.goto("/agent/chats/closed")
    expect(agent.get_by_role("link", name="Agent Two")).to_be_visible()
