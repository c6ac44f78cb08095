"""The main job in real browsers: somebody asks, an agent accepts, they talk, either closes."""

import re

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.people import (
    CLOSED,
    CUSTOMERS,
    WAITING,
    accept,
    ask,
    card,
    composer,
    lines,
    preview,
    row,
    say,
    talking,
    texts,
)
from tests.support.chromium import Browsers
from tests.support.waiting import until


@pytest.mark.requirement(14, 20, 28)
def test_a_visitors_request_appears_without_reload_and_is_answered_in_both_directions(
    browsers: Browsers,
) -> None:
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    expect(agent.get_by_role("link", name="0 open chat requests")).to_be_visible()
    ask(visitor, "Hello, my invoice is wrong")
    expect(visitor.get_by_text(WAITING)).to_be_visible()
    expect(row(agent, "Vera")).to_contain_text("Hello, my invoice is wrong")
    expect(agent.get_by_role("link", name="1 open chat request", exact=True)).to_be_visible()
    mine = accept(agent, "Vera")
    expect(row(agent, "Vera")).to_have_count(0)
    expect(agent.get_by_role("link", name="0 open chat requests")).to_be_visible()
    expect(visitor.get_by_text("Agent One has joined this chat.")).to_be_visible()
    expect(visitor.get_by_text(WAITING)).to_have_count(0)
    say(mine, "Good morning, I will check")
    expect(lines(visitor).filter(has_text="Good morning, I will check")).to_have_count(1)
    say(visitor, "thank you")
    expect(lines(mine).filter(has_text="thank you")).to_have_count(1)
    assert (
        texts(mine)
        == texts(visitor)
        == ["Hello, my invoice is wrong", "Good morning, I will check", "thank you"]
    )


@pytest.mark.requirement(27, 42)
def test_a_customer_chooses_a_channel_and_is_seen_with_the_company(browsers: Browsers) -> None:
    agent, customer = browsers.agent("agent1"), browsers.customer("customer1")
    ask(customer, "I was charged twice", name=None, channel="Billing")
    request = row(agent, "Customer One", CUSTOMERS)
    expect(request).to_contain_text("Acme Ltd")
    expect(request).to_contain_text("Billing")
    mine = accept(agent, "Customer One", CUSTOMERS)
    expect(mine).to_contain_text("Acme Ltd")
    say(customer, "twice!")
    expect(lines(mine).filter(has_text="twice!")).to_have_count(1)


