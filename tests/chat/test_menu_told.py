"""Page before and what was pushed make the page fetched fresh: each action of the menu, each reader."""

import pytest

from tests.chat.reading import cards_of, lines_of


@pytest.fixture
def room(house, agent):
    """A customer's chat with everybody who can be in it, by what they are."""
    customer = house.customer()
    chat = customer.begun(channel=house.channel("Support"))
    agent.accept(chat)
    helper, owner = house.agent("agent3"), house.agent("agent2")
    internal = house.invited(agent, chat, helper)
    return {
        "chat": chat,
        "internal": internal,
        "in charge": agent,
        "helper": helper,
        "owner": owner,
    }, customer


def deeds(house, people):
    chat, helper, owner = people["chat"], people["helper"], people["owner"]
    yield "observe", lambda: helper.be(chat, "observer")
    yield "observe too", lambda: owner.be(chat, "observer")
    yield "participate", lambda: helper.be(chat, "participant")
    yield "hide", lambda: helper.be(chat, "observer")
    yield "show", lambda: helper.be(chat, "participant")
    yield "leave unseen", lambda: owner.leave(chat)
    yield "come", lambda: owner.be(chat, "participant")
    yield "change channel", lambda: people["in charge"].change_channel(chat, house.channel("Billing"))
    yield "leave", lambda: owner.leave(chat)
    yield "close", lambda: people["in charge"].close(chat)


@pytest.mark.requirement(35)
@pytest.mark.requirement(37)
def test_what_changes_on_a_page_was_told_to_it(house, room, hearing):
    people, customer = room
    chat, internal = people["chat"], people["internal"]
    agents = [people[name] for name in ("in charge", "helper", "owner")]
    number, inside = house.chat(chat).id, house.chat(internal).id
    for name, deed in deeds(house, people):
        before = [page(each, (chat, internal)) for each in agents]
        guest_before = guest_page(customer, chat)
        hearing.clear()
        assert deed().status_code in (200, 204), name
        for each, was in zip(agents, before, strict=True):
            now = page(each, (chat, internal))
            if now["cards"] != was["cards"]:
                assert {"active": True} in hearing.on(f"person:{each.person_id}"), name
            for public_id, topic in ((chat, f"chat:{number}:agents"), (internal, f"chat:{inside}:agents")):
                if public_id not in was["cards"] or public_id not in now["cards"]:
                    continue
                assert was["lines"][public_id] + told(hearing, topic) == now["lines"][public_id], name
                if was["headers"][public_id] != now["headers"][public_id]:
                    assert {"changed": public_id} in hearing.on(topic), name
        lines, status = guest_page(customer, chat)
        assert guest_before[0] + told(hearing, f"chat:{number}:guests") == lines, name
        if guest_before[1] != status:
            assert {"changed": chat} in hearing.on(f"chat:{number}:guests"), name


def page(agent, chats):
    """What stands on an agent's page: his cards, with their headers and lines."""
    cards = cards_of(agent.get("/chats").text)
    mine = [chat for chat in chats if chat in cards]
    headers = {chat: agent.header(chat).text for chat in mine}
    return {"cards": cards, "headers": headers, "lines": {chat: texts(agent, chat) for chat in mine}}


def guest_page(customer, chat):
    return texts(customer, chat), customer.status(chat).text


def texts(reader, chat):
    return [(line.n, line.kind, line.text) for line in reader.lines(chat)]


def told(hearing, topic):
    """The lines that were pushed on a topic."""
    frames = [frame["content"] for frame in hearing.on(topic) if "content" in frame and "n" in frame]
    return [(line.n, line.kind, line.text) for content in frames for line in lines_of(content)]
