"""Who is told of what, once, and where a click leads; in real browsers with real notifications (36, 66)."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

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
from tests.browser.test_menu import choose as choose_entry
from tests.browser.test_menu import invite, invited
from tests.browser.test_popup import open_popup
from tests.support.chromium import Browsers
from tests.support.waiting import until

POSITIONS = ("unavailable", "internal", "internal and external")  # behind the last comes the first
REQUEST = ("Chat request from Vera", "Hello")


def choose(page: Page, position: str) -> None:
    """Click the availability button until it stands there."""
    for each in POSITIONS[: POSITIONS.index(position) + 1]:
        page.locator("#availability-next").click()
        expect(page.get_by_role("button", name=f"Availability: {each}", exact=True)).to_be_visible()


def monitor(mine: Locator, position: str) -> None:
    """Click the monitoring circle until it stands there."""
    for _ in range(3):
        circle = mine.get_by_role("button", name=re.compile("^Monitoring: "))
        name = circle.inner_text().strip()
        if name == f"Monitoring: {position}":
            return
        circle.click()
        expect(mine.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(mine.get_by_role("button", name=f"Monitoring: {position}")).to_be_visible()


@pytest.mark.requirement(66)
def test_a_new_general_request_is_told_to_the_external_owners_of_the_channel_alone(
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
def test_clicking_focuses_the_existing_tab_and_the_chat_and_keeps_what_is_typed(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
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
    assert len(agent.context.pages) == 1


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
def test_without_permission_a_toast_the_title_and_a_sound_tell(browsers: Browsers) -> None:
    agent = listening(browsers.agent("agent1", path="/agent/"), permission="denied")
    agent.get_by_role("heading", name="Dashboard").click()
    assert notes(agent) == 0
    ask(browsers.visitor(), "<b>Hello</b>")
    expect(toasts(agent)).to_have_text("Chat request from Vera<b>Hello</b>")
    expect(agent).to_have_title(re.compile(r"^\(1\) "))
    until(lambda: notes(agent) > 0)
    assert raised(agent) == []
    toasts(agent).click()
    expect(agent.get_by_role("dialog", name="Chat preview")).to_contain_text("Vera")
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


@pytest.mark.requirement(36)
def test_customer_activity_is_told_and_ones_own_doings_are_not(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    say(visitor, "before anything is monitored")
    expect(lines(mine).filter(has_text="before anything")).to_have_count(1)
    monitor(mine, "customer activity")
    other = tab(agent, "/agent/")
    agent.reload()
    expect(mine.get_by_role("button", name="Monitoring: customer activity")).to_be_visible()
    say(mine, "my own line")
    say(visitor, "a line of hers")
    assert until_raised(1, agent, other) == [("Vera", "a line of hers")]
    visitor.get_by_role("button", name="Close", exact=True).click()
    visitor.get_by_role("button", name="Close chat").click()
    assert until_raised(2, agent, other)[1:] == [("Chat", "Vera has left this chat.")]


@pytest.mark.requirement(36)
def test_nothing_is_told_of_a_chat_that_is_visible_and_focused(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    monitor(mine, "all actions")
    other = tab(agent, "/agent/")
    watch(agent)
    say(visitor, "seen as it comes")
    expect(lines(mine).filter(has_text="seen as it comes")).to_have_count(1)
    watch(agent, False)
    say(visitor, "not seen")
    told = until_raised(2, agent, other)
    assert [text for _, text in told if "seen" in text] == ["not seen"]


@pytest.mark.requirement(36)
def test_the_circle_is_in_step_in_all_tabs_and_is_kept(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine, theirs = accept(agent, "Vera"), card(tab(agent, "/agent/chats"), "Vera")
    for position in ("none", "customer activity", "all actions", "none"):
        expect(theirs.get_by_role("button", name=f"Monitoring: {position}", exact=True)).to_be_visible()
        mine.get_by_role("button", name=f"Monitoring: {position}", exact=True).click()


@pytest.mark.requirement(66)
def test_customers_are_told_what_agents_say_while_the_window_is_closed(browsers: Browsers) -> None:
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
    open_window(visitor)


@pytest.mark.requirement(35, 36, 66)
def test_a_popup_in_focus_shows_its_chat_and_leaves_the_rest_to_manage_chats(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    monitor(mine, "all actions")
    popup = hearing(open_popup(agent, mine))
    watch(popup)
    say(visitor, "seen in the popup")
    expect(lines(popup).filter(has_text="seen in the popup")).to_have_count(1)
    ask(browsers.visitor(), "Me too", name="Wim")
    until(lambda: ("Chat request from Wim", "Me too") in raised(agent))
    watch(popup, False)
    say(visitor, "not seen")
    until(lambda: ("Vera", "not seen") in raised(agent))
    assert "seen in the popup" not in [text for _, text in raised(agent, popup)]
    assert raised(popup) == []


@pytest.mark.requirement(36)
def test_all_actions_are_those_of_other_agents_too_and_customer_activity_is_not(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    three, internal = invited(browsers, agent, mine)
    monitor(mine, "customer activity")
    choose_entry(internal, "Participant")
    theirs = card(three, "Vera")
    say(theirs, "not told: of an agent")
    expect(lines(mine).filter(has_text="not told")).to_have_count(1)
    monitor(mine, "all actions")
    say(theirs, "told: of an agent")
    until(lambda: ("Agent Three", "told: of an agent") in raised(agent))
    choose_entry(theirs, "Observer")
    until(lambda: ("Chat", "Agent Three has switched to observer mode.") in raised(agent))
    texts = [text for _, text in raised(agent)]
    assert "not told: of an agent" not in texts
    assert "Agent Three has joined this chat." not in texts


@pytest.mark.requirement(36)
def test_between_agents_the_second_position_follows_the_other_party(browsers: Browsers) -> None:
    agent, visitor = listening(browsers.agent("agent1")), browsers.visitor()
    ask(visitor, "Hello")
    _, internal = invited(browsers, agent, accept(agent, "Vera"))
    theirs = card(agent, "Agent Three")
    monitor(theirs, "customer activity")
    say(theirs, "my own")
    say(internal, "of the other party")
    until(lambda: ("Agent Three", "of the other party") in raised(agent))
    assert "my own" not in [text for _, text in raised(agent)]


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
