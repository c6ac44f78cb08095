"""Active Chats: how many run in each channel, which, and who is told what of them (row 17)."""

from uuid import uuid4

import pytest

from helpdesk.chat import running
from helpdesk.chat.personal import Ask, ask
from helpdesk.realtime import topics
from tests.chat.people import Agent, House
from tests.chat.reading import all_with, find, same, tree, words

pytestmark = pytest.mark.requirement(17)


def counts(agent: Agent) -> dict[str, str]:
    """What the sidebar says, by channel."""
    return dict(words(link).split()[:2] for link in tree(agent.get("/chats/sidebar").text).iter("a"))


def listed(agent: Agent, query: str = "") -> list[dict[str, str]]:
    """The rows of the list: the customer, and the other cells by their labels."""
    rows = [row for row in tree(agent.get(f"/chats/running{query}").text).iter("tr") if row.find("td")]
    return [
        {"who": words(next(row.iter("bdi")))}
        | {cell.attrib["data-label"]: words(cell) for cell in all_with(row, "data-label")}
        for row in rows
    ]


def asked(house: House, asker: Agent, target: Agent) -> str:
    """Ask a colleague; return the chat."""
    who = topics.load(asker.person_id, "")
    assert who is not None
    return ask(who, Ask(target.person_id, "A word?", str(uuid4())))


def test_the_sidebar_counts_the_running_chats_of_every_channel_with_a_level(visitor, customer, house, agent):
    assert counts(agent) == {"Billing": "0", "Support": "0"}
    chats = [visitor.begun(), customer.begun(channel=house.channel("Billing"))]
    assert counts(agent) == {"Billing": "0", "Support": "0"}, "a request does not run"
    for chat in chats:
        agent.accept(chat)
    assert counts(agent) == {"Billing": "1", "Support": "1"}
    assert counts(house.agent("agent3")) == {"Support": "1"}
    agent.close(chats[1])
    assert counts(agent) == {"Billing": "0", "Support": "1"}
    assert same(find(agent.get("/chats").text, "running-counts")) == same(
        find(agent.get("/chats/sidebar").text, "running-counts")
    )


@pytest.mark.requirement(20)
def test_a_changed_number_is_told_with_its_channel_and_spares_rendering(visitor, agent, house, hearing):
    chat, support = visitor.begun(), house.channel("Support")
    etag = agent.get("/chats/sidebar").headers["ETag"]
    assert agent.get("/chats/sidebar", headers={"If-None-Match": etag}).status_code == 304
    for deed, number in ((agent.accept, "1"), (agent.close, "0")):
        hearing.clear()
        deed(chat)
        told = hearing.content(f"channel:{support}", "channel")
        fresh = find(agent.get("/chats/sidebar").text, f"running-{support}")
        assert same(find(told, f"running-{support}")) == same(fresh)
        assert words(fresh).split()[1] == number
        assert agent.get("/chats/sidebar", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.requirement(35)
def test_a_chat_that_changes_its_channel_is_counted_there(customer, house, agent, hearing):
    chat = customer.begun(channel=house.channel("Billing"))
    agent.accept(chat)
    hearing.clear()
    assert agent.send(f"/chats/{chat}/channel-change", channel=house.channel("Support")).status_code == 204
    assert counts(agent) == {"Billing": "0", "Support": "1"}
    for name in ("Billing", "Support"):
        number = house.channel(name)
        told = hearing.content(f"channel:{number}", "channel")
        fresh = find(agent.get("/chats/sidebar").text, f"running-{number}")
        assert same(find(told, f"running-{number}")) == same(fresh)


@pytest.mark.requirement(5)
def test_chats_between_agents_are_neither_counted_nor_listed(house, agent, hearing):
    house.grant("agent1", "users", "chat_owner")
    house.grant("agent2", "users", "chat_owner")
    other, third = house.agent("agent2"), house.agent("admin")
    chat = asked(house, agent, other)
    hearing.clear()
    assert other.accept(chat).status_code == 200
    assert not hearing.topics("channel")
    for each in (agent, other, third):
        assert (
            set(words(next(tree(each.get("/chats/sidebar").text).iter("ul"))).split()) & {"1", "2"} == set()
        )
        assert listed(each) == []


def test_the_list_tells_who_since_when_and_for_whom_the_chat_waits(visitor, customer, house, agent):
    first, second = visitor.begun("Where is it?"), customer.begun(channel=house.channel("Billing"))
    agent.accept(first)
    agent.accept(second)
    agent.post(second, "Let me see")
    mine, his = listed(agent)
    assert (mine["who"], mine["Agents"].split()[-2:], mine["Channel"]) == (
        "Vera",
        ["Agent", "One"],
        "Support",
    )
    assert (mine["Waiting for"], mine["Last message"]) == ("Agent", "Where is it?")
    assert (his["who"], his["Waiting for"], his["Last message"]) == ("Customer One", "Customer", "Let me see")
    assert [row["who"] for row in listed(agent, f"?channel={house.channel('Billing')}")] == ["Customer One"]
    agent.close(first)
    assert [row["who"] for row in listed(agent)] == ["Customer One"]


@pytest.mark.requirement(7)
def test_the_last_message_is_for_owners_alone_and_other_channels_are_not_there(visitor, house, agent):
    agent.accept(visitor.begun("A secret"))
    participant = house.agent("agent3")
    assert [row["who"] for row in listed(participant)] == ["Vera"]
    assert "Last message" not in listed(participant)[0]
    assert "A secret" not in participant.get("/chats/running").text
    assert "A secret" in house.agent("agent2").get("/chats/running").text
    for channel in (house.channel("Billing"), 0, "", "x", 2**70, -1):
        assert participant.get(f"/chats/running?channel={channel}").status_code == 404
    house.revoke("agent3", "Support", "chat_participant")
    assert participant.get("/chats/running").status_code == 403


def test_a_list_that_is_the_same_is_not_rendered_again(visitor, agent):
    chat = visitor.begun()
    agent.accept(chat)
    etag = agent.get("/chats/running").headers["ETag"]
    assert agent.get("/chats/running", headers={"If-None-Match": etag}).status_code == 304
    visitor.post(chat, "And another thing")
    assert agent.get("/chats/running", headers={"If-None-Match": etag}).status_code == 200


def test_long_lists_come_in_pages(visitor, house, agent, monkeypatch):
    monkeypatch.setattr(running, "MOST_RUNNING", 2)
    for number in range(3):
        agent.accept(house.visitor().begun(name=f"Vera {number}"))
    page = agent.get("/chats/running").text
    assert [row["who"] for row in listed(agent)] == ["Vera 0", "Vera 1"]
    [more] = [link.attrib["href"] for link in tree(page).iter("a") if words(link) == "More chats"]
    assert [row["who"] for row in listed(agent, f"?{more.partition('?')[2]}")] == ["Vera 2"]
    assert "More chats" not in agent.get(more.removeprefix("/agent")).text
    assert len(listed(agent, "?after=%00'")) == 2
