"""What any chat is expected to show: who types, how far a line got, what is unread, what was said before."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import accept, ask, card, composer, lines, say, talking
from tests.support.chromium import Browsers, another
from tests.support.waiting import until


@pytest.mark.requirement(39)
def test_typing_is_seen_on_both_sides_and_vanishes_with_the_line_and_without_news(browsers: Browsers) -> None:
    _, visitor, mine = talking(browsers)
    composer(visitor).press_sequentially("I was ch", delay=60)
    expect(typing(mine)).to_have_text("Vera is typing …")
    expect(typing(visitor)).to_have_text("")
    composer(mine).press_sequentially("Let me see", delay=60)
    expect(typing(visitor)).to_have_text("Agent One is typing …")
    say(visitor, "I was charged twice")
    expect(typing(mine)).to_have_text("")
    expect(typing(visitor)).to_have_text("", timeout=10_000)


@pytest.mark.requirement(39)
def test_a_line_is_marked_as_sent_then_delivered_then_seen(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    say(mine, "in view")
    expect(mark(mine, "in view")).to_have_attribute("aria-label", "Seen")
    visitor.get_by_role("button", name="Minimize").click()
    say(mine, "behind the button")
    expect(mark(mine, "behind the button")).to_have_attribute("aria-label", "Delivered")
    visitor.get_by_role("button", name="Chat", exact=True).click()
    expect(mark(mine, "behind the button")).to_have_attribute("aria-label", "Seen")
    say(visitor, "thank you")
    expect(mark(visitor, "thank you")).to_have_attribute("aria-label", "Seen")
    agent.goto("/agent/")
    expect(agent.get_by_role("heading", level=1)).to_be_visible()
    say(visitor, "are you there?")
    expect(mark(visitor, "are you there?")).to_have_attribute("aria-label", "Sent")
    agent.goto("/agent/chats")
    expect(mark(visitor, "are you there?")).to_have_attribute("aria-label", "Seen")


@pytest.mark.requirement(39)
def test_unread_lines_are_counted_on_the_chat_and_in_the_page_title_in_all_tabs_alike(
    browsers: Browsers,
) -> None:
    agent, visitor, mine = talking(browsers)
    expect(mark(visitor, "Hello")).to_have_attribute("aria-label", "Seen")
    elsewhere(agent)
    expect(agent).to_have_title("Manage Chats – Helpdesk")
    say(visitor, "one")
    say(visitor, "two")
    expect(unread(mine)).to_have_text("2 unread")
    expect(agent).to_have_title("(2) Manage Chats – Helpdesk")
    second = another(agent)
    elsewhere(second)
    second.goto("/agent/chats")
    expect(unread(card(second, "Vera"))).to_have_text("2 unread")
    second.keyboard.press("Escape")
    expect(unread(card(second, "Vera"))).to_be_hidden()
    for page in (agent, second):
        expect(unread(card(page, "Vera"))).to_be_hidden()
        expect(page).to_have_title("Manage Chats – Helpdesk")


@pytest.mark.requirement(39)
def test_the_windows_button_counts_what_came_while_it_was_closed_also_after_a_reload(
    browsers: Browsers,
) -> None:
    _, visitor, mine = talking(browsers)
    visitor.get_by_role("button", name="Minimize").click()
    say(mine, "one")
    say(mine, "two")
    count = visitor.locator("#unread")
    expect(count).to_have_text("2 unread")
    visitor.reload()
    expect(count).to_have_text("2 unread")
    visitor.get_by_role("button", name="Chat", exact=True).click()
    expect(count).to_be_hidden()
    expect(mark(mine, "two")).to_have_attribute("aria-label", "Seen")
    visitor.get_by_role("button", name="Minimize").click()
    visitor.reload()
    expect(visitor.locator("[data-seq]")).not_to_have_count(0)
    expect(count).to_be_hidden()


@pytest.mark.requirement(39)
def test_older_messages_load_on_scroll_and_what_is_read_stays_where_it_is(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    write_many(visitor, 200)
    expect(lines(mine).last).to_contain_text("line 200")
    agent.reload()
    visitor.reload()
    for party in (mine, visitor):
        expect(lines(party)).to_have_count(50)
        expect(lines(party).last).to_be_in_viewport()
        for number in (100, 150, 200, 202):
            words = party.locator(f"[data-seq='{numbers(party)[0]}'] .text")
            party.locator("[data-scroller]").evaluate("scroller => scroller.scrollTo(0, 0)")
            stays_while(words, partial(expect(lines(party)).to_have_count, number))
        expect(party.get_by_text("Beginning of the chat")).to_have_count(1)
        assert [int(n) for n in numbers(party)] == list(range(1, 203))
    say(visitor, "while you read back")
    expect(lines(mine).last).not_to_be_in_viewport()
    mine.get_by_role("button", name="New messages").click()
    expect(lines(mine).last).to_be_in_viewport()
    expect(mark(visitor, "while you read back")).to_have_attribute("aria-label", "Seen")


@pytest.mark.requirement(39)
def test_reading_is_told_by_polling_while_the_socket_is_down(browsers: Browsers) -> None:
    browsers.tolerate()
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    visitor.route_web_socket(re.compile("/live$"), lambda socket: socket.close())
    visitor.reload()
    ask(visitor, "Hello")
    mine = accept(agent, "Vera")
    say(mine, "do you read me?")
    expect(mark(mine, "do you read me?")).to_have_attribute("aria-label", "Seen", timeout=20_000)


def typing(party: Page | Locator) -> Locator:
    """Return the line that says who is typing."""
    return party.locator("[data-typing]")


def mark(party: Page | Locator, text: str) -> Locator:
    """Return the mark of an own line."""
    return lines(party).filter(has_text=text).locator(".mark")


def unread(card: Locator) -> Locator:
    """Return the count on a card."""
    return card.locator("[data-unread]")


def numbers(party: Page | Locator) -> list[str]:
    """Return the numbers of all lines, in order."""
    found: list[str] = lines(party).evaluate_all("lines => lines.map(line => line.dataset.seq)")
    return found


def elsewhere(agent: Page) -> None:
    """Have the agent look at the sheet of keyboard shortcuts, behind which no chat is in view."""
    if agent.url == "about:blank":
        agent.add_init_script(
            "addEventListener('DOMContentLoaded', () => document.getElementById('keys')?.showModal())"
        )
    else:
        agent.get_by_role("heading", name="Manage Chats").click()
        agent.keyboard.press("?")
        expect(agent.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def stays_while(words: Locator, deed: Callable[[], None]) -> None:
    """Fail when words stand elsewhere after the deed."""
    before = y_of(words)
    deed()
    until(lambda: abs(y_of(words) - before) < 3, lambda: f"{before} to become {y_of(words)}")


def y_of(words: Locator) -> float:
    """Return where words stand on the screen."""
    box = words.bounding_box()
    assert box is not None
    return box["y"]


def write_many(visitor: Page, number: int) -> None:
    """Have the visitor's page post many lines, as fast as the server takes them."""
    form = visitor.locator("[data-composer]")
    form.evaluate(
        """async (form, number) => {
            for (let i = 1; i <= number; i += 1) {
                const fields = {text: `line ${i}`, client_id: helpdesk.uuid(), after: 10_000};
                await helpdesk.send('POST', form.getAttribute('action'), {fields});
            }
        }""",
        number,
    )
