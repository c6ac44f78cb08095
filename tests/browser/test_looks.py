"""Every screen as a stranger sees it: pictures under tests/output, and no violation that axe can find."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import accept, ask, composer, open_window, preview, row, say
from tests.support.chromium import OUTPUT, Browsers, axe

# A page scrolls by itself, or its main part does; neither should sideways.
OVERFLOW = """Math.max(...[...document.querySelectorAll('html, main')]
    .map(part => part.scrollWidth - part.clientWidth))"""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"wide": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}


@pytest.mark.requirement(9, 15)
def test_every_screen_is_pictured_and_axe_finds_nothing(browsers: Browsers) -> None:
    agent = browsers.agent("agent1")
    customer, visitor = (
        browsers.customer("customer1"),
        browsers.visitor(),
    )
    stranger = browsers.person()
    stranger.goto("/agent/sign-in")
    look(stranger, "sign-in")
    stranger.goto("/verify")
    stranger.get_by_label("Or the code").fill("AAAA BBBB")
    stranger.get_by_role("button", name="Check").click()
    expect(stranger.get_by_text("This code was not given out here.")).to_be_visible()
    look(stranger, "verify")
    look(visitor, "start-page")
    open_window(visitor)
    expect(visitor.get_by_role("button", name="New conversation")).to_be_visible()
    look(visitor, "window-home")
    visitor.get_by_role("button", name="New conversation").click()
    expect(visitor.get_by_role("textbox", name="Your name")).to_be_visible()
    look(visitor, "window-start")
    visitor.get_by_role("button", name="Back").click()
    visitor.get_by_role("button", name="Minimize").click()
    look(agent, "console-empty")
    ask(visitor, "I cannot sign in since this morning.")
    ask(customer, "I was charged twice for October.", name=None, channel="Billing")
    look(visitor, "window-waiting")
    expect(row(agent, "Vera")).to_be_visible()
    expect(row(agent, "Customer One", "General Chat Requests From Customers")).to_be_visible()
    look(agent, "console-requests")
    preview(agent, "Vera")
    look(agent, "preview")
    agent.get_by_role("dialog", name="Chat preview").get_by_role("button", name="Cancel").click()
    first = accept(agent, "Vera")
    second = accept(agent, "Customer One", "General Chat Requests From Customers")
    for card, guest in ((first, visitor), (second, customer)):
        say(card, "Good morning, I will check.")
        say(guest, "Thank you! https://example.com/invoice/7")
        expect(card.get_by_text("Thank you!")).to_be_visible()
    composer(first).fill("Which browser do you")
    look(agent, "console-chats")
    look(visitor, "window-chat")
    first.get_by_role("button", name="Close chat").click()
    look(agent, "console-confirm")
    first.get_by_role("button", name="Close for everybody").click()
    expect(visitor.get_by_text("This chat has been closed.")).to_be_visible()
    look(visitor, "window-ended")
    for path, name in (
        ("/agent/", "dashboard"),
        ("/agent/preferences", "preferences"),
        ("/agent/nowhere", "error"),
    ):
        browsers.tolerate("status of 404")
        agent.goto(path)
        look(agent, name)


@pytest.mark.requirement(32)
def test_the_main_job_is_done_by_keyboard_alone(browsers: Browsers) -> None:
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    press_until(visitor, "Chat", "Enter")
    press_until(visitor, "New conversation", "Enter")
    expect(visitor.get_by_role("textbox", name="Your name")).to_be_focused()
    visitor.keyboard.type("Vera")
    visitor.keyboard.press("Tab")
    visitor.keyboard.type("Only keys here")
    press_until(visitor, "Send", "Enter")
    expect(row(agent, "Vera")).to_be_visible()
    press_until(agent, "Open Chat", "Enter")
    expect(agent.get_by_role("dialog", name="Chat preview")).to_be_visible()
    press_until(agent, "Accept", "Enter")
    expect(agent.get_by_role("textbox", name="New message")).to_be_visible()
    if not agent.evaluate("document.activeElement.matches('textarea')"):
        press_until(agent, "New message", "")
    agent.keyboard.type("Typed answer")
    agent.keyboard.press("Enter")
    expect(visitor.get_by_role("log", name="Messages")).to_contain_text("Typed answer")
    press_until(agent, "Close chat", "Enter")
    agent.keyboard.press("Escape")
    expect(agent.get_by_role("button", name="Close for everybody")).to_be_hidden()
    press_until(agent, "Close chat", "Enter")
    agent.keyboard.press("Enter")
    expect(visitor.get_by_text("This chat has been closed.")).to_be_visible()


def look(page: Page, name: str) -> None:
    """Take a picture in every size and both colours, and ask axe in the widest and the narrowest."""
    folder = OUTPUT / "looks"
    folder.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
            if size != "tablet":
                assert axe(page) == [], f"{name}, {size}, {scheme}"
        overflow = page.evaluate(OVERFLOW)
        assert overflow <= 0, f"{name} is {overflow} px wider than {size}"
    page.set_viewport_size({"width": 1440, "height": 900})


def press_until(page: Page, name: str, key: str) -> None:
    """Press Tab until what has the focus carries this name (or label), then the key."""
    for _ in range(60):
        words = page.evaluate(
            "(e => e.getAttribute('aria-label') || e.innerText || e.title || '')(document.activeElement)"
        )
        if words.strip() == name:
            if key:
                page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"nothing named {name} was reached by Tab")
