"""The chat menu (row 35), the header (31) and leaving (37) in real browsers."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import accept, ask, card, composer, lines, say, talking, texts
from tests.support.chromium import Browsers, axe

PERSONAL = "Personal Chat Requests For You"
INTERNAL = ["Phone ticket", "Append", "Invite", "Download"]


def menu(mine: Locator) -> Locator:
    """Open the chat menu of a card."""
    button = mine.get_by_role("button", name="Chat menu")
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    return mine.get_by_role("group", name="Chat menu")


def choose(mine: Locator, entry: str) -> None:
    menu(mine).get_by_role("button", name=entry, exact=True).click()


def invite(agent: Page, mine: Locator, name: str) -> None:
    choose(mine, "Invite")
    dialog = agent.get_by_role("dialog", name="Invite")
    dialog.get_by_role("radio", name=name).check()
    dialog.get_by_role("button", name="Invite").click()
    expect(dialog).to_have_count(0)


def invited(browsers: Browsers, agent: Page, mine: Locator) -> tuple[Page, Locator]:
    """Invite Agent Three, who accepts; return his page and his card of the internal chat."""
    three = browsers.agent("agent3")
    invite(agent, mine, "Agent Three")
    accept(three, "Agent One", PERSONAL)
    return three, card(three, "Agent One")


@pytest.mark.requirement(35)
def test_invite_choose_an_available_agent_who_gets_a_request_and_a_new_internal_chat_begins(
    browsers: Browsers,
) -> None:
    agent, visitor, mine = talking(browsers)
    three, internal = invited(browsers, agent, mine)
    theirs = card(agent, "Agent Three")
    expect(theirs.get_by_text("Agent Three has joined this chat.")).to_be_visible()
    expect(menu(internal).get_by_role("button")).to_have_text([*INTERNAL, "Observer", "Participant"])
    say(internal, "What is it about?")
    expect(lines(theirs).filter(has_text="What is it about?")).to_have_count(1)
    expect(menu(theirs).get_by_role("button", name="Observer")).to_have_count(0)
    expect(lines(visitor)).to_have_count(2)
    choose(mine, "Invite")
    dialog = agent.get_by_role("dialog", name="Invite")
    expect(dialog.get_by_role("radio", name="Agent Three")).to_be_disabled()
    agent.keyboard.press("Escape")
    expect(menu(mine).get_by_role("button", name="Invite")).to_be_focused()
    expect(three.get_by_role("alert")).to_have_count(0)


@pytest.mark.requirement(5, 35)
def test_a_third_agent_is_invited_to_a_chat_between_two_and_joins_it_from_a_chat_of_his_own(
    browsers: Browsers,
) -> None:
    agent, visitor, mine = talking(browsers)
    two = browsers.agent("agent2")
    three, internal = invited(browsers, agent, mine)
    say(internal, "Who knows him?")
    invite(three, internal, "Agent Two")
    asked = accept(two, "Agent Three", PERSONAL)
    expect(menu(asked).get_by_role("button")).to_have_text([*INTERNAL, "Observer", "Participant"])
    choose(asked, "Observer")
    watched = card(two, "Agent One")
    expect(lines(watched).filter(has_text="Who knows him?")).to_have_count(1)
    expect(composer(watched)).not_to_be_editable()
    choose(asked, "Participant")
    say(watched, "I do")
    for each in (internal, card(agent, "Agent Three")):
        expect(each.get_by_text("Agent Two has joined this chat.", exact=True)).to_be_visible()
        expect(lines(each).filter(has_text="I do")).to_have_count(1)
    expect(lines(visitor)).to_have_count(2)


@pytest.mark.requirement(35)
def test_observer_joins_read_only_and_invisible_and_a_new_widget_appears(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    three, internal = invited(browsers, agent, mine)
    seen = visitor.get_by_role("log", name="Messages").inner_html()
    choose(internal, "Observer")
    watched = card(three, "Vera")
    expect(watched).to_be_visible()
    expect(internal).to_be_visible()
    for each in (watched, mine):
        expect(each.get_by_text("Agent Three has joined this chat as an observer.")).to_be_visible()
    expect(composer(watched)).not_to_be_editable()
    expect(watched.get_by_text("You are observing")).to_be_visible()
    expect(menu(watched).get_by_text("Observer", exact=True).last).to_have_css("text-transform", "uppercase")
    expect(mine.get_by_role("banner").or_(mine.locator("header"))).to_contain_text("observing")
    say(mine, "Go on")
    expect(lines(watched).filter(has_text="Go on")).to_have_count(1)
    expect(lines(visitor).filter(has_text="Go on")).to_have_count(1)
    assert visitor.get_by_role("log", name="Messages").inner_html().startswith(seen)
    expect(visitor.get_by_text("Agent Three")).to_have_count(0)


@pytest.mark.requirement(35)
def test_participant_joins_writing_and_may_become_observer_again_any_time(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    three, internal = invited(browsers, agent, mine)
    choose(internal, "Participant")
    joined = card(three, "Vera")
    for each in (joined, mine, visitor):
        expect(each.get_by_text("Agent Three has joined this chat.")).to_be_visible()
    say(joined, "I can help")
    expect(lines(visitor).filter(has_text="I can help")).to_contain_text("Agent Three")
    choose(joined, "Observer")
    expect(visitor.get_by_text("Agent Three has left this chat.")).to_be_visible()
    expect(mine.get_by_text("Agent Three has switched to observer mode.")).to_be_visible()
    expect(composer(joined)).not_to_be_editable()
    choose(joined, "Participant")
    expect(visitor.get_by_text("Agent Three has joined this chat.")).to_have_count(2)
    expect(composer(joined)).to_be_editable()
    assert texts(visitor) == texts(joined) == ["Hello", "I can help"]


@pytest.mark.requirement(35)
def test_if_the_target_chat_ends_first_the_two_actions_vanish_and_the_internal_chat_says_why(
    browsers: Browsers,
) -> None:
    agent, visitor, mine = talking(browsers)
    _, internal = invited(browsers, agent, mine)
    expect(menu(internal).get_by_role("button")).to_have_text([*INTERNAL, "Observer", "Participant"])
    visitor.get_by_role("button", name="Close", exact=True).click()
    visitor.get_by_role("button", name="Close chat").click()
    expect(internal.get_by_text("The chat this invitation was for has ended.")).to_be_visible()
    expect(menu(internal).get_by_role("button")).to_have_text(INTERNAL)


@pytest.mark.requirement(35)
def test_channel_change_who_has_no_level_there_is_removed_and_a_line_tells_agents(browsers: Browsers) -> None:
    agent, customer = browsers.agent("agent1"), browsers.customer("customer1")
    ask(customer, "Hello", name=None, channel="Support")
    mine = accept(agent, "Customer One", "General Chat Requests From Customers")
    three, internal = invited(browsers, agent, mine)
    choose(internal, "Participant")
    theirs = card(three, "Customer One")
    expect(theirs).to_be_visible()
    choose(mine, "Channel change")
    dialog = agent.get_by_role("dialog", name="Channel change")
    dialog.get_by_role("combobox", name="New channel").select_option("Billing")
    dialog.get_by_role("button", name="Change channel").click()
    expect(mine.get_by_text("Agent One has changed the channel to Billing.")).to_be_visible()
    expect(menu(mine).get_by_text("Billing")).to_be_visible()
    expect(theirs).to_have_count(0)
    expect(customer.get_by_text("Agent Three has left this chat.")).to_be_visible()
    expect(customer.get_by_text("Billing")).to_have_count(0)


@pytest.mark.requirement(35)
def test_if_no_agent_would_be_left_a_confirm_says_so_and_the_chat_becomes_a_request_with_its_history(
    browsers: Browsers,
) -> None:
    two, owner, customer = browsers.agent("agent2"), browsers.agent("agent1"), browsers.customer("customer1")
    widget = "General Chat Requests From Customers"
    ask(customer, "Hello", name=None, channel="Support")
    mine = accept(two, "Customer One", widget)
    choose(mine, "Channel change")
    dialog = two.get_by_role("dialog", name="Channel change")
    dialog.get_by_role("button", name="Change channel").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Nobody in this chat can answer in Billing.")
    dialog.get_by_role("button", name="Change all the same").click()
    expect(mine).to_have_count(0)
    expect(customer.get_by_text("Please bear with us")).to_be_visible()
    again = accept(owner, "Customer One", widget)
    assert texts(again) == ["Hello"]
    expect(customer.get_by_text("Agent One has joined this chat.")).to_be_visible()


@pytest.mark.requirement(31)
def test_the_header_shows_circle_and_kind_of_each_participant_and_the_three_buttons_in_order(
    browsers: Browsers,
) -> None:
    agent, _, mine = talking(browsers)
    _, internal = invited(browsers, agent, mine)
    choose(internal, "Participant")
    header = mine.locator("header")
    expect(header).to_contain_text("Vera (P)")
    expect(header).to_contain_text("Agent Three (A)")
    expect(header.locator("[data-presence]")).to_have_count(2)
    expect(header.get_by_title("From a public user")).to_be_visible()
    buttons = header.locator(".deeds").get_by_role("button")
    expect(buttons).to_have_text(["Chat menu", "Monitoring: none", "Close chat"])
    expect(buttons.locator("svg")).to_have_count(3)
    theirs = card(agent, "Agent Three").locator("header")
    expect(theirs).to_contain_text("Agent Three (A)")


@pytest.mark.requirement(35)
def test_the_triangle_opens_and_closes_the_menu_by_mouse_and_keys(browsers: Browsers) -> None:
    agent, _, mine = talking(browsers)
    triangle = mine.get_by_role("button", name="Chat menu")
    opened = menu(mine)
    expect(opened.locator(".badge")).to_have_text(["Owner", "Support"])
    expect(opened.locator(".badge").first).to_have_css("text-transform", "uppercase")
    expect(opened.locator(".entry")).to_have_text(
        ["Phone ticket", "Append", "Invite", "Channel change", "Download", "New window", "Hand over"]
    )
    say(mine, "stays open")
    expect(opened).to_be_visible()
    triangle.click()
    expect(opened).to_be_hidden()
    triangle.press("Enter")
    agent.keyboard.press("Tab")
    agent.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(triangle).to_be_focused()
    box = mine.bounding_box()
    triangle.click()
    assert mine.bounding_box() == box, "no card moves"
    assert axe(agent) == []


@pytest.mark.requirement(35)
def test_the_keys_go_on_at_the_triangle_when_the_entry_they_are_on_goes(browsers: Browsers) -> None:
    _, visitor, mine = talking(browsers)
    menu(mine).get_by_role("button", name="Channel change").focus()
    visitor.get_by_role("button", name="Close", exact=True).click()
    visitor.get_by_role("button", name="Close chat").click()
    expect(mine.get_by_role("button", name="Channel change")).to_have_count(0)
    expect(mine.get_by_role("button", name="Chat menu")).to_be_focused()


@pytest.mark.requirement(37)
def test_everybody_else_only_leaves_whatever_his_level_and_a_left_circle_is_pink(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    three, internal = invited(browsers, agent, mine)
    choose(internal, "Participant")
    theirs = card(three, "Vera")
    expect(theirs.get_by_role("button", name="Close chat")).to_have_count(0)
    theirs.get_by_role("button", name="Leave chat").click()
    expect(theirs).to_have_count(0)
    expect(visitor.get_by_text("Agent Three has left this chat.")).to_be_visible()
    gone = mine.locator("header .party").filter(has_text="Agent Three").locator(".circle")
    expect(gone).to_have_attribute("data-state", "inactive")
    expect(mine.get_by_role("button", name="Leave chat")).to_have_count(0)
    expect(lines(visitor)).to_have_count(4)
    # between agents too: who was asked leaves, who asked closes what is left
    internal.get_by_role("button", name="Leave chat").click()
    expect(internal).to_have_count(0)
    other = card(agent, "Agent Three")
    expect(other.get_by_text("Agent Three has left this chat.")).to_be_visible()
    expect(other.locator("header > .circle")).to_have_attribute("data-state", "inactive")
    other.get_by_role("button", name="Close chat").click()
    agent.keyboard.press("Enter")
    expect(other).to_have_count(0)


@pytest.mark.requirement(37)
def test_the_confirm_in_the_card_takes_enter_for_yes_and_escape_for_no(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    mine.get_by_role("button", name="Close chat").click()
    agent.keyboard.press("Escape")
    expect(mine.get_by_role("button", name="Close for everybody")).to_be_hidden()
    mine.get_by_role("button", name="Close chat").click()
    agent.keyboard.press("Enter")
    expect(visitor.get_by_text("Agent One has left this chat.")).to_be_visible()
    expect(mine).to_have_count(0)
    expect(agent.get_by_role("heading", name="My Active Chats")).to_be_focused()


@pytest.mark.requirement(31)
def test_triangle_circle_and_x_stand_at_the_top_right_however_long_the_name_is(browsers: Browsers) -> None:
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    ask(visitor, "Hello", name="W" * 100)
    mine = accept(agent, "W" * 100)
    frame = mine.bounding_box()
    assert frame
    lefts = []
    for name in ("Chat menu", "Monitoring: none", "Close chat"):
        button = mine.get_by_role("button", name=name).bounding_box()
        assert button
        assert button["y"] - frame["y"] < button["height"] / 2
        lefts.append(button["x"])
    assert lefts == sorted(lefts)
    expect(mine.get_by_role("heading", name="W" * 100)).to_have_attribute("title", "W" * 100)
