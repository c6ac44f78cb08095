"""Manage Chats: lists, counts, cards and headers, and the checks that spare rendering them."""

import pytest
from sqlalchemy import update

from helpdesk.database import now, transaction
from helpdesk.realtime import presence, service
from helpdesk.realtime.models import Lease
from tests.chat.reading import cards_of, circle_of, counts_of, find, rows_of, same, tree, words
from tests.chat.test_begin import setting

TITLES = [
    "General Chat Requests From Customers",
    "General Chat Requests From Public Users",
    "Personal Chat Requests For You",
    "My Active Chats",
]
COLUMNS = ["Created", "Type", "Channel", "Requester", "Description", "Waiting", "Action"]


def go_away(person_id):
    """Let his lease end: as when his browser was gone for long enough."""
    with transaction() as tx:
        tx.execute(
            update(Lease).where(Lease.person_id == person_id).values(alive_until=now().replace(year=2020))
        )
    service().leases.forget(person_id)
    presence.settle([person_id])


@pytest.mark.requirement(14)
@pytest.mark.requirement(15)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_widgets_and_their_columns_are_in_order(agent):
    root = tree(agent.get("/chats").text)
    titles = [words(each) for each in root.iter("h2")]
    assert [title for title in titles if title in TITLES] == TITLES
    tables = list(root.iter("table"))
    assert len(tables) == 3
    for table in tables:
        assert [words(each) for each in table.iter("th")] == COLUMNS
        assert "There are currently no chat requests." in words(table)


@pytest.mark.requirement(14)
def test_the_menu_leads_to_it_for_those_with_a_level_only(house, agent):
    assert "Manage Chats" in agent.get("/").text
    house.revoke("agent3", "Support", "chat_participant")
    stranger = house.agent("agent3", is_here=False)
    page = stranger.get("/").text
    for text in ("Manage Chats", "Closed Chats", "Availability", "open chat request"):
        assert text not in page
    assert stranger.get("/chats").status_code == 403


@pytest.mark.requirement(15)
def test_the_oldest_is_first_and_each_kind_in_its_place(visitor, customer, house, agent):
    mine = [visitor.begun(f"{n}") for n in range(3)]
    his = customer.begun()
    assert agent.waiting("public") == mine
    assert agent.waiting("customer") == [his]
    assert agent.waiting("personal") == []
    assert agent.requests("other").status_code == 404


@pytest.mark.requirement(20)
def test_the_toolbar_counts_every_channel_with_a_level(visitor, customer, house, agent):
    visitor.begun()
    customer.begun(channel=house.channel("Support"))
    customer.begun(channel=house.channel("Billing"))
    support, billing = house.channel("Support"), house.channel("Billing")
    assert counts_of(agent.get("/chats/waiting").text) == {support: (1, 1), billing: (1, 0)}
    assert "3 open chat requests" in words(tree(agent.get("/").text))
    participant = house.agent("agent3")
    assert counts_of(participant.get("/chats/waiting").text) == {support: (1, 1)}
    assert "2 open chat requests" in words(tree(participant.get("/").text))


@pytest.mark.requirement(16)
def test_the_filter_is_first_mine_and_is_remembered_for_both_lists(customer, house, agent):
    chats = [customer.begun(channel=house.channel(name)) for name in ("Support", "Billing")]
    assert agent.send("/preferences", channel=house.channel("Billing")).status_code == 303
    assert agent.waiting("customer") == chats[1:]
    answer = agent.filter("all")
    assert {row.public_id for row in rows_of(answer.text)} == set(chats)
    assert set(agent.waiting("customer")) == set(chats)
    again = house.agent("agent1")
    assert set(again.waiting("customer")) == set(chats)
    assert agent.filter("mine").status_code == 200
    assert again.waiting("customer") == chats[1:]
    assert set(house.agent("agent2").waiting("customer")) == set(chats), "another agent has his own"
    support = house.channel("Support")
    assert counts_of(agent.get("/chats/waiting").text)[support] == (1, 0), "what is hidden is counted"


@pytest.mark.requirement(16)
def test_an_unknown_filter_is_mine(agent):
    assert agent.filter("'; DROP TABLE chat --").status_code == 200
    assert "checked" in agent.get("/chats").text


@pytest.mark.requirement(20)
def test_an_unchanged_list_is_not_sent_again_and_a_changed_one_is(visitor, agent, house, customer):
    etag = agent.requests().headers["ETag"]

    def is_new(kind="public"):
        nonlocal etag
        answer = agent.requests(kind, headers={"If-None-Match": etag})
        etag = answer.headers["ETag"]
        assert answer.status_code == 200 or answer.data == b""
        return answer.status_code == 200

    assert not is_new()
    chat = visitor.begun()
    assert is_new()
    assert not is_new()
    go_away(house.chat(chat).requester_id)
    assert is_new(), "the circle is black now"
    assert not is_new()
    visitor.withdraw(chat)
    assert is_new()
    house.grant("agent1", "users", "chat_observer")
    assert is_new(), "another channel is shown"
    agent.send("/preferences", channel=house.channel("Billing"))
    assert is_new()
    setting("ChatEngine::CustomerOnlineThreshold", 7)
    assert is_new(), "the words of circles hold the limit"
    assert not is_new()


