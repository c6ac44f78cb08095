"""Observer and Participant: who was invited, or owns the channel, joins unseen or writing, and switches."""

from functools import partial

import pytest

from tests.chat.reading import alerts_of, buttons_of, cards_of, lines_of
from tests.chat.together import at_once

OBSERVES = "Agent Three has joined this chat as an observer."
JOINS = "Agent Three has joined this chat."
HIDES = "Agent Three has switched to observer mode."
LEAVES = "Agent Three has left this chat."


@pytest.fixture
def chat(agent, visitor):
    found = visitor.begun()
    agent.accept(found)
    return found


@pytest.fixture
def helper(house, chat):
    """Agent Three, of participant level."""
    return house.agent("agent3")


@pytest.fixture
def internal(house, agent, chat, helper):
    """The internal chat in which Agent One invited Agent Three."""
    return house.invited(agent, chat, helper)


def entries(agent, chat):
    return buttons_of(agent.header(chat).text) & {"Observer", "Participant", "Channel change"}


@pytest.mark.requirement(35)
def test_the_invited_one_finds_both_in_the_menu_of_the_internal_chat(agent, helper, chat, internal):
    assert entries(helper, internal) == {"Observer", "Participant"}
    assert entries(agent, internal) == set(), "who invited is in that chat"
    assert helper.read(chat).status_code == 404
    assert helper.header(chat).status_code == 404


@pytest.mark.requirement(35)
def test_as_observer_he_reads_only_and_agents_alone_know(agent, visitor, helper, chat, internal):
    before = visitor.read(chat).text
    answer = helper.be(chat, "observer")
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "active"
    assert cards_of(helper.active(have=internal).text) == [chat], "a new widget; the internal chat stays"
    assert agent.words(chat)[-1] == helper.words(chat)[-1] == OBSERVES
    assert visitor.read(chat).text == before
    assert helper.post(chat, "May I?").status_code == 403
    header = helper.header(chat).text
    assert 'data-may-write="0"' in header
    assert "You are observing" in header
    assert "observing" in agent.header(chat).text
    assert "Agent Three" not in visitor.get(f"/chats/{chat}").text
    assert entries(helper, chat) == entries(helper, internal) == {"Participant"}


@pytest.mark.requirement(35)
def test_as_participant_he_writes_and_everybody_reads_that_he_joined(agent, visitor, helper, chat, internal):
    assert helper.be(chat, "participant").status_code == 200
    for reader in (agent, visitor, helper):
        assert reader.words(chat)[-1] == JOINS
    assert helper.post(chat, "Hello, I am Three").status_code == 200
    assert visitor.lines(chat)[-1].name == "Agent Three"
    assert entries(helper, chat) == {"Observer"}
    assert "Invite" in buttons_of(helper.header(chat).text)


@pytest.mark.requirement(35)
def test_he_switches_both_ways_and_guests_read_that_he_came_and_went(agent, visitor, helper, chat, internal):
    for mode in ("observer", "participant", "observer", "participant"):
        assert helper.be(chat, mode).status_code == 200
    assert agent.words(chat)[2:] == [OBSERVES, JOINS, HIDES, JOINS]
    assert visitor.words(chat)[2:] == [JOINS, LEAVES, JOINS]
    assert [line.n for line in visitor.lines(chat)] == [1, 2, 3, 4, 5], "no number tells of an observer"


@pytest.mark.requirement(37)
def test_an_observer_leaves_unseen_and_a_participant_seen(agent, visitor, helper, chat, internal):
    helper.be(chat, "observer")
    assert helper.leave(chat).status_code == 204
    assert agent.words(chat)[-1] == LEAVES
    assert visitor.words(chat)[-1] == "Agent One has joined this chat."
    assert entries(helper, internal) == {"Observer", "Participant"}, "he may come back"
    helper.be(chat, "participant")
    helper.leave(chat)
    assert visitor.words(chat)[-2:] == [JOINS, LEAVES]
    assert helper.read(chat).status_code == 404


@pytest.mark.requirement(35)
def test_pressed_twice_it_is_done_once(app, agent, helper, chat, internal):
    answers = at_once(app, [partial(helper.be, chat, "observer")] * 4)
    assert {answer.status_code for answer in answers} == {200}
    assert agent.words(chat).count(OBSERVES) == 1


