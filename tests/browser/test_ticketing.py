"""A chat becomes a ticket (rows 26, 35, 37) in real browsers."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import CLOSED, CUSTOMERS, accept, ask, card, composer, lines, say, talking
from tests.browser.test_menu import choose, menu
from tests.support.chromium import Browsers, axe

CREATE = "Create ticket and close chat"


def panel(agent: Page, name: str) -> Locator:
    """Return the form beside the chats."""
    found = agent.get_by_role("dialog", name=name)
    expect(found).to_be_visible()
    return found


def with_customer(browsers: Browsers) -> tuple[Page, Page, Locator]:
    """Return the agent's page, Customer One's page and the agent's card of a chat that runs."""
    agent, customer = browsers.agent("agent1"), browsers.customer("customer1")
    ask(customer, "My invoice is wrong", None, "Support")
    return agent, customer, accept(agent, "Customer One", CUSTOMERS)


def make_ticket(agent: Page, subject: str, state: str = "open") -> str:
    """Make a ticket of Customer One by the form of the tickets room; return its number."""
    agent.goto("/agent/tickets/new")
    agent.get_by_role("searchbox", name="Search customer users").fill("Customer One")
    agent.get_by_role("radio", name=re.compile("Customer One")).check()
    agent.get_by_role("textbox", name="Subject").fill(subject)
    agent.get_by_role("textbox", name="Text").fill("What it is about")
    agent.get_by_role("combobox", name="Queue").select_option("Support")
    agent.get_by_role("combobox", name="Next state").select_option(state)
    agent.get_by_role("button", name="Create ticket").click()
    agent.wait_for_url(re.compile(r"/agent/tickets/\d+$"))
    return agent.url.rpartition("/")[2]


@pytest.mark.requirement(35)
@pytest.mark.requirement(58)
def test_phone_ticket_holds_every_line_also_those_that_came_while_the_form_was_open_and_the_chat_is_closed(
    browsers: Browsers,
) -> None:
    agent, customer, mine = with_customer(browsers)
    choose(mine, "Phone ticket")
    form = panel(agent, "Phone ticket")
    expect(form.get_by_role("group", name="Protocol so far")).to_contain_text("My invoice is wrong")
    expect(form.get_by_role("radio", name=re.compile("Customer One"))).to_be_checked()
    expect(form.get_by_role("textbox", name="Subject")).to_have_value("My invoice is wrong")
    expect(form.get_by_role("combobox", name="Queue").locator(":checked")).to_have_text("Support")
    say(mine, "Typed beside the form")
    say(customer, "Answered meanwhile")
    expect(lines(mine).filter(has_text="Answered meanwhile")).to_have_count(1)
    assert axe(agent) == []
    form.get_by_role("button", name=CREATE).click()
    done = panel(agent, "The chat is in its ticket")
    expect(customer.get_by_text(CLOSED).first).to_be_visible()
    expect(mine.get_by_role("link", name=re.compile("Ticket"))).to_be_visible()
    expect(composer(mine)).not_to_be_editable()
    expect(menu(mine).get_by_role("button", name="Phone ticket")).to_have_count(0)
    done.get_by_role("link", name=re.compile("Ticket")).click()
    article = agent.get_by_role("region", name="Articles")
    for text in ("My invoice is wrong", "Typed beside the form", "Answered meanwhile", "has left this chat"):
        expect(article.get_by_text(text)).to_be_visible()
    agent.get_by_role("region", name="Linked chats").get_by_role("link").click()
    expect(agent.get_by_role("heading", level=1)).to_have_text("Chat with Customer One")
    agent.get_by_role("article").get_by_role("link", name=re.compile("Ticket")).click()
    expect(article.get_by_text("My invoice is wrong")).to_be_visible()


@pytest.mark.requirement(35)
def test_append_finds_a_ticket_by_number_title_and_customer_the_customers_open_tickets_first(
    browsers: Browsers,
) -> None:
    maker = browsers.agent("agent1", "/agent/tickets/new")
    over = make_ticket(maker, "Printer of old", "closed successful")
    number = make_ticket(maker, "Printer on fire")
    agent, customer, mine = with_customer(browsers)
    choose(mine, "Append")
    form = panel(agent, "Append")
    found = form.get_by_role("radio")
    expect(found).to_have_count(2)
    expect(found.first).to_have_value(number)
    expect(found.last).to_have_value(over)
    both = [number, over]
    search = form.get_by_role("searchbox", name="Search tickets")
    for words, wanted in (
        ("fire", [number]),
        (over, [over]),
        ("nothing such", []),
        ("customer1", both),
    ):
        search.fill(words)
        expect(found).to_have_count(len(wanted))
        for place, each in enumerate(wanted):
            expect(found.nth(place)).to_have_value(each)
    found.first.check()
    say(mine, "Typed beside the form")
    say(customer, "Answered meanwhile")
    expect(lines(mine).filter(has_text="Answered meanwhile")).to_have_count(1)
    expect(found.first).to_be_checked()
    form.get_by_role("button", name="Append and close chat").click()
    done = panel(agent, "The chat is in its ticket")
    expect(customer.get_by_text(CLOSED).first).to_be_visible()
    expect(composer(mine)).not_to_be_editable()
    expect(mine.get_by_role("link", name=f"Ticket {number}")).to_be_visible()
    done.get_by_role("link", name=f"Ticket {number}").click()
    article = agent.get_by_role("article", name="Chat with Customer One")
    for text in ("My invoice is wrong", "Typed beside the form", "Answered meanwhile", "has left this chat"):
        expect(article.get_by_text(text)).to_be_visible()
    agent.get_by_role("region", name="Linked chats").get_by_role("link").click()
    agent.get_by_role("article").get_by_role("link", name=f"Ticket {number}").click()
    expect(article.get_by_text("My invoice is wrong")).to_be_visible()


