"""Manage Chats as an agent at work sees it: two chats, eight, the menu, its dialogs, the popup."""

import json
from urllib.parse import urlencode
from urllib.request import Request
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import card, region
from tests.browser.test_looks import look
from tests.browser.test_menu import choose, menu
from tests.support.chromium import Browsers
from tests.support.servers import DIRECT

NAMES = ("Vera", "Vito", "Viola", "Viktor", "Vanda", "Valentin", "Vesna", "Volker")


@pytest.mark.requirement(15, 31, 35)
def test_the_console_at_work_is_pictured_and_axe_finds_nothing(browsers: Browsers) -> None:
    agent = browsers.agent("agent1")
    browsers.agent("agent2", "/agent/")
    for name in NAMES[:2]:
        take(agent, begin(browsers, name))
    mine = card(agent, "Vera")
    expect(mine).to_be_visible()
    menu(mine)
    look(agent, "console-2-chats-menu")
    for entry in ("Invite", "Channel change", "Hand over"):
        choose(mine, entry)
        dialog = agent.get_by_role("dialog", name=entry)
        expect(dialog).to_be_visible()
        look(agent, f"dialog-{entry.lower().replace(' ', '-')}")
        agent.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    with agent.expect_popup() as opened:
        menu(mine).get_by_role("link", name="New window").click()
    expect(opened.value.get_by_role("article")).to_be_visible()
    look(opened.value, "popup")
    opened.value.close()
    for name in NAMES[2:]:
        take(agent, begin(browsers, name))
    expect(card(agent, NAMES[-1])).to_be_visible()
    expect(region(agent, "My Active Chats").get_by_role("article")).to_have_count(8)
    look(agent, "console-8-chats")


def begin(browsers: Browsers, name: str) -> str:
    """Begin a chat as a visitor whose window nobody looks at; return its public id."""
    url = browsers.server.url
    fields = {"name": name, "text": f"Hello, this is {name}. My invoice is wrong.", "client_id": str(uuid4())}
    headers = {"Origin": url, "X-Helpdesk-Window": "1", "HX-Request": "true"}
    with DIRECT.open(Request(f"{url}/window/chats", urlencode(fields).encode(), headers)) as answer:
        text = answer.read().decode()
    return str(text.partition('data-chat="')[2][:22])


def take(agent: Page, public_id: str) -> None:
    """Accept a request as the preview's button does."""
    sent = f"helpdesk.send('POST', '/agent/chats/{public_id}/acceptance', {{isAutomatic: false}})"
    answer = agent.evaluate(f"async () => (await {sent}).status")
    assert answer == 200, json.dumps(answer)
    agent.evaluate("() => helpdesk.raise('active')")