@pytest.mark.requirement(9)
def test_circles_of_rows_and_headers_follow_the_requester(visitor, agent, house):
    chat = visitor.begun()
    person_id = house.chat(chat).requester_id
    assert [row.circle for row in rows_of(agent.requests().text)] == ["active"]
    agent.accept(chat)
    etag = agent.header(chat).headers["ETag"]
    assert circle_of(agent.header(chat).text) == ("active", "active")
    assert agent.header(chat, headers={"If-None-Match": etag}).status_code == 304
    go_away(person_id)
    answer = agent.header(chat, headers={"If-None-Match": etag})
    assert circle_of(answer.text) == ("offline", "offline: signed out or not connected")
    visitor.home()
    assert circle_of(agent.header(chat).text)[0] == "active"


@pytest.mark.requirement(9)
def test_the_guest_sees_pink_then_the_agent_and_red_for_internal(visitor, agent):
    chat = visitor.begun()
    assert circle_of(visitor.status(chat).text) == ("inactive", "inactive: has not accepted yet")
    agent.accept(chat)
    assert circle_of(visitor.status(chat).text)[0] == "active"
    for position, state in (("1", "unavailable"), ("0", "unavailable"), ("2", "active")):
        etag = visitor.status(chat).headers["ETag"]
        agent.send("/availability", to=position)
        answer = visitor.status(chat, headers={"If-None-Match": etag})
        assert answer.status_code in (200, 304)
        assert circle_of(visitor.status(chat).text)[0] == state
    go_away(agent.person_id)
    assert circle_of(visitor.status(chat).text)[0] == "offline"


@pytest.mark.requirement(9)
def test_a_change_of_colour_is_told_to_agents_and_to_the_guests_of_his_chats(visitor, agent, house, hearing):
    chat, other = visitor.begun(), house.visitor()
    other_chat = other.begun()
    agent.accept(chat)
    hearing.clear()
    go_away(agent.person_id)
    number, other_number = house.chat(chat).id, house.chat(other_chat).id
    [frame] = [f for f in hearing.on(f"chat:{number}:guests") if "presence" in f]
    assert (frame["presence"], frame["state"]) == (f"agent-{chat}", "offline")
    assert not hearing.on(f"chat:{other_number}:guests")
    assert [f["presence"] for f in hearing.on("presence")] == [str(agent.person_id)]
    hearing.clear()
    go_away(house.chat(chat).requester_id)
    assert hearing.topics("presence") == {"presence"}, "of guests only agents hear"


@pytest.mark.requirement(19)
def test_cards_stand_in_the_order_of_acceptance_and_new_ones_come_last(visitor, agent):
    first, second, third = (visitor.begun() for _ in range(3))
    for chat in (second, third, first):
        agent.accept(chat)
    assert cards_of(agent.get("/chats").text) == [second, third, first]
    assert cards_of(agent.active(have=second).text) == [third, first]
    assert agent.active(have=",".join([second, third, first])).status_code == 204


@pytest.mark.requirement(23)
def test_a_card_that_is_fetched_is_the_card_of_the_page(visitor, agent):
    chat = visitor.begun("Hello <b>there</b>")
    pushed = agent.accept(chat)
    page = agent.get("/chats")
    for answer in (pushed, agent.active()):
        assert same(find(answer.text, f"chat-{chat}")) == same(find(page.text, f"chat-{chat}"))
    assert same(find(agent.header(chat).text, f"header-{chat}")) == same(find(page.text, f"header-{chat}"))


@pytest.mark.requirement(20)
def test_lists_and_counts_that_are_fetched_are_those_of_the_page(visitor, customer, agent):
    visitor.begun()
    customer.begun()
    page = agent.get("/chats").text
    for kind in ("customer", "public", "personal"):
        assert same(find(agent.requests(kind).text, f"requests-{kind}")) == same(
            find(page, f"requests-{kind}")
        )
    assert same(find(agent.get("/chats/waiting").text, "waiting")) == same(find(page, "waiting"))


@pytest.mark.requirement(42)
def test_a_status_that_is_fetched_is_the_one_of_the_conversation(visitor, agent):
    chat = visitor.begun()
    for _ in range(2):
        whole, part = visitor.get(f"/chats/{chat}").text, visitor.status(chat).text
        assert same(find(part, f"status-{chat}")) == same(find(whole, f"status-{chat}"))
        agent.accept(chat)


@pytest.mark.requirement(23)
@pytest.mark.parametrize(
    "have", ["", ",,,", "x", "%00", "%22%3E%3Cscript%3E", "a" * 5000, ",".join("b" * 99)]
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_odd_words_about_what_is_there_are_passed_over(visitor, agent, have):
    chat = visitor.begun()
    agent.accept(chat)
    assert cards_of(agent.active(have).text) == [chat]
