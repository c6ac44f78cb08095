"""Channel change of a running chat: levels anew, who has none is out, and somebody is always in charge."""

from functools import partial

import pytest

from tests.chat.reading import alerts_of, all_with, buttons_of, cards_of, lines_of, tree, words
from tests.chat.together import at_once

MOVED = "Agent One has changed the channel to Billing."


@pytest.fixture
def billing(house):
    return house.channel("Billing")


@pytest.fixture
def chat(agent, customer, house):
    found = customer.begun(channel=house.channel("Support"))
    agent.accept(found)
    return found


@pytest.fixture
def three(house, agent, chat):
    """Agent Three, who takes part, and has no level on Billing."""
    three = house.agent("agent3")
    house.invited(agent, chat, three)
    three.be(chat, "participant")
    return three


def options(agent, chat):
    return [words(each) for each in tree(agent.get(f"/chats/{chat}/channel-change").text).iter("option")]


@pytest.mark.requirement(35)
def test_the_dialog_offers_what_the_guest_could_have_chosen(house, agent, chat, visitor):
    assert options(agent, chat) == ["Billing"]
    public = visitor.begun()
    agent.accept(public)
    text = agent.get(f"/chats/{public}/channel-change").text
    assert "No other channel is available at the moment." in text
    assert "Change channel" not in buttons_of(text)
    assert agent.change_channel(public, house.channel("Billing")).status_code == 422


@pytest.mark.requirement(35)
def test_agents_read_a_line_and_the_badge_follows(house, agent, customer, chat, billing):
    before = customer.read(chat).text, customer.status(chat).text
    answer = agent.change_channel(chat, billing)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "chat:done, active")
    assert agent.words(chat)[-1] == MOVED
    badges = [words(each) for each in all_with(tree(agent.header(chat).text), "class", "badge")]
    assert badges == ["Owner", "Billing"]
    assert (customer.read(chat).text, customer.status(chat).text) == before
    assert agent.change_channel(chat, billing).status_code == 204, "pressed twice"
    assert agent.words(chat).count(MOVED) == 1


@pytest.mark.requirement(35)
def test_who_has_no_level_there_is_removed_at_once(house, agent, customer, chat, three, billing, hearing):
    number = house.chat(chat).id
    hearing.clear()
    agent.change_channel(chat, billing)
    assert three.read(chat).status_code == 404
    assert three.post(chat, "Still here?").status_code == 404
    assert chat not in cards_of(three.active().text)
    assert agent.words(chat)[-2:] == [MOVED, "Agent Three has left this chat."]
    assert customer.words(chat)[-1] == "Agent Three has left this chat."
    assert {"active": True} in hearing.on(f"person:{three.person_id}")
    told = [
        line.text
        for frame in hearing.on(f"chat:{number}:agents")
        if "n" in frame
        for line in lines_of(frame["content"])
    ]
    assert told[0] == MOVED
    assert MOVED not in str(hearing.on(f"chat:{number}:guests"))


@pytest.mark.requirement(35)
def test_an_observer_is_removed_without_a_trace_for_the_guest(house, agent, customer, chat, billing, hearing):
    three = house.agent("agent3")
    house.invited(agent, chat, three)
    three.be(chat, "observer")
    before = customer.read(chat).text, customer.status(chat).text
    hearing.clear()
    agent.change_channel(chat, billing)
    assert three.read(chat).status_code == 404
    assert (customer.read(chat).text, customer.status(chat).text) == before
    assert hearing.on(f"chat:{house.chat(chat).id}:guests") == []


@pytest.mark.requirement(35)
def test_nobody_left_is_asked_first_and_then_it_is_a_request_again(
    house, agent, customer, chat, billing, hearing
):
    house.revoke("agent1", "Billing", "chat_owner")
    house.grant("agent3", "Billing", "chat_owner")
    there = house.agent("agent3")
    answer = agent.change_channel(chat, billing)
    assert answer.status_code == 409
    assert alerts_of(answer.text)[0].startswith("Nobody in this chat can answer in Billing.")
    assert "Change all the same" in buttons_of(answer.text)
    assert house.chat(chat).state == "active"
    hearing.clear()
    assert agent.change_channel(chat, billing, confirmed=billing).status_code == 204
    stored = house.chat(chat)
    assert (stored.state, stored.in_charge_id, stored.channel_id) == ("request", None, billing)
    assert agent.read(chat).status_code == 404
    assert "Please bear with us" in customer.status(chat).text
    assert customer.words(chat)[-1] == "Agent One has left this chat."
    assert hearing.content(f"channel:{billing}", "channel").count(f"request-{chat}") >= 1
    assert there.waiting("customer") == [chat]
    assert there.accept(chat).status_code == 200
    assert there.words(chat)[:2] == ["Hello?", "Agent One has joined this chat."], "with its history"
    assert customer.words(chat)[-1] == "Agent Three has joined this chat."
    assert "Please bear with us" not in customer.status(chat).text


