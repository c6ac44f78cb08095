"""Closed Chats: who finds which, in pages and bounded steps, and who may read the protocol (row 17)."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from helpdesk.accounts.models import Company
from helpdesk.chat import closed, lines
from helpdesk.chat.models import Chat
from helpdesk.database import db, transaction
from helpdesk.realtime import topics
from tests.chat.people import Agent
from tests.chat.reading import all_with, lines_of, tree, words
from tests.chat.test_running import asked

pytestmark = pytest.mark.requirement(17)


def found(who: Agent, /, **query: object) -> list[str]:
    """The public ids of the chats that are found, as they stand."""
    answer = who.client.get("/agent/chats/closed", query_string=query)
    assert answer.status_code == 200, answer.text
    return [link.attrib["href"].split("/")[-2] for link in all_with(tree(answer.text), "class", "whole-row")]


def over(guest, agent, text="Hello?", **fields):
    """A chat that was accepted and closed."""
    chat = guest.begun(text, **fields)
    agent.accept(chat)
    agent.close(chat)
    return chat


@pytest.fixture
def chats(house, agent):
    """Closed chats, the last closed first."""
    billing = house.channel("Billing")
    made = [
        over(house.visitor(), agent, "The red door", name="Ada"),
        over(house.visitor(), house.agent("agent2"), "A 100% blue_door", name="Ben Über"),
        over(house.customer("customer1"), agent, "An invoice", channel=billing),
    ]
    agent.dismiss(made[0])
    return made[::-1]


def test_closed_chats_of_his_channels_are_found_by_name_text_channel_and_agent(chats, house, agent):
    acme, ben, ada = chats
    assert found(agent) == [acme, ben, ada]
    assert found(agent, name="ada") == [ada]
    assert found(agent, name="über") == found(agent, name="ÜBER") == [ben]
    assert found(agent, text="DOOR") == [ben, ada]
    assert found(agent, text="door", agent="two") == [ben]
    assert found(agent, agent="Agent One") == [acme, ada]
    assert found(agent, channel=house.channel("Billing")) == [acme]
    assert found(agent, channel=house.channel("Support"), text="invoice") == []
    assert found(house.agent("agent3")) == [ben, ada], "he has no level on Billing"


@pytest.mark.requirement(31)
def test_the_company_of_a_card_leads_to_its_closed_chats(chats, house, agent):
    company = db.session.scalar(select(Company.id).where(Company.name == "Acme Ltd"))
    db.session.rollback()
    assert found(agent, company=company) == chats[:1]
    running = house.customer("customer1").begun()
    agent.accept(running)
    [link] = [each for each in tree(agent.header(running).text).iter("a") if words(each) == "Acme Ltd"]
    assert link.attrib["href"] == f"/agent/chats/closed?company={company}"


def test_a_day_is_the_readers_own(chats, agent):
    with transaction() as tx:
        at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
        tx.execute(update(Chat).where(Chat.public_id == chats[0]).values(closed_at=at))
    assert found(agent, day="2026-03-01") == chats[:1]
    assert found(agent, day="2026-03-01", zone="Nowhere/At_All") == chats[:1]
    assert found(agent, day="2026-03-02", zone="Europe/Berlin") == chats[:1]
    assert found(agent, day="2026-03-01", zone="Europe/Berlin") == []
    assert found(agent, day="2026-03-01", zone="../../etc/passwd") == chats[:1]


def test_what_is_typed_is_looked_for_as_it_is(chats, agent):
    for text in ("%", "_", "/", "\\", "' OR 1=1 --", '"><script>', "\x00", "\u202e", "{{ 7 }}"):
        expected = {"%": chats[1:2], "_": chats[1:2], "\x00": chats, "\u202e": chats}.get(text, [])
        assert found(agent, text=text) == expected, text
        assert found(agent, name=text) == ([] if expected != chats else chats), text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"name": "x" * 101}, 422),
        ({"day": "yesterday"}, 422),
        ({"day": "0001-01-01", "zone": "Asia/Tokyo"}, 422),
    ]
    + [({"channel": each}, 200) for each in ("x", "-1", 2**70, "%00")]
    + [({"before": each}, 200) for each in ("x", "a" * 22, "'; --")],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_odd_words_have_a_clear_answer(chats, agent, query, status):
    assert agent.client.get("/agent/chats/closed", query_string=query).status_code == status


def test_they_come_in_pages_and_words_are_looked_for_in_bounded_steps(house, agent, monkeypatch):
    chats = [over(house.visitor(), agent, f"number {n}") for n in range(5)][::-1]
    monkeypatch.setattr(closed, "MOST_CLOSED", 2)
    monkeypatch.setattr(closed, "MOST_SEARCHED", 3)
    assert follow(agent, "") == [chats[:2], chats[2:4], chats[4:]]
    assert follow(agent, "?text=number+1") == [[], chats[3:4]]
    assert follow(agent, "?text=number") == [chats[:2], chats[2:4], chats[4:]]


def follow(agent, query):
    """The chats of each page, going on by its link."""
    page = tree(agent.get(f"/chats/closed{query}").text)
    ids = [link.attrib["href"].split("/")[-2] for link in all_with(page, "class", "whole-row")]
    more = [
        link.attrib["href"] for link in page.iter("a") if words(link) in ("Older chats", "Search older chats")
    ]
    return [ids, *(follow(agent, "?" + more[0].partition("?")[2]) if more else [])]


@pytest.mark.requirement(5, 7)
def test_nobody_reads_what_is_not_his(chats, house, agent):
    house.grant("admin", "Support", "chat_observer")
    assert found(house.agent("admin")) == chats[1:], "any level will do"
    house.revoke("admin", "Support", "chat_observer")
    assert found(house.agent("admin")) == []
    for login, status in (("agent2", 200), ("agent3", 404), ("admin", 404)):
        assert house.agent(login).get(f"/chats/{chats[0]}/protocol").status_code == status
    house.revoke("agent2", "Support", "chat_owner")
    assert found(house.agent("agent2")) == chats[:1], "his own, but of a channel that is his no more"


@pytest.mark.requirement(5)
def test_a_chat_between_agents_is_read_by_the_two_alone(house, agent):
    house.grant("admin", "users", "chat_owner")
    other, third = house.agent("agent2"), house.agent("admin")
    chat = asked(house, agent, other)
    other.accept(chat)
    agent.close(chat)
    for each in (agent, other):
        assert found(each, text="a word", name="Agent") == [chat]
        assert each.get(f"/chats/{chat}/protocol").status_code == 200
    other.dismiss(chat)
    assert other.get(f"/chats/{chat}/protocol").status_code == 200
    assert other.header(chat).status_code == 204, "its card is gone"
    assert found(third) == []
    assert third.get(f"/chats/{chat}/protocol").status_code == third.read(chat).status_code == 404


def test_the_protocol_tells_who_when_how_long_and_why(chats, house, agent):
    page = agent.get(f"/chats/{chats[2]}/protocol").text
    assert [line.text for line in lines_of(page)] == [
        "The red door",
        "Agent One has joined this chat.",
        "Agent One has left this chat.",
    ]
    facts = dict(zip(*([words(each) for each in tree(page).iter(tag)] for tag in ("dt", "dd")), strict=False))
    assert facts["Channel"] == "Support · From a public user"
    assert facts["People"].split(")")[:2] == ["Agent One (A", "Ada (P"]
    assert facts["Closed"].endswith("Agent One has left this chat.")
    assert {"Waited", "Lasted", "Begun"} <= set(facts)
    withdrawn = house.visitor()
    chat = withdrawn.begun()
    assert agent.get(f"/chats/{chat}/protocol").status_code == 404, "it is not over"
    withdrawn.withdraw(chat)
    assert "Nobody accepted." in agent.get(f"/chats/{chat}/protocol").text


def test_a_long_protocol_comes_in_pages(visitor, agent, monkeypatch):
    chat = visitor.begun("1")
    agent.accept(chat)
    for number in range(2, 5):
        agent.post(chat, str(number))
    agent.close(chat)
    monkeypatch.setattr(lines, "PAGE", 3)
    first = agent.get(f"/chats/{chat}/protocol").text
    assert [line.n for line in lines_of(first)] == [1, 2, 3]
    assert "Earlier messages" not in first
    last = agent.get(f"/chats/{chat}/protocol?after=3").text
    assert [line.n for line in lines_of(last)] == [4, 5, 6]
    assert "Earlier messages" in last
    assert "Later messages" not in last


@pytest.mark.requirement(37)
def test_who_may_read_a_closed_chat_can_do_nothing_in_it_and_hears_nothing_of_it(chats, house, agent):
    other = house.agent("agent2")
    chat = chats[2]
    assert agent.post(chat, "One more", str(uuid4())).status_code == 409
    assert (other.leave(chat).status_code, other.dismiss(chat).status_code) == (409, 409)
    assert other.close(chat).status_code == 409
    assert (agent.header(chat).status_code, other.header(chat).status_code) == (204, 404)
    identity = topics.load(other.person_id, "")
    assert identity is not None
    assert not [topic for topic in topics.topics_of(identity) if topic.startswith("chat:")]
