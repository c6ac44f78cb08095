"""Ticket Zoom as a stranger sees it; axe finds nothing, and a double click writes one article."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from helpdesk.database import transaction
from helpdesk.tickets import articles, changing, merging, queues
from helpdesk.tickets.articles import Draft, File, Said
from helpdesk.tickets.models import AGENT, CHAT, EMAIL, NOTE, Queue
from tests.browser.test_looks import look
from tests.browser.test_menu import choose
from tests.browser.test_ticketing import CREATE, panel, with_customer
from tests.support.chromium import Browsers
from tests.support.servers import Server
from tests.tickets.desk import Desk

LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 3


@pytest.mark.requirement(55)
def test_ticket_zoom_is_pictured_and_axe_finds_nothing(browsers: Browsers, server: Server) -> None:
    with server.beside():
        number = worked_on(desk := Desk())
        with transaction() as tx:
            group_id = tx.scalars(select(Queue.group_id).where(Queue.name == "Support")).one()
            names = "Q" * 200, *(f"Queue {n}" for n in range(12))
            made = [queues.create(tx, name, group_id) for name in names]
        changing.move(desk.relation("agent1", desk.make(LONG)), made[0])
    agent = browsers.agent("agent1", f"/agent/tickets/{number}")
    expect(agent.get_by_role("heading", name="Customer Information")).to_be_visible()
    look(agent, "zoom")
    agent.locator("summary", has_text="State").click()
    expect(agent.get_by_label("Pending until")).to_be_hidden()
    agent.get_by_label("State", exact=True).select_option("pending reminder")
    agent.get_by_label("Pending until").fill("2020-01-01T10:00")
    agent.get_by_role("button", name="Change state").click()
    expect(agent.get_by_text("Please enter a time in the future")).to_be_visible()
    look(agent, "zoom-refused")
    agent.locator("summary", has_text="Note").click()
    note = agent.get_by_role("form", name="Add note")
    expect(agent.get_by_label("Pending until")).to_be_hidden()
    note.get_by_label("Text").fill("He will call back tomorrow.")
    look(agent, "zoom-note")
    note.get_by_role("button", name="Add note").dblclick()
    expect(agent.get_by_role("article")).to_have_count(6)
    agent.locator("summary", has_text="State").click()
    agent.get_by_label("State", exact=True).select_option("pending reminder")
    agent.get_by_label("Pending until").fill("2030-01-01T10:00")
    agent.get_by_role("button", name="Change state").click()
    agent.locator("summary", has_text="State").click()
    expect(agent.get_by_label("Pending until")).to_have_value("2030-01-01T10:00")
    agent.get_by_role("link", name="History").click()
    expect(agent.get_by_text("Note added as article 6, internal.")).to_have_count(1)
    look(agent, "ticket-history")
    agent.goto("/agent/tickets")
    look(agent, "ticket-list-many")


@pytest.mark.requirement(26, 35, 56)
def test_chats_and_tickets_that_lead_to_each_other_are_pictured_and_axe_finds_nothing(
    browsers: Browsers,
) -> None:
    agent, customer, mine = with_customer(browsers)
    choose(mine, "Append")
    panel(agent, "Append")
    look(agent, "append")
    agent.keyboard.press("Escape")
    choose(mine, "Phone ticket")
    form = panel(agent, "Phone ticket")
    look(agent, "chat-phone-ticket")
    form.get_by_role("button", name=CREATE).click()
    done = panel(agent, "The chat is in its ticket")
    look(agent, "chat-in-ticket")
    done.get_by_role("link", name=re.compile("Ticket")).click()
    expect(agent.get_by_role("heading", name="Linked chats")).to_be_visible()
    look(agent, "zoom-chat")
    agent.get_by_role("link", name="Customer One", exact=True).click()
    expect(agent.get_by_role("heading", name="Chats")).to_be_visible()
    look(agent, "customer-chats")
    agent.get_by_role("button", name="Start chat with Customer One").click()
    expect(agent.get_by_role("dialog", name="Start Chat")).to_be_visible()
    look(agent, "customer-start-chat")


def worked_on(desk: Desk) -> str:
    """Return the number of a ticket with articles of every kind."""
    number = desk.make("The printer on the third floor has no paper", text="Please help.\n\n  Kind regards")
    one = desk.who("agent1")

    def add(channel: str, subject: str, text: str, **more: object) -> None:
        draft = Draft(channel, AGENT, one.person_id, one.name, subject=subject, text=text, **more)  # type: ignore[arg-type]
        with transaction() as tx:
            articles.add(tx, desk.ticket(number).id, draft)

    at = desk.ticket(number).created_at
    said = [
        Said(1, at, "", True, False, "Agent One has joined this chat."),
        Said(2, at, "Customer One", False, False, "My printer has no paper. " * 6),
        Said(3, at, "Agent One", False, True, "He is in the other building."),
        Said(4, at, "Agent One", False, False, LONG),
    ]
    add(CHAT, "Chat in Support", "", is_visible=True, said=said, said_to_customer=[said[1], said[3]])
    add(NOTE, "Note", "He is angry.", is_visible=False, files=[File(f"{LONG}.pdf", "pdf", b"x" * 4000)])
    add(EMAIL, "Re: paper", "It is on its way.", is_visible=True, recipient="customer1@example.com")
    add(NOTE, LONG, LONG, is_visible=True)
    for title in ("Paper was delivered", LONG):
        merging.link(desk.relation("agent1", number), desk.relation("agent1", desk.make(title)))
    changing.set_owner(desk.relation("agent1", number), one.person_id)
    return number