@pytest.mark.requirement(35)
def test_a_request_again_can_be_withdrawn_and_ended_invitations_say_so(
    house, agent, customer, chat, three, billing
):
    internal = house.invitation(chat, three)
    house.revoke("agent1", "Billing", "chat_owner")
    house.grant("agent2", "Billing", "chat_owner")
    house.agent("agent2")
    agent.change_channel(chat, billing, confirmed=billing)
    assert "Observer" not in buttons_of(three.header(internal).text)
    assert customer.withdraw(chat).status_code == 200
    assert three.words(internal)[-1] == "The chat this invitation was for has ended."


@pytest.mark.requirement(35)
def test_without_the_mover_the_highest_level_that_remains_is_in_charge(
    house, agent, customer, chat, three, billing
):
    two = house.agent("agent2")
    two.be(chat, "observer")
    house.grant("agent2", "Billing", "chat_owner")
    house.grant("agent3", "Billing", "chat_participant")
    house.revoke("agent1", "Billing", "chat_owner")
    assert agent.change_channel(chat, billing).status_code == 204
    assert house.chat(chat).in_charge_id == two.person_id
    assert "Close chat" in buttons_of(two.header(chat).text)
    assert two.words(chat)[-4:] == [
        MOVED,
        "Agent Two has joined this chat.",
        "Agent Two is in charge of this chat now.",
        "Agent One has left this chat.",
    ]
    assert customer.words(chat)[-2:] == ["Agent Two has joined this chat.", "Agent One has left this chat."]
    assert "Agent Two" in customer.status(chat).text
    assert three.post(chat, "Hello").status_code == 200
    assert agent.read(chat).status_code == 404


@pytest.mark.requirement(35)
def test_a_mover_who_may_only_read_there_stays_beside_who_can_answer(
    house, agent, customer, chat, three, billing
):
    house.revoke("agent1", "Billing", "chat_owner")
    house.grant("agent1", "Billing", "chat_observer")
    house.grant("agent2", "Billing", "chat_owner")
    house.agent("agent2")
    house.grant("agent3", "Billing", "chat_participant")
    agent.change_channel(chat, billing)
    assert house.chat(chat).in_charge_id == three.person_id
    assert agent.read(chat).status_code == 200
    assert agent.post(chat, "May I?").status_code == 403
    assert "Your level on this channel does not let you write." in agent.header(chat).text
    assert "Leave chat" in buttons_of(agent.header(chat).text)


@pytest.mark.requirement(35)
def test_only_who_is_in_charge_and_owns_the_channel_changes_it(house, agent, customer, chat, three, billing):
    assert "Channel change" in buttons_of(agent.header(chat).text)
    assert "Channel change" not in buttons_of(three.header(chat).text)
    assert three.change_channel(chat, billing).status_code == 403
    assert house.agent("agent2").change_channel(chat, billing).status_code == 404
    assert customer.send(f"/chats/{chat}/channel-change", channel=billing).status_code == 404
    internal = house.invitation(chat, three)
    assert agent.change_channel(internal, billing).status_code == 403, "never between agents"
    house.revoke("agent1", "Support", "chat_owner")
    house.grant("agent1", "Support", "chat_participant")
    assert agent.change_channel(chat, billing).status_code == 403
    assert house.chat(chat).channel_id == house.channel("Support")


@pytest.mark.requirement(12)
def test_a_channel_nobody_is_there_for_is_no_target(house, agent, chat, billing):
    house.revoke("agent1", "Billing", "chat_owner")
    assert options(agent, chat) == []
    answer = agent.change_channel(chat, billing, confirmed=billing)
    assert answer.status_code == 422
    assert alerts_of(answer.text) == ["This channel is not available at the moment."]
    assert house.chat(chat).state == "active"


@pytest.mark.requirement(35)
def test_a_change_against_the_end_is_one_of_the_two(app, house, agent, customer, billing):
    for _ in range(3):
        chat = customer.begun(channel=house.channel("Support"))
        agent.accept(chat)
        moved, closed = at_once(
            app, [partial(agent.change_channel, chat, billing), partial(customer.close, chat)]
        )
        assert closed.status_code == 200
        assert moved.status_code in (204, 403, 409)
        stored = house.chat(chat)
        assert stored.state == "closed"
        assert (stored.channel_id == billing) == (moved.status_code == 204)