@pytest.mark.requirement(35)
def test_a_form_that_is_abandoned_or_invalid_leaves_the_chat_as_it_was_and_keeps_what_was_typed(
    browsers: Browsers,
) -> None:
    agent, visitor, mine = talking(browsers)
    choose(mine, "Phone ticket")
    form = panel(agent, "Phone ticket")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Vera")
    form.get_by_role("textbox", name="Subject").fill("Kept words")
    form.get_by_role("textbox", name="Text").fill("He called as well")
    form.get_by_label("Attachments").set_input_files({"name": "a.txt", "mimeType": "", "buffer": b"x"})
    form.get_by_role("combobox", name="Queue").select_option("")
    form.get_by_role("button", name=CREATE).click()
    expect(form.get_by_role("alert").filter(has_text="Please choose a queue.")).to_be_visible()
    expect(form.get_by_role("textbox", name="Subject")).to_have_value("Kept words")
    expect(form.get_by_role("textbox", name="Text")).to_have_value("He called as well")
    expect(form.get_by_label("Attachments")).to_have_value(re.compile("a.txt$"))
    choose(mine, "Append")
    expect(form.get_by_role("alert").filter(has_text="This form is open still.")).to_be_visible()
    expect(form.get_by_role("textbox", name="Subject")).to_have_value("Kept words")
    form.get_by_role("button", name="Cancel").click()
    expect(form).to_have_count(0)
    expect(menu(mine).get_by_role("button", name="Append")).to_be_visible()
    say(visitor, "Are you there?")
    expect(lines(mine).filter(has_text="Are you there?")).to_have_count(1)
    choose(mine, "Append")
    expect(panel(agent, "Append").get_by_role("heading", name="Append")).to_be_focused()
    agent.keyboard.press("Escape")
    expect(agent.get_by_role("dialog", name="Append")).to_have_count(0)
    expect(menu(mine).get_by_role("button", name="Append")).to_be_focused()


@pytest.mark.requirement(26)
def test_an_agent_starts_a_chat_from_ticket_zoom_and_it_is_tied_to_the_ticket(browsers: Browsers) -> None:
    customer = browsers.customer("customer1")
    agent = browsers.agent("agent1", "/agent/tickets/new")
    number = make_ticket(agent, "Printer on fire")
    agent.reload()
    agent.get_by_role("button", name="Start chat with Customer One").click()
    dialog = agent.get_by_role("dialog", name="Start Chat")
    dialog.get_by_role("textbox", name="Message").fill("About your printer")
    dialog.get_by_role("button", name="Send").click()
    mine = card(agent, "Customer One")
    expect(mine.get_by_role("link", name=f"Ticket {number}")).to_be_visible()
    customer.get_by_role("button", name="Accept").first.click()
    expect(mine.get_by_text("Customer One has joined this chat.")).to_be_visible()
    expect(menu(mine).locator(".badge")).to_have_text(["Owner", "Support"])
    choose(mine, "Append")
    form = panel(agent, "Append")
    expect(form.get_by_role("radio", name=re.compile(number))).to_be_checked()


@pytest.mark.requirement(26)
def test_an_agent_starts_a_chat_from_the_customer_user_information_center(browsers: Browsers) -> None:
    customer, agent = browsers.customer("customer1"), browsers.agent("agent1", "/agent/customers")
    agent.get_by_role("link", name="Customer One").click()
    agent.get_by_role("button", name="Start chat with Customer One").click()
    dialog = agent.get_by_role("dialog", name="Start Chat")
    dialog.get_by_role("textbox", name="Message").fill("Have you a minute?")
    dialog.get_by_role("button", name="Send").click()
    mine = card(agent, "Customer One")
    customer.get_by_role("button", name="Accept").first.click()
    expect(mine.get_by_text("Customer One has joined this chat.")).to_be_visible()
    agent.goto("/agent/customers")
    agent.get_by_role("link", name="Customer One").click()
    agent.get_by_role("region", name="Chats").get_by_role("link", name="Chat with Customer One").click()
    expect(mine).to_be_visible()
    assert axe(agent) == []
