"""My Active Chats in the agent's own order, and requests that have waited too long."""

import re
import sqlite3

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import accept, ask, card, composer, row
from tests.support.chromium import Browsers, another
from tests.support.servers import Server

NAMES = ["Ada", "Ben", "Cleo"]


@pytest.mark.requirement(22)
def test_the_order_of_my_active_chats_is_rearranged_by_drag_and_by_keyboard_and_is_remembered(
    browsers: Browsers,
) -> None:
    agent = browsers.agent("agent1", viewport={"width": 1600, "height": 900})
    for name in NAMES:
        ask(browsers.visitor(), f"I am {name}", name)
        accept(agent, name)
    second = another(agent)
    second.goto("/agent/chats")
    composer(card(agent, "Cleo")).fill("half a sentence")

    drag(agent, "Cleo", "Ada")
    stands(agent, "Cleo", "Ada", "Ben")
    expect(composer(card(agent, "Cleo"))).to_have_value("half a sentence")
    stands(second, "Cleo", "Ada", "Ben")

    box = composer(card(agent, "Ben"))
    box.fill("typed")
    box.press("Alt+Shift+ArrowLeft")
    stands(agent, "Cleo", "Ben", "Ada")
    expect(box).to_be_focused()
    expect(agent.get_by_text("Ben is now chat 2 of 3.")).to_be_attached()
    agent.keyboard.type(" on")
    expect(box).to_have_value("typed on")

    grip(agent, "Cleo").press("ArrowRight")
    expect(grip(agent, "Cleo")).to_be_focused()
    stands(agent, "Ben", "Cleo", "Ada")
    grip(agent, "Ada").click()
    agent.get_by_role("button", name="To the first place").click()
    stands(agent, "Ada", "Ben", "Cleo")
    stands(second, "Ada", "Ben", "Cleo")
    agent.reload()
    stands(agent, "Ada", "Ben", "Cleo")
    expect(composer(card(agent, "Ben"))).to_have_value("typed on")


@pytest.mark.requirement(21)
def test_each_row_shows_how_long_the_requester_has_been_waiting_and_one_that_waits_too_long_stands_out(
    browsers: Browsers, server: Server
) -> None:
    agent = browsers.agent("agent1")
    ask(browsers.visitor(), "Hello", "Ada")
    waiting = row(agent, "Ada").locator("time[data-since]")
    expect(waiting).to_have_text(re.compile(r"^0:\d\d$"))
    expect(waiting).not_to_have_class("late")
    first = waiting.inner_text()
    expect(waiting).not_to_have_text(first)
    with sqlite3.connect(server.database_url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE chat SET created_at = datetime(created_at, '-6 minutes')")
    agent.reload()
    expect(waiting).to_have_text(re.compile(r"^6:\d\d$"))
    expect(waiting).to_have_class("late")


def stands(agent: Page, *names: str) -> None:
    """Wait until the cards stand in this order."""
    expect(agent.locator("#active-chats > .card h3")).to_have_text(list(names))


def grip(agent: Page, name: str) -> Locator:
    """Return what a card is moved by."""
    return card(agent, name).get_by_role("button", name="Move this chat")


def drag(agent: Page, name: str, onto: str) -> None:
    """Drag a card onto another one."""
    grip(agent, name).hover()
    agent.mouse.down()
    box = card(agent, onto).bounding_box()
    assert box is not None
    agent.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20, steps=5)
    agent.mouse.up()
