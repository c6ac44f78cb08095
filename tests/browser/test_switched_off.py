"""ChatEngine::Active (row 1) as everybody sees it: nothing of chat is left, and it comes back as it was."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from helpdesk import settings
from helpdesk.database import transaction
from helpdesk.realtime import topics
from tests.browser.people import card, lines, say, talking, texts
from tests.browser.test_asking import icon, widget
from tests.support.chromium import Browsers
from tests.support.servers import Server
from tests.support.waiting import until

NOT_ACTIVE = "Chat is not active."


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """One on PostgreSQL, which hears at once what a command has set."""
    return make_server("postgres")


def switch(server: Server, is_on: bool) -> None:
    """Switch chat on or off beside the server, and tell it so."""
    with server.beside() as app:
        with transaction() as tx:
            settings.put(tx, "ChatEngine::Active", is_on, None)
        bus = app.extensions["helpdesk_realtime"].bus
        bus.publish(topics.SETTINGS, "ChatEngine::Active")
        bus.stop()


@pytest.mark.requirement(1)
def test_while_chat_is_off_nothing_of_it_can_be_reached_and_running_chats_are_kept_and_come_back(
    browsers: Browsers, server: Server
) -> None:
    agent, visitor, mine = talking(browsers)
    colleague, customer = browsers.agent("agent2", "/agent/"), browsers.customer("customer1")
    expect(icon(colleague, "Agent One")).to_be_visible()
    browsers.tolerate("status of 404")  # what open pages still ask for
    switch(server, False)
    for page in (agent, visitor, colleague, customer):
        expect(page.locator("#connection")).to_have_text(NOT_ACTIVE, timeout=20_000)

    for path in ("/agent/chats", "/agent/chats/running", "/agent/chats/closed", "/agent/canned-responses"):
        assert status_of(agent, path) == 404
        expect(agent.get_by_text(NOT_ACTIVE)).to_be_visible()
    agent.goto("/agent/")
    has_nothing_of_chat(agent)
    expect(agent.locator("#connection")).to_have_text(NOT_ACTIVE, timeout=20_000)
    expect(widget(agent).get_by_role("listitem")).to_have_count(2)
    expect(widget(agent).get_by_role("button")).to_have_count(0)
    agent.goto("/agent/preferences")
    expect(agent.get_by_role("combobox", name="Time zone")).to_be_visible()
    expect(agent.get_by_role("group", name="My Chat Channels")).to_have_count(0)
    has_nothing_of_chat(agent)
    for guest in (visitor, customer):
        guest.goto("/external/")
        expect(guest.get_by_role("heading", name="How can we help?")).to_be_visible()
        expect(guest.get_by_role("button", name="Chat")).to_have_count(0)

    switch(server, True)
    until(lambda: status_of(agent, "/agent/chats") == 200, "the server to have heard of it")
    expect(lines(card(agent, "Vera"))).to_have_count(2)
    visitor.reload()
    say(mine, "Here we are again")
    expect(lines(visitor).filter(has_text="Here we are again")).to_have_count(1)
    assert texts(visitor) == texts(mine) == ["Hello", "Here we are again"]


def status_of(agent: Page, path: str) -> int:
    """Go there and return how it was answered."""
    answer = agent.goto(path)
    assert answer is not None
    return answer.status


def has_nothing_of_chat(agent: Page) -> None:
    """Look for the menu, the toolbar's items and icons."""
    expect(agent.get_by_role("button", name="Sign out")).to_be_visible()
    for role, name in (("button", "Chat"), ("button", "Availability"), ("link", "open chat request")):
        expect(agent.get_by_role(role, name=name)).to_have_count(0)  # type: ignore[arg-type]
