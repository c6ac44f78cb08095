"""Personal Preferences at work: sounds, the test button, the time zone; in real browsers (62, 66)."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import accept, ask, composer, row
from tests.browser.telling import hearing, listening, notes, raised, tab, toasts, until_raised
from tests.support.chromium import Browsers
from tests.support.clients import PASSWORD
from tests.support.waiting import until

RING_MS = 8_000


def prefer(agent: Page, **choices: str) -> None:
    """Choose radio buttons by their group's name and save."""
    agent.goto("/agent/preferences")
    for group, choice in choices.items():
        agent.get_by_role("group", name=group).get_by_role("radio", name=choice, exact=True).check()
    agent.get_by_role("button", name="Save").click()
    expect(agent.get_by_text("Your preferences are saved.")).to_be_visible()


@pytest.mark.requirement(62, 66)
@pytest.mark.notifications
def test_the_test_button_lets_the_sound_be_heard_and_a_notification_be_seen(browsers: Browsers) -> None:
    agent = listening(browsers.agent("agent1", path="/agent/preferences"))
    agent.get_by_role("button", name="Test").click()
    assert until_raised(1, agent) == [("A test", "This is how you will be told.")]
    until(lambda: notes(agent) > 0)
    heard = notes(agent)
    agent.get_by_role("radio", name="Off", exact=True).check()
    agent.get_by_role("button", name="Test").click()
    until_raised(2, agent)
    assert notes(agent) == heard


@pytest.mark.requirement(62)
def test_without_permission_the_test_is_seen_on_the_page(browsers: Browsers) -> None:
    agent = listening(browsers.agent("agent1", path="/agent/preferences"), permission="denied")
    agent.get_by_role("button", name="Test").click()
    expect(toasts(agent)).to_have_text("A test")
    toasts(agent).click()
    expect(toasts(agent)).to_have_count(0)


@pytest.mark.requirement(66)
@pytest.mark.notifications
def test_the_sound_repeats_until_somebody_accepts_but_not_while_he_types(browsers: Browsers) -> None:
    agent, other = listening(browsers.agent("agent1")), browsers.agent("agent2")
    prefer(agent, Sound="Until somebody accepts")
    agent.clock.install()
    agent.goto("/agent/chats")
    hearing(agent)
    ask(browsers.visitor(), "First", name="Wim")
    box = composer(accept(agent, "Wim"))
    ask(browsers.visitor(), "Hello")
    until(lambda: notes(agent) > 2)
    heard = notes(agent)
    agent.clock.run_for(RING_MS)
    until(lambda: notes(agent) > heard)
    heard = notes(agent)
    for _ in range(2 * RING_MS // 1_000):
        box.press("x")
        agent.clock.run_for(1_000)
    assert notes(agent) == heard, "not while he types"
    agent.clock.run_for(2 * RING_MS)
    until(lambda: notes(agent) > heard)
    accept(other, "Vera")
    expect(row(agent, "Vera")).to_have_count(0)
    expect(agent.get_by_role("link", name="0 open chat requests")).to_be_visible()
    heard = notes(agent)
    agent.clock.run_for(3 * RING_MS)
    assert notes(agent) == heard


@pytest.mark.requirement(62, 66)
@pytest.mark.notifications
def test_what_is_not_wanted_is_not_told_and_every_tab_knows_at_once(browsers: Browsers) -> None:
    agent = listening(browsers.agent("agent1"))
    other = tab(agent, "/agent/preferences")
    ask(browsers.visitor(), "Hello")
    until_raised(1, agent)
    other.get_by_role("checkbox", name=re.compile("^New requests")).uncheck()
    other.get_by_role("button", name="Save").click()
    expect(agent.locator("#waiting")).to_have_attribute("data-tell", "personal answers monitored")
    ask(browsers.visitor(), "Me too", name="Wim")
    expect(row(agent, "Wim")).to_be_visible()
    other.goto("/agent/preferences")
    other.get_by_role("checkbox", name=re.compile("^New requests")).check()
    other.get_by_role("button", name="Save").click()
    expect(agent.locator("#waiting")).to_have_attribute("data-tell", re.compile("^requests"))
    hearing(other)
    ask(browsers.visitor(), "And me", name="Xa")
    told = [title.split()[-1] for title, _ in until_raised(2, agent)]
    assert told == ["Vera", "Xa"]
    assert raised(other) == []


@pytest.mark.requirement(62)
def test_times_are_told_in_the_chosen_zone(browsers: Browsers) -> None:
    agent = browsers.agent("agent1", path="/agent/preferences")
    agent.get_by_role("combobox", name="Time zone").select_option("Asia/Kathmandu")
    agent.get_by_role("button", name="Save").click()
    expect(agent.get_by_text("Your preferences are saved.")).to_be_visible()
    agent.goto("/agent/chats")
    ask(browsers.visitor(), "Hello")
    expect(row(agent, "Vera").locator(".created")).to_contain_text("GMT+5:45")
    mine = accept(agent, "Vera")
    expect(mine.locator(".line").first).to_have_attribute("data-day", "Today")
    expect(composer(mine)).to_be_visible()


@pytest.mark.requirement(62)
def test_times_are_written_as_the_chosen_language_writes_them(browsers: Browsers) -> None:
    agent = browsers.agent("agent1")
    ask(browsers.visitor(), "Hello")
    created = row(agent, "Vera").locator(".created")
    expect(created).to_contain_text(re.compile(r"^\d+ \w{3,4}, \d\d:\d\d C"))
    agent.goto("/agent/preferences")
    agent.get_by_role("combobox", name="Language").select_option("English (United States)")
    agent.get_by_role("button", name="Save").click()
    expect(agent.get_by_role("combobox", name="Language")).to_have_value("en-US")
    agent.goto("/agent/chats")
    expect(created).to_contain_text(re.compile(r"^\w{3} \d+, \d\d:\d\d [AP]M"))


@pytest.mark.requirement(62)
def test_the_colours_are_chosen_at_once_and_kept_by_this_browser(browsers: Browsers) -> None:
    agent = browsers.agent("agent1", path="/agent/preferences")
    agent.get_by_role("combobox", name="Colours").select_option("Dark")
    expect(agent.locator("html")).to_have_attribute("data-theme", "dark")
    agent.reload()
    expect(agent.get_by_role("combobox", name="Colours")).to_have_value("dark")


@pytest.mark.requirement(62)
def test_the_password_is_changed_and_my_chat_channels_are_kept_over_signing_in_again(
    browsers: Browsers,
) -> None:
    agent = browsers.agent("agent1", path="/agent/preferences")
    mine = agent.get_by_role("group", name="My Chat Channels")
    mine.get_by_role("checkbox", name="Billing").uncheck()
    agent.get_by_role("button", name="Save").click()
    expect(agent.get_by_text("Your preferences are saved.")).to_be_visible()
    agent.get_by_label("Password now").fill(PASSWORD)
    for label in ("New password", "New password again"):
        agent.get_by_label(label, exact=True).fill("another one, longer")
    agent.get_by_role("button", name="Change password").click()
    expect(agent.get_by_text("Your password is changed")).to_be_visible()
    agent.get_by_role("button", name="Sign out").click()
    agent.get_by_role("textbox", name="User name").fill("agent1")
    agent.get_by_label("Password").fill("another one, longer")
    agent.get_by_role("button", name="Sign in").click()
    expect(agent.get_by_role("button", name="Sign out")).to_be_visible()
    agent.goto("/agent/preferences")
    expect(mine.get_by_role("checkbox", name="Billing")).not_to_be_checked()
    expect(mine.get_by_role("checkbox", name="Support")).to_be_checked()
