"""How a conversation begins in the window: what its form asks for, says and keeps (rows 27 to 29, 42)."""

import pytest
from playwright.sync_api import Route, expect

from helpdesk import settings
from helpdesk.database import transaction
from tests.browser.people import accept, lines, open_window
from tests.support.chromium import Browsers
from tests.support.servers import Server
from tests.support.waiting import until

CONSENT = "I agree to the privacy statement."
PRIVACY = "https://example.com/privacy"


@pytest.mark.requirement(28)
def test_an_e_mail_can_be_required_and_an_own_consent_text_with_link_stands_above_send(
    browsers: Browsers, server: Server
) -> None:
    with server.beside(), transaction() as tx:
        settings.put(tx, "ChatEngine::PublicEmail", "required", None)
        settings.put(tx, "ChatEngine::ConsentText", CONSENT, None)
        settings.put(tx, "ChatEngine::ConsentLink", PRIVACY, None)
    server.restart()
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    open_window(visitor)
    visitor.get_by_role("button", name="New conversation").click()
    visitor.get_by_role("textbox", name="Your name").fill("Vera")
    visitor.get_by_role("textbox", name="Your message").fill("Hello")
    consent = visitor.get_by_role("link", name=CONSENT)
    expect(consent).to_have_attribute("href", PRIVACY)
    send = visitor.get_by_role("button", name="Send")
    above, below = consent.bounding_box(), send.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
    send.click()
    mail = visitor.get_by_role("textbox", name="Your e-mail")
    expect(mail).to_have_attribute("aria-invalid", "true")
    mail.fill("vera@example.com")
    send.click()
    expect(lines(visitor)).to_have_count(1)
    accept(agent, "Vera")


@pytest.mark.requirement(28)
def test_the_start_form_keeps_what_was_typed_and_says_what_is_missing(browsers: Browsers) -> None:
    browsers.agent("agent1")
    visitor = browsers.visitor()
    visitor.get_by_role("button", name="Chat", exact=True).click()
    visitor.get_by_role("button", name="New conversation").click()
    visitor.get_by_role("textbox", name="Your message").fill("Hello")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_text("Please enter a name.")).to_be_visible()
    expect(visitor.get_by_role("textbox", name="Your message")).to_have_value("Hello")
    visitor.get_by_role("textbox", name="Your name").fill("Vera")
    visitor.get_by_role("button", name="Send").click()
    expect(lines(visitor)).to_have_count(1)
    expect(visitor.get_by_role("textbox")).to_have_count(1)
    expect(visitor.get_by_role("button", name="Send", exact=True)).to_have_count(1)


@pytest.mark.requirement(12, 29)
def test_nobody_there_is_said_instead_of_a_form(browsers: Browsers) -> None:
    visitor = browsers.visitor()
    visitor.get_by_role("button", name="Chat", exact=True).click()
    expect(visitor.get_by_text("It looks like no one is available at the moment.")).to_be_visible()
    expect(visitor.get_by_role("button", name="New conversation")).to_have_count(0)
    assert visitor.context.cookies() == []
    assert visitor.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.requirement(27, 42)
def test_what_is_opened_in_a_window_that_came_late_stays(browsers: Browsers) -> None:
    browsers.agent("agent1", "/agent/")
    customer, held = browsers.customer("customer1", "/verify"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    customer.route("**/external/window/", hold)
    customer.goto("/external/")
    customer.get_by_role("button", name="Chat", exact=True).click()
    until(lambda: held or customer.evaluate("null"), "the window to be asked for")
    held[0].continue_()
    customer.get_by_role("button", name="New conversation").click()
    expect(customer.get_by_role("textbox", name="Your message")).to_be_visible()
    assert len(held) == 1, "a second answer would take the form away"


@pytest.mark.requirement(42)
def test_words_of_a_conversation_that_is_not_begun_are_there_again_behind_back(browsers: Browsers) -> None:
    browsers.agent("agent1")
    visitor = browsers.visitor()
    box = visitor.get_by_role("textbox", name="Your message")
    open_window(visitor)
    visitor.get_by_role("button", name="New conversation").click()
    box.fill("My parcel has")
    for _ in range(2):
        visitor.get_by_role("button", name="Back").click()
        visitor.get_by_role("button", name="New conversation").click()
        expect(box).to_have_value("My parcel has")
    visitor.get_by_role("textbox", name="Your name").fill("Vera")
    visitor.get_by_role("button", name="Send").click()
    expect(lines(visitor)).to_have_count(1)
    visitor.get_by_role("button", name="Back").click()
    visitor.get_by_role("button", name="New conversation").click()
    expect(visitor.get_by_role("button", name="Send")).to_be_visible()
    expect(box).to_have_value("")
