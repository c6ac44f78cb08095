"""Page before and what was pushed make the page fetched fresh: each deed of the chat menu, for all around."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from helpdesk.chat.models import Channel
from helpdesk.database import now, transaction
from helpdesk.realtime.models import Presence
from tests.browser.people import CLOSED, CUSTOMERS, accept, ask, card, lines, open_window, row, say
from tests.browser.stage import Seat, equal
from tests.browser.test_files import choose as choose_file
from tests.browser.test_menu import PERSONAL, choose, invite
from tests.browser.test_notes import note_box, switch
from tests.browser.test_reading import mark
from tests.chat.people import House
from tests.support.chromium import Browsers
from tests.support.servers import Server

CONSOLE = re.compile(r"/agent/chats(#.*)?$")
PUBLIC = "General Chat Requests From Public Users"


@dataclass
class Side:
    """One of two chats that run beside each other, and who is in charge of it at first."""

    guest: str
    window: Page
    agent: Page
    name: str

    @property
    def mine(self) -> Locator:
        """The card of who is in charge at first."""
        return card(self.agent, self.guest)


@dataclass
class Room:
    """Everybody: each of the two in charge is to the other chat another agent with a level on its channel."""

    sides: tuple[Side, Side]
    participant: Page
    observer: Page
    seats: dict[Page, Seat]

    def equal(self, after: str) -> None:
        """Compare all pages with what they would be if they were fetched now."""
        equal(after, *self.seats.values())


@pytest.fixture
def room(server: Server, browsers: Browsers) -> Room:
    """A visitor's chat of Agent One and a customer's of Admin, who only observes in Billing."""
    with server.beside() as app:
        House(app).grant("admin", "Support", "chat_owner")
        House(app).grant("admin", "Billing", "chat_observer")
        with transaction() as tx:
            tx.execute(update(Channel).where(Channel.name == "Billing").values(is_for_public=True))
    one, admin, two, three = map(browsers.agent, ("agent1", "admin", "agent2", "agent3"))
    visitor, customer = browsers.visitor(), browsers.customer("customer1")
    ask(visitor, "Hello", channel="Support")
    ask(customer, "Hello", name=None, channel="Support")
    accept(one, "Vera", PUBLIC)
    accept(admin, "Customer One", CUSTOMERS)
    seats = {page: Seat(page) for page in (one, admin, two, three)}
    seats |= {page: Seat(page, "#window") for page in (visitor, customer)}
    sides = Side("Vera", visitor, one, "Agent One"), Side("Customer One", customer, admin, "Admin")
    return Room(sides, participant=three, observer=two, seats=seats)


@pytest.mark.requirement(20, 35, 36, 37, 38, 39, 40, 41)
def test_what_was_pushed_equals_what_is_fetched_fresh_after_every_deed_of_the_menu(
    room: Room, server: Server
) -> None:
    room.equal("accepted")
    for deed in chain(
        joining(room),
        joining_agents(room),
        switching(room),
        writing(room),
        reading(room),
        handing_over(room),
        taking_over(room, server),
        changing_channel(room),
        ending(room),
    ):
        room.equal(deed)


def joining(room: Room) -> Iterator[str]:
    for side in room.sides:
        invite(side.agent, side.mine, "Agent Three")
        shut(side.mine)
    yield "invited"
    for side in room.sides:
        accept(room.participant, side.name, PERSONAL)
    yield "invitation accepted"
    for side in room.sides:
        choose(card(room.participant, side.name), "Participant")
        shut(card(room.participant, side.name))
        expect(card(room.participant, side.guest)).to_be_visible()
    yield "a participant joins"
    for side in room.sides:
        overview = room.seats[room.observer].tab
        overview.goto("/agent/chats/running")
        overview.get_by_role("button", name=f"Observer in the chat of {side.guest}").click()
        expect(overview).to_have_url(CONSOLE)
        expect(card(room.observer, side.guest)).to_be_visible()
    yield "an observer joins"


def joining_agents(room: Room) -> Iterator[str]:
    one, three, two = room.sides[0].agent, room.participant, room.observer
    internal = card(three, "Agent One")
    invite(three, internal, "Agent Two")
    shut(internal)
    asked = accept(two, "Agent Three", PERSONAL)
    yield "invited to a chat between agents"
    words = {"Observer": "has joined this chat as an observer.", "Participant": "has joined this chat."}
    for entry, says in words.items():
        choose(asked, entry)
        shut(asked)
        expect(lines(card(one, "Agent Three")).last).to_contain_text(f"Agent Two {says}")
        yield f"{entry} between agents"
    card(two, "Agent One").get_by_role("button", name="Leave chat").click()
    expect(card(two, "Agent One")).to_have_count(0)
    yield "left agents alone"


def switching(room: Room) -> Iterator[str]:
    for entry in ("Observer", "Participant"):
        for side in room.sides:
            choose(card(room.participant, side.guest), entry)
            shut(card(room.participant, side.guest))
            words = {"Observer": "has switched to observer mode.", "Participant": "has joined this chat."}
            expect(lines(side.mine).last).to_contain_text(words[entry])
        yield f"switched to {entry}"


def writing(room: Room) -> Iterator[str]:
    for side in room.sides:
        switch(side.mine).click()
        note_box(side.mine).fill("between us")
        note_box(side.mine).press("Enter")
        switch(side.mine).click()
        expect(lines(side.mine).last).to_contain_text("between us")
    yield "noted"
    for side in room.sides:
        choose_file(side.window, side.window, "question.txt", b"why?")
        choose_file(room.participant, card(room.participant, side.guest), "answer.txt", b"because")
        expect(lines(side.mine).filter(has_text=".txt")).to_have_count(2)
    yield "attached"
    for side in room.sides:
        monitoring = side.mine.get_by_role("button", name="Monitoring: ")
        monitoring.click()
        expect(monitoring).to_have_text("Monitoring: customer activity")
    yield "monitored"


def reading(room: Room) -> Iterator[str]:
    for side in room.sides:
        room.seats[side.window].look_away()
        side.window.get_by_role("button", name="Minimize").click()
        say(side.mine, "behind the button")
        expect(mark(side.mine, "behind the button")).to_have_attribute("aria-label", "Delivered")
    yield "delivered"
    for side in room.sides:
        open_window(side.window)
        expect(mark(side.mine, "behind the button")).to_have_attribute("aria-label", "Seen")
    yield "seen"


def handing_over(room: Room) -> Iterator[str]:
    for side in room.sides:
        choose(side.mine, "Hand over")
        dialog = side.agent.get_by_role("dialog", name="Hand over")
        dialog.get_by_label("Offer this chat to").select_option("Agent Two")
        dialog.get_by_role("button", name="Offer").click()
        shut(side.mine)
        expect(row(room.observer, side.guest, PERSONAL)).to_contain_text(f"{side.name} offers you this chat.")
    yield "offered"
    for side in room.sides:
        accept(room.observer, side.guest, PERSONAL)
        expect(side.mine.get_by_role("button", name="Leave chat")).to_be_visible()
    yield "taken"
    for side in room.sides:
        side.mine.get_by_role("button", name="Leave chat").click()
        expect(side.mine).to_have_count(0)
    yield "left"


def taking_over(room: Room, server: Server) -> Iterator[str]:
    lost = room.observer
    lost.get_by_role("button", name="Sign out").click()
    lost.get_by_role("dialog", name="You have chats in hand").get_by_role(
        "button", name="Stay in charge"
    ).click()
    expect(lost.get_by_role("button", name="Sign in")).to_be_visible()
    del room.seats[lost]
    with server.beside(), transaction() as tx:
        tx.execute(update(Presence).values(changed_at=now() - timedelta(minutes=3)))
    for side in room.sides:
        expect(row(side.agent, side.guest, PERSONAL)).to_be_visible(timeout=30_000)
    yield "lost"
    for side in room.sides:
        accept(side.agent, side.guest, PERSONAL)
        expect(side.window.get_by_text(f"{side.name} has taken over this chat.")).to_be_visible()
    yield "taken over"


def changing_channel(room: Room) -> Iterator[str]:
    for side in room.sides:
        choose(side.mine, "Channel change")
        dialog = side.agent.get_by_role("dialog", name="Channel change")
        dialog.get_by_role("combobox", name="New channel").select_option("Billing")
        dialog.get_by_role("button", name="Change channel").click()
        if side.name == "Admin":
            dialog.get_by_role("button", name="Change all the same").click()
        expect(card(room.participant, side.guest)).to_have_count(0)
    shut(room.sides[0].mine)
    yield "channel changed"
    accept(room.sides[0].agent, "Customer One", CUSTOMERS)
    yield "accepted again"


def ending(room: Room) -> Iterator[str]:
    (vera, customer), agent = room.sides, room.sides[0].agent
    vera.mine.get_by_role("button", name="Close chat").click()
    vera.mine.get_by_role("button", name="Close for everybody").click()
    customer.window.get_by_role("button", name="Close", exact=True).click()
    customer.window.get_by_role("button", name="Close chat").click()
    expect(vera.window.get_by_text(CLOSED)).to_be_visible()
    expect(card(agent, "Customer One").get_by_text(CLOSED)).to_be_visible()
    yield "closed"
    card(agent, "Customer One").get_by_role("button", name="Dismiss").click()
    expect(card(agent, "Customer One")).to_have_count(0)
    yield "dismissed"


def shut(mine: Locator) -> None:
    """Close the menu of a card."""
    mine.get_by_role("button", name="Chat menu").click()
