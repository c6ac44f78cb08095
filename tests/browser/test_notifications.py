"""Who is told of what, once, and where a click leads; in real browsers with real notifications (36, 66)."""

import re
from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from helpdesk.chat.models import Chat
from helpdesk.database import now, transaction
from tests.browser.people import accept, ask, card, composer, lines, open_window, row, say
from tests.browser.telling import (
    counting,
    hearing,
    listening,
    notes,
    press_newest,
    raised,
    tab,
    toasts,
    until_raised,
    watch,
)
from tests.browser.test_asking import TEXT, asked, start
from tests.browser.test_menu import invite
from tests.browser.test_reading import mark
from tests.browser.test_watching import monitor
from tests.support.chromium import Browsers, another
from tests.support.servers import Server
from tests.support.waiting import until

POSITIONS = ("unavailable", "internal", "internal and external")  # behind the last comes the first
REQUEST = ("Chat request from Vera", "Hello")

pytestmark = pytest.mark.notifications


def choose(page: Page, position: str) -> None:
    """Click the availability button until it stands there."""
    for each in POSITIONS[: POSITIONS.index(position) + 1]:
        page.locator("#availability-next").click()
        expect(page.get_by_role("button", name=f"Availability: {each}", exact=True)).to_be_visible()


@pytest.mark.requirement(66)
def test_a_new_general_request_is_told_to_external_owners_of_the_channel_who_chose_it_alone(
    browsers: Browsers,
) -> None:
    external, internal, participant = (listening(browsers.agent(f"agent{n}")) for n in (1, 2, 3))
    choose(internal, "internal")
    ask(browsers.visitor(), "Hello")
    assert until_raised(1, external) == [REQUEST]
    for page in (external, internal, participant):
        expect(row(page, "Vera")).to_be_visible()
    internal.locator("#availability-next").click()
    expect(internal.get_by_role("button", name="Availability: internal and external")).to_be_visible()
    ask(browsers.visitor(), "Second", name="Wim")
    assert until_raised(1, internal) == [("Chat request from Wim", "Second")]
    assert until_raised(2, external)[1:] == [("Chat request from Wim", "Second")]
    expect(row(participant, "Wim")).to_be_visible()
    form = another(external)
    form.goto("/agent/preferences")
    form.get_by_role("group", name="My Chat Channels").get_by_role("checkbox", name="Support").uncheck()
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Your preferences are saved.")).to_be_visible()
    ask(browsers.visitor(), "Third", name="Xa")
    assert until_raised(2, internal)[1:] == [("Chat request from Xa", "Third")]
    expect(external.get_by_text("3 more in other channels")).to_be_visible()
    assert len(raised(external, form)) == 2
    assert raised(participant) == []


@pytest.mark.requirement(66)
def test_one_notification_per_event_however_many_tabs_and_manage_chats_raises_it(browsers: Browsers) -> None:
    dashboard = listening(browsers.agent("agent1", path="/agent/"))
    consoles = [tab(dashboard, "/agent/chats") for _ in range(2)]
    watched = tab(dashboard, "/agent/")
    watch(watched)
    for number, name in enumerate(("Vera", "Wim"), start=1):
        ask(browsers.visitor(), "Hello", name=name)
        assert (f"Chat request from {name}", "Hello") in until_raised(number, *consoles)
        watch(watched, False)  # the second comes while nobody looks
    for page in (*consoles, dashboard, watched):
        expect(page).to_have_title(re.compile(r"^\(2\) "))
    assert len(raised(*consoles)) == 2
    assert raised(dashboard, watched) == []


@pytest.mark.requirement(66)
def test_one_page_tells_where_browsers_have_no_locks_for_want_of_https(browsers: Browsers) -> None:
    page = browsers.agent("agent1")
    page.context.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })")
    pages = [counting(page, permission="denied"), another(page), another(page)]
    for other in pages[1:]:
        other.goto("/agent/chats")

    def is_told(least: int) -> bool:
        return sum(toasts(each).count() for each in pages) >= least

    for number, name in enumerate(("Vera", "Wim"), start=1):
        ask(browsers.visitor(), "Hello", name=name)
        for each in pages:
            expect(each).to_have_title(re.compile(rf"^\({number}\) "))
        until(partial(is_told, number))
    assert not is_told(3)


