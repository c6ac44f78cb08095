"""The guest's end of a chat, and nobody there: mail, ticket, PDF, message (requirements 29, 43, 45)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.people import CLOSED, CUSTOMERS, accept, ask, composer, lines, open_window, say
from tests.press.documents import text_of
from tests.support.chromium import Browsers, axe
from tests.support.servers import Server
from tests.support.smtp import Sink

SAID = ["Agent One has joined this chat.", "Good morning, I look at it"]


@pytest.fixture
def server(make_server: Callable[..., Server], sink: Sink) -> Server:
    """One that sends its mail to the sink."""
    return make_server(HELPDESK_SMTP_URL=sink.url)


def said_in(mail: str) -> list[str]:
    """Return what was said, in order, of a mail's lines that begin with a time."""
    said = re.findall(r"^(?:<p.*?>)?\d\d:\d\d:\d\d  (.*?)(?:<br>|</p>)?$", mail, re.MULTILINE)
    return [re.sub(r"^(Customer|Agent) One: ", "", line) for line in said]


def ended(guest: Page) -> None:
    """Close the conversation in the window."""
    guest.get_by_role("button", name="Close", exact=True).click()
    guest.get_by_role("button", name="Close chat").click()
    expect(guest.get_by_text(CLOSED)).to_be_visible()


@pytest.mark.requirement(43, 59)
def test_a_customer_closes_and_the_mail_arrives_with_all_lines(browsers: Browsers, sink: Sink) -> None:
    agent, customer = browsers.agent("agent1"), browsers.customer("customer1")
    ask(customer, "My invoice is wrong", name=None, channel="Support")
    card = accept(agent, "Customer One", CUSTOMERS)
    say(card, "Good morning, I look at it")
    expect(lines(customer).filter(has_text="I look at it")).to_have_count(1)
    say(customer, "Thank you")
    expect(lines(card).filter(has_text="Thank you")).to_have_count(1)
    ended(customer)
    box = customer.get_by_role("textbox", name="Send me this conversation")
    expect(box).to_have_value("customer1@example.com")
    box.fill("me@example.com")
    customer.locator(".ended").get_by_role("button", name="Send", exact=True).click()
    expect(customer.get_by_text("Sent to me@example.com.")).to_be_visible()
    mail = sink.mail_to("me@example.com")
    shown = lines(customer).locator(".text").all_inner_texts()
    assert shown == ["My invoice is wrong", *SAID, "Thank you", "Customer One has left this chat."]
    assert said_in(mail.text) == said_in(mail.html) == shown
    customer.goto("/external/chats")
    customer.locator("main").get_by_role("link", name="My invoice is wrong").click()
    customer.get_by_role("button", name="Minimize").click()
    customer.get_by_role("button", name="Open in the chat window").click()
    expect(customer.get_by_role("textbox", name="Send it again")).to_have_value("me@example.com")


@pytest.mark.requirement(43)
def test_a_customer_creates_a_ticket_from_the_chat_the_agent_closed(browsers: Browsers) -> None:
    agent, customer = browsers.agent("agent1"), browsers.customer("customer1")
    ask(customer, "My invoice is wrong", name=None, channel="Support")
    card = accept(agent, "Customer One", CUSTOMERS)
    composer(customer).fill("And one more thing")
    card.get_by_role("button", name="Close chat").click()
    card.get_by_role("button", name="Close for everybody").click()
    expect(customer.get_by_text(CLOSED)).to_be_visible()
    expect(composer(customer)).to_have_value("And one more thing")
    customer.get_by_role("button", name="Create ticket").click()
    expect(customer.get_by_role("button", name="Create ticket")).to_have_count(0)
    shown = lines(customer).locator(".text").all_inner_texts()
    customer.locator(".ended").get_by_role("link").click()
    expect(customer.get_by_role("heading", name="My invoice is wrong")).to_be_visible()
    assert customer.locator("main .said-line .words").all_inner_texts() == shown
    assert shown == ["My invoice is wrong", SAID[0], "Agent One has left this chat."]
    assert axe(customer) == []


@pytest.mark.requirement(43)
def test_a_visitor_downloads_what_was_said(browsers: Browsers, tmp_path: Path) -> None:
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    ask(visitor, "Good evening")
    accept(agent, "Vera")
    ended(visitor)
    with visitor.expect_download() as coming:
        visitor.get_by_role("button", name="Download PDF").click()
    coming.value.save_as(tmp_path / "chat.pdf")
    assert "Good evening" in text_of((tmp_path / "chat.pdf").read_bytes())
    assert axe(visitor) == []


@pytest.mark.requirement(29)
def test_nobody_there_and_the_words_become_a_ticket(browsers: Browsers) -> None:
    customer = browsers.customer("customer1")
    open_window(customer)
    expect(customer.get_by_text("It looks like no one is available at the moment.")).to_be_visible()
    customer.get_by_role("button", name="Create ticket").click()
    customer.get_by_role("textbox", name="Your message").fill("No paper in the printer")
    assert axe(customer) == []
    customer.get_by_role("button", name="Send").click()
    customer.locator("#window").get_by_role("link").click()
    expect(customer.get_by_role("heading", name="No paper in the printer")).to_be_visible()
    expect(customer.locator("#window-panel")).to_be_hidden()


@pytest.mark.requirement(29)
def test_the_last_agent_goes_while_a_visitor_types_and_nothing_typed_is_lost(browsers: Browsers) -> None:
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    open_window(visitor)
    visitor.get_by_role("button", name="New conversation").click()
    visitor.get_by_role("textbox", name="Your name").fill("Vera")
    visitor.get_by_role("textbox", name="Your message").fill("Are you open on Sunday?")
    agent.locator("#availability-next").click()
    expect(agent.locator("#availability")).to_have_attribute("data-level", "0")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_role("heading", name="Leave a message")).to_be_visible()
    expect(visitor.get_by_role("textbox", name="Your message")).to_have_value("Are you open on Sunday?")
    visitor.get_by_role("textbox", name="Your e-mail").fill("vera@example.com")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_text("We answer by e-mail to vera@example.com.")).to_be_visible()


@pytest.mark.requirement(45)
def test_a_customer_asks_answers_and_starts_a_chat_from_his_ticket(browsers: Browsers) -> None:
    browsers.agent("agent1")
    customer = browsers.customer("customer1")
    customer.get_by_role("navigation").get_by_role("link", name="My tickets").click()
    customer.get_by_role("link", name="New ticket").click()
    customer.get_by_role("textbox", name="Subject").fill("No paper")
    customer.get_by_role("textbox", name="Text").fill("The printer is empty")
    customer.get_by_role("button", name="Create ticket").click()
    customer.get_by_role("textbox", name="Your answer").fill("Still empty")
    customer.get_by_role("button", name="Send answer").click()
    expect(customer.locator("main").get_by_text("Still empty")).to_be_visible()
    held: list[Route] = []
    # What the window fetches first comes late, and takes nothing away.
    customer.route(re.compile("/external/window/$"), lambda route, _: held.append(route))
    with customer.expect_request(re.compile("/external/window/$")):
        customer.reload()
    customer.get_by_role("button", name="Start a chat").click()
    with customer.expect_response(re.compile("/external/window/$")):
        held[0].continue_()
    box = customer.get_by_role("textbox", name="Your message")
    expect(box).to_have_value(re.compile("Ticket [0-9]+, No paper: "))
    assert axe(customer) == []
