"""What people do in the browser, in the words of the contract: addresses and accessible names only."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.chromium import Browsers

WAITING = "Please bear with us until one of our agents is able to handle your chat request."
CLOSED = "This chat has been closed."
CUSTOMERS = "General Chat Requests From Customers"


def open_window(guest: Page) -> None:
    """Open the chat window."""
    guest.get_by_role("button", name="Chat", exact=True).click()


def ask(guest: Page, text: str, name: str | None = "Vera", channel: str | None = None) -> None:
    """Open the window and begin a conversation; `name` is None for a customer."""
    open_window(guest)
    guest.get_by_role("button", name="New conversation").click()
    if name is not None:
        guest.get_by_role("textbox", name="Your name").fill(name)
    if channel is not None:
        guest.get_by_role("combobox", name="Channel").select_option(channel)
    guest.get_by_role("textbox", name="Your message").fill(text)
    guest.get_by_role("button", name="Send").click()
    expect(lines(guest).filter(has_text=text)).to_have_count(1)


def say(party: Page | Locator, text: str) -> None:
    """Type a line into the composer (a guest's page, or an agent's card) and press Enter."""
    box = party.get_by_role("textbox", name=re.compile("^(Your|New) message$"))
    box.fill(text)
    box.press("Enter")


def lines(party: Page | Locator) -> Locator:
    """Return the lines of the log of a guest's page or an agent's card."""
    return party.get_by_role("log", name="Messages").locator("[data-seq]")


def texts(party: Page | Locator) -> list[str]:
    """Return what was written, without the lines of the system, in order."""
    return lines(party).locator("xpath=self::*[@data-kind='line']").locator(".text").all_inner_texts()


def region(agent: Page, name: str) -> Locator:
    """Return a widget of Manage Chats by its exact title."""
    return agent.get_by_role("region", name=name, exact=True)


def row(agent: Page, name: str, widget: str = "General Chat Requests From Public Users") -> Locator:
    """Return the row of a waiting request."""
    return region(agent, widget).get_by_role("row").filter(has_text=name)


def preview(agent: Page, name: str, widget: str = "General Chat Requests From Public Users") -> Locator:
    """Open a waiting request and return the dialog."""
    row(agent, name, widget).get_by_role("link", name="Open Chat").click()
    dialog = agent.get_by_role("dialog", name="Chat preview")
    expect(dialog).to_be_visible()
    return dialog


def accept(agent: Page, name: str, widget: str = "General Chat Requests From Public Users") -> Locator:
    """Accept a waiting request and return its card."""
    preview(agent, name, widget).get_by_role("button", name="Accept").click()
    found = card(agent, name)
    expect(found).to_be_visible()
    return found


def card(agent: Page, name: str) -> Locator:
    """Return the card of an active chat."""
    return region(agent, "My Active Chats").get_by_role("article", name=name, exact=True)


def composer(party: Page | Locator) -> Locator:
    """Return the composer's text box."""
    return party.get_by_role("textbox", name=re.compile("^(Your|New) message$"))


def talking(browsers: Browsers) -> tuple[Page, Page, Locator]:
    """Return the agent's page, the visitor's page and the agent's card of a chat that runs."""
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    ask(visitor, "Hello")
    return agent, visitor, accept(agent, "Vera")
