"""The overviews of Manage Chats (rows 3, 14, 15, 17, 31, 40) as their readers see them."""

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.people import CUSTOMERS, accept, ask, card, lines, region, row, say, talking
from tests.browser.test_menu import PERSONAL, invite
from tests.support.chromium import Browsers, another

PUBLIC = "General Chat Requests From Public Users"
WIDGETS = [CUSTOMERS, PUBLIC, PERSONAL, "My Active Chats"]
COLUMNS = ["Created", "Type", "Channel", "Requester", "Description", "Waiting", "Action"]


@pytest.mark.requirement(3, 14, 15)
def test_manage_chats_is_reached_by_the_menu_and_holds_requests_of_all_three_kinds_and_my_active_chats(
    browsers: Browsers,
) -> None:
    agent, other = browsers.agent("agent1", "/agent/"), browsers.agent("agent2")
    agent.get_by_role("button", name="Chat", exact=True).click()
    agent.get_by_role("link", name="Manage Chats").click()
    expect(agent.get_by_role("heading", level=2)).to_have_text(["Active Chats", *WIDGETS])
    for widget in WIDGETS[:3]:
        expect(region(agent, widget)).to_contain_text("There are currently no chat requests.")
    ask(browsers.visitor(), "The first", "Ada")
    accept(other, "Ada")
    ask(browsers.visitor(), "A public user", "Ben")
    ask(browsers.customer("customer1"), "A customer", name=None, channel="Support")
    invite(other, card(other, "Ada"), "Agent One")
    for widget, name, kind in (
        (CUSTOMERS, "Customer One", "Customer"),
        (PUBLIC, "Ben", "Public"),
        (PERSONAL, "Agent Two", "Agent"),
    ):
        expect(region(agent, widget).get_by_role("columnheader")).to_have_text(COLUMNS)
        expect(row(agent, name, widget).get_by_role("cell").nth(1)).to_have_text(kind)
        accept(agent, name, widget)
    expect(region(agent, "My Active Chats").get_by_role("article")).to_have_count(3)
    for name, letter in (("Customer One", "(C)"), ("Ben", "(P)"), ("Agent Two", "(A)")):
        expect(card(agent, name).locator("header")).to_contain_text(letter)


@pytest.mark.requirement(16, 23)
def test_the_channel_filter_is_one_choice_in_all_tabs_too(browsers: Browsers) -> None:
    agent = browsers.agent("agent1", "/agent/preferences")
    ask(browsers.visitor(), "Hello")
    agent.get_by_role("group", name="My Chat Channels").get_by_role("checkbox", name="Support").uncheck()
    agent.get_by_role("button", name="Save").click()
    other_tab = another(agent)
    for page in (agent, other_tab):
        page.goto("/agent/chats")
        expect(region(page, PUBLIC)).to_contain_text("1 more in other channels")
    region(agent, PUBLIC).get_by_role("radio", name="All Chat Channels").check(force=True)
    for page in (agent, other_tab):
        expect(row(page, "Vera")).to_be_visible()
        for radio in page.get_by_role("radio", name="All Chat Channels").all():
            expect(radio).to_be_checked()


@pytest.mark.requirement(16, 23)
def test_a_tab_whose_socket_was_not_open_yet_finds_what_was_chosen_in_another(browsers: Browsers) -> None:
    agent = browsers.agent("agent1", "/agent/preferences")
    ask(browsers.visitor(), "Hello")
    agent.get_by_role("group", name="My Chat Channels").get_by_role("checkbox", name="Support").uncheck()
    agent.get_by_role("button", name="Save").click()
    agent.goto("/agent/chats")
    other_tab = another(agent)
    held: list[WebSocketRoute] = []

    def hold(socket: WebSocketRoute) -> None:
        held.append(socket)

    other_tab.route_web_socket("**/live", hold)
    other_tab.goto("/agent/chats")
    region(agent, PUBLIC).get_by_role("radio", name="All Chat Channels").check(force=True)
    expect(row(agent, "Vera")).to_be_visible()
    held.pop().connect_to_server()
    expect(row(other_tab, "Vera")).to_be_visible()
    for radio in other_tab.get_by_role("radio", name="All Chat Channels").all():
        expect(radio).to_be_checked()


@pytest.mark.requirement(17)
def test_an_overview_over_all_active_chats_from_which_an_owner_joins_as_observer_or_participant(
    browsers: Browsers,
) -> None:
    owner, participant = browsers.agent("agent2"), browsers.agent("agent3")
    support = region(owner, "Active Chats").get_by_role("link", name="Support")
    expect(support).to_have_text("Support 0 active")
    agent, visitor, mine = talking(browsers)
    expect(support).to_have_text("Support 1 active")
    expect(region(agent, "Active Chats").get_by_role("link", name="Support")).to_have_text("Support 1 active")

    support.click()
    listed = owner.get_by_role("row").filter(has_text="Vera")
    for words in ("Support", "Agent One", "Agent", "Hello"):
        expect(listed).to_contain_text(words)
    region(participant, "Active Chats").get_by_role("link", name="Support").click()
    his = participant.get_by_role("row").filter(has_text="Vera")
    expect(his).to_contain_text("Agent One")
    expect(his).not_to_contain_text("Hello")
    expect(his.get_by_role("button")).to_have_count(0)

    seen = said(visitor)
    listed.get_by_role("button", name="Observer in the chat of Vera").click()
    watched = card(owner, "Vera")
    expect(watched.get_by_text("Agent Two has joined this chat as an observer.")).to_be_visible()
    say(mine, "Good morning")
    expect(lines(watched).filter(has_text="Good morning")).to_have_count(1)
    expect(lines(visitor).filter(has_text="Good morning")).to_have_count(1)
    assert said(visitor)[:-1] == seen

    watched.get_by_role("button", name="Leave chat").click()
    expect(watched).to_have_count(0)
    support.click()
    listed.get_by_role("button", name="Participant in the chat of Vera").click()
    for party in (watched, mine, visitor):
        expect(party.get_by_text("Agent Two has joined this chat.", exact=True)).to_be_visible()
    mine.get_by_role("button", name="Close chat").click()
    mine.get_by_role("button", name="Close for everybody").click()
    expect(participant.get_by_text("Nobody is chatting here at the moment.")).to_be_visible()