@pytest.mark.requirement(66)
def test_clicking_focuses_the_existing_tab_and_the_chat_and_keeps_what_is_typed(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    other = tab(agent, "/agent/")
    agent.evaluate("window.focus = () => { window.focused = true; }")
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    monitor(mine, "customer activity")
    composer(mine).fill("half a sentence")
    agent.get_by_role("heading", name="My Active Chats").click()
    say(visitor, "Are you there?")
    until(lambda: ("Vera", "Are you there?") in raised(agent))
    press_newest(agent)
    expect(composer(mine)).to_be_focused()
    ask(browsers.visitor(), "Me too", name="Wim")
    until(lambda: ("Chat request from Wim", "Me too") in raised(agent))
    press_newest(agent)
    expect(agent.get_by_role("dialog", name="Chat preview")).to_contain_text("Wim")
    expect(composer(mine)).to_have_value("half a sentence")
    assert agent.evaluate("window.focused"), "the click brings this tab to the front"
    assert (len(agent.context.pages), other.url) == (2, f"{browsers.server.url}/agent/")


@pytest.mark.requirement(66)
def test_clicking_never_replaces_a_page_with_unsaved_input(browsers: Browsers) -> None:
    agent = listening(browsers.agent("agent1", path="/agent/preferences"))
    box = agent.get_by_role("group", name="My Chat Channels").get_by_role("checkbox").first
    box.uncheck()
    ask(browsers.visitor(), "Hello")
    assert until_raised(1, agent) == [REQUEST]
    with agent.context.expect_page() as opened:
        press_newest(agent)
    expect(opened.value.get_by_role("dialog", name="Chat preview")).to_contain_text("Vera")
    expect(box).not_to_be_checked()
    box.check()
    press_newest(agent)
    expect(agent.get_by_role("dialog", name="Chat preview")).to_contain_text("Vera")


@pytest.mark.requirement(66)
def test_a_click_that_comes_too_late_says_who_was_faster_and_shows_him_his_chat(browsers: Browsers) -> None:
    faster, late = (listening(browsers.agent(f"agent{n}"), permission="denied") for n in (1, 2))
    ask(browsers.visitor(), "Hello")
    expect(toasts(late)).to_have_text("Chat request from Vera")
    mine = accept(faster, "Vera")
    toasts(late).click()
    expect(late.get_by_role("alert")).to_have_text("Agent One has already accepted this chat.")
    faster.get_by_role("heading", name="My Active Chats").click()
    toasts(faster).click()
    expect(composer(mine)).to_be_focused()


@pytest.mark.requirement(66)
def test_without_permission_a_toast_the_title_and_a_sound_tell(browsers: Browsers) -> None:
    agent = listening(browsers.agent("agent1", path="/agent/"), permission="denied")
    agent.get_by_role("heading", name="Dashboard").click()
    assert notes(agent) == 0
    ask(browsers.visitor(), "<b>Hello</b>")
    expect(toasts(agent)).to_have_text("Chat request from Vera")
    expect(agent).to_have_title(re.compile(r"^\(1\) "))
    until(lambda: notes(agent) > 0)
    assert raised(agent) == []
    toasts(agent).click()
    expect(agent.get_by_role("dialog", name="Chat preview")).to_contain_text("Vera")
    watch(agent)
    agent.get_by_role("dialog", name="Chat preview").get_by_role("button", name="Accept").click()
    expect(card(agent, "Vera")).to_be_visible()
    expect(agent).to_have_title(re.compile("^Manage Chats"))


@pytest.mark.requirement(66)
def test_permission_is_asked_only_by_the_button(browsers: Browsers) -> None:
    agent = listening(browsers.agent("agent1"), permission="default")
    visitor = counting(browsers.visitor(), permission="default")
    ask(visitor, "Hello")
    accept(agent, "Vera")
    for page in (agent, visitor):
        button = page.get_by_role("button", name="Turn on notifications")
        expect(button).to_be_visible()
        assert page.evaluate("window.asked") is None
        button.click()
        expect(button).to_be_hidden()
        assert page.evaluate("window.asked") == 1


@pytest.mark.requirement(66)
def test_customers_are_told_what_agents_say_while_the_window_is_closed(
    browsers: Browsers, server: Server
) -> None:
    agent, visitor = browsers.agent("agent1"), counting(browsers.visitor())
    ask(visitor, "Hello")
    watch(visitor)
    mine = accept(agent, "Vera")
    expect(visitor.get_by_text("Agent One has joined this chat.")).to_be_visible()
    visitor.get_by_role("button", name="Minimize").click()
    say(mine, "Good morning")
    assert until_raised(1, visitor) == [("Agent One", "Good morning")]
    expect(visitor).to_have_title(re.compile(r"^\(1\) "))
    press_newest(visitor)
    expect(visitor.get_by_role("textbox", name="Your message")).to_be_visible()
    say(mine, "seen")
    expect(lines(visitor).filter(has_text="seen")).to_have_count(1)
    visitor.get_by_role("button", name="Minimize").click()
    say(mine, "and not seen")
    assert until_raised(2, visitor)[1:] == [("Agent One", "and not seen")]
    with server.beside(), transaction() as tx:
        tx.execute(update(Chat).values(heard_at=now() - timedelta(minutes=16)))
    assert until_raised(3, visitor)[2:] == [("Chat", "Are you still there?")]
    open_window(visitor)


@pytest.mark.requirement(25, 66)
def test_the_other_agent_gets_a_notification_and_the_starter_one_when_it_is_answered(
    browsers: Browsers,
) -> None:
    agent, visitor, three = (
        listening(browsers.agent("agent1")),
        browsers.visitor(),
        listening(browsers.agent("agent3")),
    )
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    invite(agent, mine, "Agent Three")
    [(title, _)] = until_raised(1, three)
    assert title == "Agent One asks you for a chat"
    expect(three).to_have_title(re.compile(r"^\(1\) "))
    press_newest(three)
    three.get_by_role("dialog", name="Chat preview").get_by_role("button", name="Accept").click()
    until(lambda: ("Agent Three has accepted your chat request", "") in raised(agent))
    expect(card(agent, "Agent Three").get_by_text("Agent Three has joined this chat.")).to_be_visible()
    card(agent, "Agent Three").get_by_role("button", name="Close chat").click()
    agent.keyboard.press("Enter")
    expect(card(agent, "Agent Three")).to_have_count(0)
    invite(agent, mine, "Agent Three")
    until_raised(2, three)
    press_newest(three)
    three.get_by_role("dialog", name="Chat preview").get_by_role("button", name="Decline").click()
    until(lambda: ("Agent Three has rejected your chat request", "") in raised(agent))


@pytest.mark.requirement(39, 66)
def test_the_title_adds_up_waiting_requests_and_unread_chats(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    expect(agent).to_have_title(re.compile(r"^\(1\) "))
    watch(agent)
    mine = accept(agent, "Vera")
    expect(mark(visitor, "Hello")).to_have_attribute("aria-label", "Seen")
    expect(agent).to_have_title(re.compile("^Manage Chats"))
    watch(agent, False)
    say(visitor, "Are you there?")
    expect(lines(mine).filter(has_text="Are you there?")).to_have_count(1)
    ask(browsers.visitor(), "Me too", name="Wim")
    expect(agent).to_have_title(re.compile(r"^\(2\) "))
    watch(agent)
    expect(agent).to_have_title(re.compile(r"^\(1\) "))


@pytest.mark.requirement(26, 66)
def test_the_customer_gets_a_notification_and_the_starter_one_when_it_is_accepted(browsers: Browsers) -> None:
    agent = listening(browsers.agent("agent1", path="/agent/"))
    customer = listening(browsers.customer("customer1"))
    other = tab(customer, "/external/")
    start(agent, "Customer One", "Customers")
    assert until_raised(1, customer, other) == [("Agent One would like to chat with you", TEXT)]
    hearing(agent)
    asked(customer).get_by_role("button", name="Accept").click()
    assert until_raised(1, agent) == [("Customer One has accepted your chat request", "")]
    assert len(raised(customer, other)) == 1
    press_newest(agent)
    expect(composer(card(agent, "Customer One"))).to_be_focused()