@pytest.mark.requirement(32)
def test_enter_sends_and_shift_enter_makes_a_line_on_both_sides(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    for writer, reader in ((mine, visitor), (visitor, mine)):
        box = composer(writer)
        box.press_sequentially("one")
        box.press("Shift+Enter")
        box.press_sequentially("two")
        expect(box).to_have_value("one\ntwo")
        before = lines(reader).count()
        box.press("Enter")
        expect(lines(reader)).to_have_count(before + 1)
        assert texts(reader)[-1] == "one\ntwo"
        expect(box).to_have_value("")
        expect(box).to_be_focused()
    assert agent.get_by_role("alert").count() == 0


@pytest.mark.requirement(32)
def test_enter_does_not_send_while_an_input_method_composes(browsers: Browsers) -> None:
    _, visitor, _ = talking(browsers)
    box = composer(visitor)
    box.fill("かな")
    before = lines(visitor).count()
    box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    expect(box).to_have_value("かな")
    box.press("Enter")
    expect(lines(visitor)).to_have_count(before + 1)


@pytest.mark.requirement(32)
def test_own_lines_say_you_system_lines_are_grey_and_italic_and_a_divider_names_the_day(
    browsers: Browsers,
) -> None:
    _, visitor, mine = talking(browsers)
    say(mine, "Good morning")
    expect(lines(visitor)).to_have_count(3)
    for party, authors in ((mine, ["Vera", "You"]), (visitor, ["You", "Agent One"])):
        expect(lines(party).locator(".author")).to_have_text(authors)
        system = lines(party).filter(has_text="Agent One has joined this chat.")
        expect(system.locator(".text")).to_have_css("font-style", "italic")
        assert colour(system) != colour(lines(party).filter(has_text="Good morning"))
        expect(party.locator(".line[data-day]")).to_have_count(1)
        expect(lines(party).first).to_have_attribute("data-day", "Today")
        for line in lines(party).all():
            expect(line.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
            expect(line.locator("time")).to_have_attribute("title", re.compile(r"\d\d:\d\d:\d\d \S+$"))


def colour(line: Locator) -> str:
    """Return the colour of its words."""
    found: str = line.locator(".text").evaluate("text => getComputedStyle(text).color")
    return found


@pytest.mark.requirement(34)
def test_text_is_text_and_only_addresses_become_links(browsers: Browsers) -> None:
    _, visitor, mine = talking(browsers)
    say(mine, '<img src=x onerror=alert(1)> {{7*7}} javascript:alert(1) https://example.com/a?b="c"')
    line = lines(visitor).filter(has_text="{{7*7}}")
    expect(line).to_contain_text("<img src=x onerror=alert(1)> {{7*7}} javascript:alert(1)")
    expect(line.get_by_role("link")).to_have_count(1)
    assert line.get_by_role("link").get_attribute("rel") == "noopener nofollow"
    assert visitor.locator("[role=log] img").count() == 0


@pytest.mark.requirement(37)
def test_the_agent_in_charge_closes_for_all_after_a_confirm_in_the_card(browsers: Browsers) -> None:
    _, visitor, mine = talking(browsers)
    mine.get_by_role("button", name="Close chat").click()
    mine.get_by_role("button", name="Cancel").click()
    expect(visitor.get_by_text(CLOSED)).to_have_count(0)
    mine.get_by_role("button", name="Close chat").click()
    mine.get_by_role("button", name="Close for everybody").click()
    expect(mine).to_have_count(0)
    expect(visitor.get_by_text("Agent One has left this chat.")).to_be_visible()
    expect(visitor.get_by_text(CLOSED)).to_be_visible()
    expect(visitor.get_by_role("button", name="New conversation")).to_be_visible()


@pytest.mark.requirement(37)
def test_a_chat_closed_by_the_visitor_keeps_its_card_and_the_unsent_text_until_dismissed(
    browsers: Browsers,
) -> None:
    agent, visitor, mine = talking(browsers)
    composer(mine).fill("half a sentence")
    visitor.get_by_role("button", name="Close", exact=True).click()
    visitor.get_by_role("button", name="Close chat").click()
    expect(visitor.get_by_text(CLOSED)).to_be_visible()
    expect(mine.get_by_text(CLOSED)).to_be_visible()
    expect(mine.get_by_text("Vera has left this chat.")).to_be_visible()
    expect(composer(mine)).to_have_value("half a sentence")
    expect(composer(mine)).not_to_be_editable()
    mine.get_by_role("button", name="Dismiss").click()
    expect(mine).to_have_count(0)
    agent.reload()
    expect(agent.get_by_role("heading", name="Manage Chats")).to_be_visible()
    expect(mine).to_have_count(0)


@pytest.mark.requirement(30)
def test_the_requester_keeps_writing_while_waiting_and_may_withdraw(browsers: Browsers) -> None:
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    ask(visitor, "first")
    say(visitor, "second")
    expect(lines(visitor)).to_have_count(2)
    dialog = preview(agent, "Vera")
    expect(lines(dialog)).to_have_count(2)
    dialog.get_by_role("button", name="Cancel").click()
    visitor.get_by_role("button", name="Withdraw").click()
    expect(visitor.get_by_text(CLOSED)).to_be_visible()
    expect(row(agent, "Vera")).to_have_count(0)


@pytest.mark.requirement(19)
def test_two_agents_press_accept_at_once_and_one_wins(browsers: Browsers) -> None:
    first, second, visitor = browsers.agent("agent1"), browsers.agent("agent2"), browsers.visitor()
    ask(visitor, "Hello")
    dialogs = [preview(first, "Vera"), preview(second, "Vera")]
    for dialog in dialogs:  # both presses leave before either answer is looked at
        dialog.get_by_role("button", name="Accept").dispatch_event("click")
    winners = until(lambda: [card(agent, "Vera").count() for agent in (first, second)].count(1))
    assert winners == 1
    won = card(first, "Vera").count() == 1
    late, name = (second, "Agent One") if won else (first, "Agent Two")
    dialog = late.get_by_role("dialog", name="Chat preview")
    expect(dialog.get_by_role("alert")).to_contain_text(f"{name} has already accepted this chat.")
    expect(dialog.get_by_role("button", name="Accept")).to_be_disabled()
    expect(card(late, "Vera")).to_have_count(0)
    dialog.get_by_role("button", name="Cancel").click()
    expect(row(late, "Vera")).to_have_count(0)


@pytest.mark.requirement(19)
def test_a_dialog_left_open_says_who_took_the_chat(browsers: Browsers) -> None:
    first, second, visitor = browsers.agent("agent1"), browsers.agent("agent2"), browsers.visitor()
    ask(visitor, "Hello")
    dialog = preview(second, "Vera")
    accept(first, "Vera")
    expect(dialog.get_by_role("alert")).to_contain_text("Agent One has already accepted this chat.")
    expect(dialog.get_by_role("button", name="Accept")).to_be_disabled()
    expect(dialog).to_be_visible()


@pytest.mark.requirement(7, 18)
def test_a_participant_sees_the_request_but_cannot_accept_it(browsers: Browsers) -> None:
    owner, participant, visitor = browsers.agent("agent1"), browsers.agent("agent3"), browsers.visitor()
    ask(visitor, "Hello")
    dialog = preview(participant, "Vera")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_visible()
    expect(dialog.get_by_role("button", name="Accept")).to_have_count(0)
    expect(dialog.get_by_role("button", name="Update Channel")).to_have_count(0)
    expect(dialog).to_contain_text("Only agents with owner level")
    expect(row(owner, "Vera")).to_be_visible()


@pytest.mark.requirement(18)
def test_an_owner_updates_the_channel_and_every_list_follows(browsers: Browsers) -> None:
    owner, other, customer = (
        browsers.agent("agent1"),
        browsers.agent("agent3"),
        browsers.customer("customer2"),
    )
    ask(customer, "Wrong door", name=None, channel="Support")
    expect(row(other, "Customer Two", CUSTOMERS)).to_be_visible()
    dialog = preview(owner, "Customer Two", CUSTOMERS)
    dialog.get_by_role("combobox", name="Channel").select_option("Billing")
    dialog.get_by_role("button", name="Update Channel").click()
    expect(row(other, "Customer Two", CUSTOMERS)).to_have_count(0)
    expect(row(owner, "Customer Two", CUSTOMERS)).to_contain_text("Billing")


@pytest.mark.requirement(18)
def test_a_preview_that_was_cancelled_does_not_come_up_again_with_a_late_answer(browsers: Browsers) -> None:
    owner, customer, held = browsers.agent("agent1"), browsers.customer("customer2"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    owner.route("**/channel", hold)
    ask(customer, "Wrong door", name=None, channel="Support")
    dialog = preview(owner, "Customer Two", CUSTOMERS)
    dialog.get_by_role("combobox", name="Channel").select_option("Billing")
    with owner.expect_request("**/channel"):
        dialog.get_by_role("button", name="Update Channel").click()
    dialog.get_by_role("button", name="Cancel").click()
    with owner.expect_response("**/channel"):
        held[0].continue_()
    expect(row(owner, "Customer Two", CUSTOMERS)).to_contain_text("Billing")
    dialog = preview(owner, "Customer Two", CUSTOMERS)  # nothing stands before its row
    expect(dialog.get_by_role("combobox", name="Channel")).to_have_count(1)
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
