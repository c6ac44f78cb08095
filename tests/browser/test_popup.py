"""New window (row 35): the chat in a popup, same abilities, usable beside the widget, and in step with it."""

import random
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

from tests.browser.people import composer, lines, say, talking, texts
from tests.browser.test_menu import choose, menu
from tests.support.chromium import OFFLINE, Browsers
from tests.support.waiting import until

ALL = 200
SEED = 31


def open_popup(agent: Page, mine: Locator) -> Page:
    """Choose New window and return the popup."""
    with agent.expect_popup() as opened:
        menu(mine).get_by_role("link", name="New window").click()
    expect(opened.value.get_by_role("article")).to_be_visible()
    return opened.value


@pytest.mark.requirement(35)
def test_new_window_is_the_chat_in_a_popup_with_the_same_abilities(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    composer(mine).fill("half a sentence")
    popup = open_popup(agent, mine)
    alone = popup.get_by_role("article", name="Vera")
    expect(popup).to_have_title("Vera")
    expect(composer(alone)).to_have_value("half a sentence")
    composer(alone).press("Enter")
    for each in (mine, visitor):
        expect(lines(each).filter(has_text="half a sentence")).to_have_count(1)
    expect(composer(mine)).to_have_value("")
    say(mine, "from the widget")
    expect(lines(alone).filter(has_text="from the widget")).to_have_count(1)
    expect(menu(alone).get_by_role("link", name="New window")).to_have_count(0)
    menu(mine).get_by_role("link", name="New window").click()
    choose(alone, "Invite")
    expect(popup.get_by_role("dialog", name="Invite")).to_be_visible()
    popup.keyboard.press("Escape")
    assert len(agent.context.pages) == 2, "a second click brings the same window to the front"
    popup.reload()
    expect(lines(alone)).to_have_count(4)
    alone.get_by_role("button", name="Close chat").click()
    popup.keyboard.press("Enter")
    expect(visitor.get_by_text("This chat has been closed.")).to_be_visible()
    expect(mine).to_have_count(0)
    expect(popup.get_by_text("You are not in this chat any more.")).to_be_visible()
    popup.reload()
    expect(popup.get_by_text("You are not in this chat any more.")).to_be_visible()
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Close window").click()


@pytest.mark.requirement(35)
def test_a_chat_closed_by_the_other_side_ends_in_the_popup_too(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    popup = open_popup(agent, mine)
    visitor.get_by_role("button", name="Close", exact=True).click()
    visitor.get_by_role("button", name="Close chat").click()
    for each in (mine, popup.get_by_role("article")):
        expect(each.get_by_text("This chat has been closed.")).to_be_visible()
        expect(composer(each)).not_to_be_editable()
    popup.get_by_role("button", name="Dismiss").click()
    expect(mine).to_have_count(0)
    expect(popup.get_by_text("You are not in this chat any more.")).to_be_visible()


@pytest.mark.requirement(35)
def test_widget_and_popup_are_in_step_over_200_lines_with_one_of_them_offline_at_random(
    browsers: Browsers,
) -> None:
    browsers.tolerate(f"{OFFLINE}|ERR_FAILED")
    agent, visitor, mine = talking(browsers)
    popup = open_popup(agent, mine)
    alone = popup.get_by_role("article", name="Vera")
    networks = [Network(agent), Network(popup)]
    said = list(write(random.Random(SEED), networks, {"w": mine, "p": alone, "v": visitor}))
    for each in (mine, alone, visitor):
        until(partial(is_complete, each), "every line to be everywhere", 90)
    assert texts(mine) == texts(alone) == texts(visitor), "equal, in one order"
    assert sorted(texts(mine)) == sorted(["Hello", *said]), "once"
    for writer in "wpv":
        own = [text for text in texts(mine) if text.startswith(f"{writer} ")]
        assert own == [text for text in said if text.startswith(f"{writer} ")], (
            "each in the order it was written"
        )


def is_complete(party: Page | Locator) -> bool:
    """Tell whether all that was said is there."""
    return len(texts(party)) > ALL


def write(
    chance: random.Random, networks: list["Network"], parties: dict[str, Page | Locator]
) -> Iterator[str]:
    """Write ALL lines from all sides as fast as keys go; half of the time one agent's window is cut off."""
    for number in range(ALL):
        if number % 20 == 10:
            chance.choice(networks).cut()
        if number % 20 == 0:
            for network in networks:
                network.mend()
        writer = chance.choice("wpv")
        say(parties[writer], f"{writer} {number}")
        yield f"{writer} {number}"
    for network in networks:
        network.mend()


class Network:
    """The network of one window alone, while another of the same browser keeps its own."""

    def __init__(self, page: Page) -> None:
        self.page, self.is_cut = page, False
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/live", self._connect)
        page.route("**/chats/**", self._fetch)
        page.reload()
        expect(page.get_by_role("article")).to_be_visible()

    def cut(self) -> None:
        """Take it away: open sockets end, requests fail."""
        self.is_cut = True
        for socket in self.sockets:
            socket.close(code=1001)
        self.sockets.clear()

    def mend(self) -> None:
        """Give it back."""
        self.is_cut = False

    def _fetch(self, route: Route) -> None:
        if self.is_cut:
            route.abort()
        else:
            route.continue_()

    def _connect(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close(code=1001)
        else:
            socket.connect_to_server()
            self.sockets.append(socket)