def said(guest: Page) -> list[str]:
    """Return the lines of a guest as they stand in the page, but for marks, which move as they are read."""
    found: list[str] = lines(guest).evaluate_all(
        """all => all.map((line) => {
          const copy = line.cloneNode(true);
          copy.querySelector('.mark')?.remove();
          copy.removeAttribute('data-mark');
          return copy.outerHTML;
        })"""
    )
    return found


@pytest.mark.requirement(17, 31, 40)
def test_closed_chats_are_found_and_read_and_stand_beside_the_next_chat_of_the_same_customer(
    browsers: Browsers,
) -> None:
    agent, customer = browsers.agent("agent1"), browsers.customer("customer1")
    ask(customer, "Where is invoice 7?", name=None, channel="Billing")
    mine = accept(agent, "Customer One", CUSTOMERS)
    say(mine, "On its way")
    mine.get_by_role("button", name="Close chat").click()
    mine.get_by_role("button", name="Close for everybody").click()
    expect(mine).to_have_count(0)

    again(customer, "And invoice 8?")
    mine = accept(agent, "Customer One", CUSTOMERS)
    mine.get_by_text("About this customer").click()
    expect(mine.get_by_role("heading", name="Earlier chats (1)")).to_be_visible()
    expect(mine.get_by_role("definition").filter(has_text="/external/")).to_have_count(2)
    expect(mine.get_by_role("definition").filter(has_text="en-GB")).to_have_count(1)
    customer.goto("/external/?another=page")
    expect(mine.get_by_role("link", name=re.compile("invoice 7"))).to_be_visible()

    mine.get_by_role("link", name="Acme Ltd").click()
    expect(agent.get_by_role("checkbox", name="Only Acme Ltd")).to_be_checked()
    agent.get_by_role("button", name="Chat", exact=True).click()
    agent.get_by_role("link", name="Closed Chats").click()
    agent.get_by_role("searchbox", name="Text").fill("no such words")
    agent.keyboard.press("Enter")
    expect(agent.get_by_text("No closed chat is like this.")).to_be_visible()
    agent.get_by_role("searchbox", name="Text").fill("ON ITS way")
    agent.get_by_label("Day").fill(agent.evaluate("new Date().toLocaleDateString('sv')"))
    agent.get_by_role("button", name="Search").click()
    found = agent.get_by_role("link", name="Customer One")
    found.focus()
    agent.keyboard.press("Enter")
    expect(agent.get_by_role("heading", name="Chat with Customer One")).to_be_visible()
    for words in ("Where is invoice 7?", "On its way", "Agent One has left this chat.", "Billing"):
        expect(agent.get_by_role("main")).to_contain_text(words)


@pytest.mark.requirement(9)
def test_the_circle_before_a_name_is_pink_green_red_and_black_each_with_its_reason(
    browsers: Browsers,
) -> None:
    agent, visitor = browsers.agent("agent1"), browsers.visitor()
    ask(visitor, "Hello")
    shown = visitor.locator("#window-view .circle")
    expect(shown).to_have_attribute("title", "inactive: has not accepted yet")
    mine = accept(agent, "Vera")
    expect(shown).to_have_attribute("data-state", "active")
    agent.get_by_role("button", name="Choose a position").click()
    agent.get_by_role("button", name="internal", exact=True).click()
    expect(shown).to_have_attribute("title", re.compile("^unavailable"))
    guest = mine.locator("header .circle").first
    expect(guest).to_have_attribute("data-state", "active")
    visitor.context.close()
    expect(guest).to_have_attribute("data-state", "offline", timeout=60_000)
    expect(guest).to_have_attribute("title", re.compile("^offline"))


def again(customer: Page, text: str) -> None:
    """Begin another conversation after the first one ended."""
    customer.reload()
    if not customer.get_by_role("button", name="New conversation").is_visible():
        chat = customer.get_by_role("button", name="Chat", exact=True)
        back = customer.get_by_role("button", name=re.compile("Back|New conversation"))
        expect(chat.or_(back).first).to_be_visible()
        (chat if chat.is_visible() else back.first).click()
    customer.get_by_role("button", name="New conversation").click()
    customer.get_by_role("combobox", name="Channel").select_option("Billing")
    customer.get_by_role("textbox", name="Your message").fill(text)
    customer.get_by_role("button", name="Send", exact=True).click()
    expect(lines(customer).filter(has_text=text)).to_have_count(1)
