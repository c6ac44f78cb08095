"""What is typed into a form outlives a reload, the end of a session and signing in, until it is sent."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.chromium import Browsers, another, axe, sign_in
from tests.support.clients import PASSWORD

pytestmark = pytest.mark.requirement(45)
NEW = "/external/tickets/new"


def kept(page: Page) -> None:
    """Wait until both fields hold what was typed."""
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("No paper")
    expect(page.get_by_role("textbox", name="Text")).to_have_value("The printer\nis empty")


def test_a_session_ends_while_a_customer_types_and_nothing_typed_is_lost(browsers: Browsers) -> None:
    browsers.tolerate("status of 401")
    customer = browsers.customer("customer1", NEW)
    customer.get_by_role("textbox", name="Subject").fill("No paper")
    customer.get_by_role("textbox", name="Text").fill("The printer\nis empty")
    customer.reload()
    kept(customer)
    customer.context.clear_cookies()
    customer.get_by_role("button", name="Create ticket").click()
    expect(customer.get_by_role("heading", name="Please sign in")).to_be_visible()
    kept(customer)
    assert axe(customer) == []
    sign_in(customer, "external", "customer2")
    customer.goto(NEW)
    expect(customer.get_by_role("textbox", name="Text")).to_have_value("")
    customer.context.clear_cookies()
    sign_in(customer, "external", "customer1")
    customer.goto(NEW)
    kept(customer)
    customer.get_by_role("button", name="Create ticket").click()
    expect(customer.get_by_role("heading", name="No paper")).to_be_visible()
    customer.goto(NEW)
    expect(customer.get_by_role("textbox", name="Text")).to_have_value("")


def test_who_signs_out_in_another_tab_finds_his_words_when_he_is_back(browsers: Browsers) -> None:
    browsers.tolerate("status of 401")
    customer = browsers.customer("customer1", NEW)
    customer.get_by_role("textbox", name="Subject").fill("No paper")
    customer.get_by_role("textbox", name="Text").fill("The printer\nis empty")
    tab = another(customer)
    tab.goto("/external/")
    tab.get_by_role("button", name="Sign out").click()
    expect(customer).to_have_url(re.compile("/external/sign-in"))
    customer.get_by_role("textbox", name="User name").fill("customer1")
    customer.get_by_label("Password").fill(PASSWORD)
    customer.get_by_role("button", name="Sign in").click()
    expect(customer.get_by_role("heading", name="New ticket")).to_be_visible()
    kept(customer)


def test_a_phone_ticket_outlives_a_reload(browsers: Browsers) -> None:
    agent = browsers.agent("agent1", "/agent/tickets/new")
    agent.get_by_label("Text").fill("He called at nine")
    agent.reload()
    expect(agent.get_by_label("Text")).to_have_value("He called at nine")
