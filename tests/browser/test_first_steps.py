"""The shortest way through the whole house: a visitor writes, an agent accepts and answers."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.chromium import Browsers, sign_in


@pytest.mark.requirement(3)
def test_an_agent_signs_in_and_out(page: Page) -> None:
    sign_in(page, "agent", "agent1")
    page.goto("/agent/chats")
    expect(page.get_by_role("heading", name="Manage Chats")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_customer_user_signs_in_and_out(page: Page) -> None:
    sign_in(page, "external", "customer1")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.requirement(19)
@pytest.mark.requirement(28)
def test_a_visitor_and_an_agent_talk(browsers: Browsers) -> None:
    agent = browsers.agent("agent1")
    visitor = browsers.visitor()
    visitor.get_by_role("button", name="Chat", exact=True).click()
    visitor.get_by_role("button", name="New conversation").click()
    visitor.get_by_role("textbox", name="Your name").fill("Vera")
    visitor.get_by_role("textbox", name="Your message").fill("Hello, is anybody there?")
    visitor.get_by_role("button", name="Send").click()

    requests = agent.get_by_role("region", name="General Chat Requests From Public Users", exact=True)
    requests.get_by_role("link", name="Open Chat").click()
    agent.get_by_role("dialog", name="Chat preview").get_by_role("button", name="Accept").click()
    card = agent.get_by_role("region", name="My Active Chats", exact=True).get_by_role("article", name="Vera")
    expect(card.get_by_role("log", name="Messages")).to_contain_text("Hello, is anybody there?")

    card.get_by_role("textbox", name="New message").fill("Here I am.")
    card.get_by_role("button", name="Send", exact=True).click()
    expect(visitor.get_by_role("log", name="Messages")).to_contain_text("Here I am.")
