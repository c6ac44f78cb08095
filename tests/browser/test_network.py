"""The network and the server go away and come back: nothing is lost, nothing is doubled, nobody reloads."""

import pytest
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

from tests.browser.people import accept, ask, composer, lines, row, say, talking, texts
from tests.support.chromium import OFFLINE, Browsers
from tests.support.clients import PASSWORD
from tests.support.servers import Server

GONE = r"status of 50[0-9]|htmx"


@pytest.mark.requirement(33)
def test_a_restart_in_mid_chat_loses_nothing_and_nobody_reloads(browsers: Browsers, server: Server) -> None:
    browsers.tolerate(f"{OFFLINE}|{GONE}")
    agent, visitor, mine = talking(browsers)
    mark(agent)
    mark(visitor)
    say(mine, "before")
    expect(lines(visitor).filter(has_text="before")).to_have_count(1)
    server.stop()
    composer(visitor).fill("while you were away")
    composer(visitor).press("Enter")
    server.start()
    expect(lines(mine).filter(has_text="while you were away")).to_have_count(1, timeout=30_000)
    say(mine, "after")
    expect(lines(visitor).filter(has_text="after")).to_have_count(1, timeout=30_000)
    wanted = ["Hello", "before", "while you were away", "after"]
    assert texts(mine) == texts(visitor) == wanted
    assert is_marked(agent)
    assert is_marked(visitor)


@pytest.mark.requirement(20, 33)
def test_polling_carries_on_when_sockets_are_refused(browsers: Browsers) -> None:
    browsers.tolerate(f"{OFFLINE}|WebSocket")
    agent, visitor = browsers.agent("agent1", "/agent/"), browsers.person()
    for page in (agent, visitor):
        page.route_web_socket("**/live", lambda ws: ws.close(code=1013))
    agent.goto("/agent/chats")
    visitor.goto("/external/")
    ask(visitor, "Hello")
    expect(row(agent, "Vera")).to_be_visible(timeout=20_000)
    mine = accept(agent, "Vera")
    assert row(agent, "Vera").count() == 0, "who has accepted sees no request any more, before the next poll"
    expect(visitor.get_by_text("Agent One has joined this chat.")).to_be_visible(timeout=20_000)
    say(mine, "slow but sure")
    expect(lines(visitor).filter(has_text="slow but sure")).to_have_count(1, timeout=20_000)
    say(visitor, "good enough")
    expect(lines(mine).filter(has_text="good enough")).to_have_count(1, timeout=20_000)


@pytest.mark.requirement(1)
def test_pages_say_that_chat_is_switched_off_and_hear_again_when_it_is_back(browsers: Browsers) -> None:
    is_active, opened = [False], []

    def live(socket: WebSocketRoute) -> None:
        opened.append(socket)
        if is_active[0]:
            socket.connect_to_server()
        else:
            socket.close(code=4003)

    agent = browsers.agent("agent1", "/agent/")
    agent.route_web_socket("**/live", live)
    agent.goto("/agent/chats")
    status = agent.locator("#connection")
    expect(status).to_have_text("Chat is not active.")
    assert len(opened) <= 3, "asks too often"
    is_active[0] = True
    expect(status).to_be_empty(timeout=20_000)


@pytest.mark.requirement(33)
def test_a_line_written_when_the_session_is_over_is_sent_after_signing_in_where_it_was_written(
    browsers: Browsers,
) -> None:
    browsers.tolerate("status of 401")
    agent, visitor, mine = talking(browsers)
    agent.route("**/messages", over, times=1)  # not before: other requests would lead him away from the line
    say(mine, "I was away for long")
    agent.get_by_role("textbox", name="User name").fill("agent1")
    agent.get_by_label("Password").fill(PASSWORD)
    agent.get_by_role("button", name="Sign in").click()
    expect(agent.get_by_role("heading", name="Manage Chats")).to_be_visible()
    expect(lines(mine).filter(has_text="I was away for long")).to_have_count(1)
    expect(lines(visitor).filter(has_text="I was away for long")).to_have_count(1)


@pytest.mark.requirement(33)
def test_twenty_lines_sent_while_the_visitor_is_offline_arrive_once_and_in_order(browsers: Browsers) -> None:
    visitor, mine, network = talking_over_a_network(browsers)
    network.cut()
    for number in range(20):
        say(mine, f"line {number}")
        expect(lines(mine).filter(has_text=f"line {number}")).not_to_have_count(0)
    network.mend()
    wanted = ["Hello", *(f"line {number}" for number in range(20))]
    expect(lines(visitor)).to_have_count(22, timeout=30_000)
    assert texts(visitor) == texts(mine) == wanted


@pytest.mark.requirement(33)
def test_lines_written_offline_wait_and_are_stored_once_in_order(browsers: Browsers) -> None:
    visitor, mine, network = talking_over_a_network(browsers)
    network.cut()
    for number in range(5):
        say(visitor, f"note {number}")
    expect(visitor.get_by_text("Not sent").first).to_be_visible()
    expect(visitor.get_by_role("button", name="Retry").first).to_be_visible()
    network.mend()
    wanted = ["Hello", *(f"note {number}" for number in range(5))]
    expect(lines(mine).filter(has_text="note")).to_have_count(5, timeout=30_000)
    expect(visitor.get_by_text("Not sent")).to_have_count(0)
    assert texts(mine) == texts(visitor) == wanted


def over(route: Route) -> None:
    """End the session of who asks."""
    route.request.frame.page.context.clear_cookies()
    route.continue_(headers={**route.request.headers, "cookie": ""})


def talking_over_a_network(browsers: Browsers) -> tuple[Page, Locator, "Network"]:
    """Return the visitor's page, the agent's card and the visitor's network of a chat that runs."""
    browsers.tolerate(f"{OFFLINE}|{GONE}")
    agent, visitor = browsers.agent("agent1"), browsers.person()
    network = Network(visitor)
    visitor.goto("/external/")
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    expect(visitor.get_by_text("Agent One has joined this chat.")).to_be_visible()
    return visitor, mine, network


class Network:
    """The network of one page: everything through here can be cut, sockets included."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/live", self._connect)

    def cut(self) -> None:
        """Take it away: open sockets end, requests fail."""
        self.page.context.set_offline(True)
        for socket in self.sockets:
            socket.close(code=1001)
        self.sockets.clear()

    def mend(self) -> None:
        """Give it back."""
        self.page.context.set_offline(False)

    def _connect(self, socket: WebSocketRoute) -> None:
        if self.page.evaluate("navigator.onLine"):
            socket.connect_to_server()
            self.sockets.append(socket)
        else:
            socket.close(code=1001)


def mark(page: Page) -> None:
    """Leave a mark that a reload would remove."""
    page.evaluate("window.isTheSamePage = true")


def is_marked(page: Page) -> bool:
    """Tell whether the page was never reloaded."""
    return bool(page.evaluate("window.isTheSamePage === true"))