@pytest.mark.requirement(35)
def test_an_observer_by_level_cannot_take_part(house, agent, customer):
    chat = customer.begun(channel=house.channel("Billing"))
    agent.accept(chat)
    two = house.agent("agent2")
    internal = house.invited(agent, chat, two)
    assert entries(two, internal) == {"Observer"}
    assert two.be(chat, "participant").status_code == 404
    assert two.be(chat, "observer").status_code == 200
    answer = two.be(chat, "participant")
    assert (answer.status_code, alerts_of(answer.text)) == (403, ["You cannot take part in this chat."])
    assert "Your level" not in two.header(chat).text


@pytest.mark.requirement(17)
def test_an_owner_of_the_channel_joins_without_an_invitation(house, agent, visitor, chat):
    two = house.agent("agent2")
    assert two.read(chat).status_code == 404
    assert two.be(chat, "observer").status_code == 200
    assert two.be(chat, "participant").status_code == 200
    assert visitor.words(chat)[-1] == "Agent Two has joined this chat."


@pytest.mark.requirement(7)
@pytest.mark.requirement(35)
def test_outsiders_join_nothing(house, agent, visitor, customer, chat, helper):
    for mode in ("observer", "participant"):
        assert helper.be(chat, mode).status_code == 404, "a level, but no invitation"
        assert house.agent("admin").be(chat, mode).status_code == 404, "no level"
        assert customer.send(f"/chats/{chat}/participation", mode=mode).status_code == 404
        assert visitor.send(f"/chats/{chat}/participation", mode=mode).status_code == 404
    assert agent.be(chat, "observer").status_code == 403, "who is in charge does not switch"
    assert agent.be(chat, "boss").status_code == 422
    assert len(agent.words(chat)) == 2


@pytest.mark.requirement(35)
def test_the_level_counts_at_the_moment_of_the_deed(house, agent, chat, helper, internal):
    house.revoke("agent3", "Support", "chat_participant")
    assert helper.be(chat, "observer").status_code == 404
    house.grant("agent3", "Support", "chat_observer")
    assert entries(helper, internal) == {"Observer"}
    assert helper.be(chat, "participant").status_code == 404
    assert helper.be(chat, "observer").status_code == 200
    house.revoke("agent3", "Support", "chat_observer")
    assert helper.read(chat).status_code == 404
    assert cards_of(helper.active().text) == [internal]


@pytest.mark.requirement(35)
def test_when_the_target_chat_ends_the_entries_vanish_and_the_internal_chat_says_why(
    house, agent, visitor, helper, chat, internal, hearing
):
    number = house.chat(internal).id
    hearing.clear()
    visitor.close(chat)
    assert helper.words(internal)[-1] == "The chat this invitation was for has ended."
    assert entries(helper, internal) == set()
    assert {"changed": internal} in hearing.on(f"chat:{number}:agents")
    assert "has ended" in hearing.content(f"chat:{number}:agents", "n")
    assert helper.be(chat, "observer").status_code == 409
    assert helper.post(internal, "A pity").status_code == 200


@pytest.mark.requirement(35)
def test_who_left_the_internal_chat_is_invited_no_more(agent, helper, chat, internal):
    assert helper.leave(internal).status_code == 204
    assert helper.be(chat, "observer").status_code == 404


@pytest.mark.requirement(35)
def test_joining_against_the_end_is_one_of_the_two(app, house, agent, visitor, helper):
    for _ in range(3):
        chat = visitor.begun()
        agent.accept(chat)
        house.invited(agent, chat, helper)
        joined, _ = at_once(app, [partial(helper.be, chat, "participant"), partial(visitor.close, chat)])
        words = visitor.words(chat)
        assert (words[-2] == JOINS) == (joined.status_code == 200)
        assert joined.status_code in (200, 403, 404, 409)
        assert words[-1] == "Vera has left this chat."


@pytest.mark.requirement(35)
def test_joining_is_told_to_agents_and_what_guests_see_to_guests(
    house, agent, chat, helper, internal, hearing
):
    number, inside = house.chat(chat).id, house.chat(internal).id
    for mode, is_for_guests in (("observer", False), ("participant", True), ("observer", True)):
        hearing.clear()
        helper.be(chat, mode)
        assert {"changed": chat} in hearing.on(f"chat:{number}:agents")
        assert bool(hearing.on(f"chat:{number}:guests")) is is_for_guests
        assert {"changed": internal} in hearing.on(f"chat:{inside}:agents")
        assert {"active": True} in hearing.on(f"person:{helper.person_id}")
    [line] = lines_of(hearing.content(f"chat:{number}:guests", "n"))
    assert (line.kind, line.text) == ("left", LEAVES)
