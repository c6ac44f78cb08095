"""Invite: an available agent is asked into an internal chat about the running one; twice is refused."""

from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from helpdesk.chat.models import Chat
from helpdesk.database import db
from tests.chat.reading import alerts_of, all_with, buttons_of, cards_of, tree, words
from tests.chat.test_begin import setting
from tests.chat.test_lists import go_away
from tests.chat.together import at_once


@pytest.fixture
def chat(agent, visitor):
    found = visitor.begun()
    agent.accept(found)
    return found


def dialog(agent, chat):
    return agent.get(f"/chats/{chat}/invitation")


def offered(agent, chat):
    """The names in the dialog, with what stands behind them."""
    return [words(label) for label in all_with(tree(dialog(agent, chat).text), "class", "check")]


@pytest.mark.requirement(35)
def test_the_dialog_lists_who_is_available_and_not_in_the_chat(house, agent, chat):
    for login in ("agent2", "agent3", "admin"):
        house.agent(login)
    names = [name.split()[-1] for name in offered(agent, chat)]
    assert names == ["Three", "Two"], "admin has no level on Support"
    two, three = house.agent("agent2"), house.agent("agent3")
    two.send("/availability", to="1")
    assert len(offered(agent, chat)) == 2, "internal is enough"
    two.send("/availability", to="0")
    assert [name.split()[-1] for name in offered(agent, chat)] == ["Three"]
    go_away(three.person_id)
    text = dialog(agent, chat).text
    assert "Nobody is available for this chat at the moment." in text
    assert "Invite" not in buttons_of(text)
    assert agent.invite(chat, three.person_id).status_code == 409
    assert alerts_of(agent.invite(chat, three.person_id).text) == ["Agent Three is not available any more."]


@pytest.mark.requirement(35)
def test_he_gets_an_agent_to_agent_request_and_accepts_a_new_internal_chat(house, agent, visitor, chat):
    three = house.agent("agent3")
    answer = agent.invite(chat, three.person_id, "Look at this")
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "chat:done, active")
    [internal] = three.waiting("personal")
    stored = house.chat(internal)
    assert (stored.direction, stored.parent_id) == ("agent", house.chat(chat).id)
    assert stored.channel_id == house.channel("Default channel")
    assert set(cards_of(agent.active().text)) == {chat, internal}
    assert three.accept(internal).status_code == 200
    assert agent.words(internal) == ["Look at this", "Agent Three has joined this chat."]
    assert three.post(internal, "Coming").status_code == 200
    assert "Agent Three" not in visitor.get(f"/chats/{chat}").text


@pytest.mark.requirement(35)
def test_without_words_of_his_own_he_is_asked_with_ours(house, agent, chat):
    three = house.agent("agent3")
    assert "Please have a look at my chat with Vera." in dialog(agent, chat).text
    agent.invite(chat, three.person_id, "  ")
    assert agent.words(three.waiting("personal")[0]) == ["Please have a look at my chat with Vera."]


@pytest.mark.requirement(35)
def test_inviting_twice_is_refused(house, agent, chat):
    three = house.agent("agent3")
    assert agent.invite(chat, three.person_id).status_code == 204
    answer = agent.invite(chat, three.person_id, "Once more")
    assert answer.status_code == 409
    assert alerts_of(answer.text) == ["Agent Three is invited already."]
    assert "Once more" in answer.text, "the words are kept"
    assert offered(agent, chat) == ["active Agent Three invited already"]
    internal = house.invitation(chat, three)
    three.accept(internal)
    assert agent.invite(chat, three.person_id).status_code == 409
    agent.close(internal)
    assert agent.invite(chat, three.person_id).status_code == 204, "over, he may be asked again"
    three.send(f"/chats/{house.invitation(chat, three)}/rejection")
    assert agent.invite(chat, three.person_id).status_code == 204


@pytest.mark.requirement(35)
def test_who_is_in_the_chat_is_not_invited(house, agent, chat):
    two = house.agent("agent2")
    two.be(chat, "observer")
    assert agent.invite(chat, two.person_id).status_code == 409
    assert agent.invite(chat, agent.person_id).status_code == 409
    two.leave(chat)
    assert agent.invite(chat, two.person_id).status_code == 204


@pytest.mark.requirement(35)
def test_at_the_same_moment_one_invitation_is_made(app, house, agent, chat):
    three = house.agent("agent3")
    answers = at_once(app, [partial(agent.invite, chat, three.person_id)] * 4)
    assert sorted(answer.status_code for answer in answers) == [204, 409, 409, 409]
    again = uuid4()
    two = house.agent("agent2")
    twice = [partial(agent.invite, chat, two.person_id, client_id=again)] * 4
    assert {answer.status_code for answer in at_once(app, twice)} == {204}, "sent again it is the same one"
    made = select(func.count()).where(Chat.parent_id == house.chat(chat).id)
    assert db.session.scalar(made) == 2


@pytest.mark.requirement(35)
@pytest.mark.parametrize("person", ["", "x", "0", str(2**70), "999999"])
def test_nobody_we_know_is_not_invited(house, agent, chat, person):
    house.agent("agent3")
    assert agent.invite(chat, person).status_code in (404, 422)


@pytest.mark.requirement(35)
def test_a_customer_is_not_invited(agent, customer, house, chat):
    assert agent.invite(chat, house.id_of("customer1")).status_code == 404


@pytest.mark.requirement(35)
def test_who_may_not_invite_has_no_entry_and_is_refused(house, agent, visitor, chat):
    three, two = house.agent("agent3"), house.agent("agent2")
    assert three.invite(chat, two.person_id).status_code == 404
    house.invited(agent, chat, three)
    three.be(chat, "observer")
    assert "Invite" not in buttons_of(three.header(chat).text)
    assert three.invite(chat, two.person_id).status_code == 403
    three.be(chat, "participant")
    assert "Invite" in buttons_of(three.header(chat).text)
    assert three.invite(chat, two.person_id).status_code == 204
    visitor.close(chat)
    assert agent.invite(chat, two.person_id).status_code == 409
    assert dialog(agent, chat).status_code == 409


@pytest.mark.requirement(4)
def test_while_agents_may_not_ask_agents_there_is_no_invite(house, agent, chat):
    setting("ChatEngine::ChatDirection::AgentToAgent", False)
    assert "Invite" not in buttons_of(agent.header(chat).text)
    assert agent.invite(chat, house.agent("agent3").person_id).status_code == 403


@pytest.mark.requirement(35)
def test_an_invitation_is_told_to_who_is_invited_and_nobody_else(house, agent, visitor, chat, hearing):
    three, two = house.agent("agent3"), house.agent("agent2")
    hearing.clear()
    agent.invite(chat, three.person_id, "Psst")
    [frame] = hearing.on(f"person:{three.person_id}")
    assert (frame["by"], frame["text"]) == ("Agent One", "Psst")
    assert not [told for told in hearing.by(two.person_id) if "Psst" in str(told)]
    assert hearing.on(f"chat:{house.chat(chat).id}:guests") == []


@pytest.mark.requirement(5, 35)
def test_both_sides_of_a_chat_between_agents_invite_a_third_who_needs_no_level(house, agent, chat):
    two, three = house.agent("agent2"), house.agent("agent3")
    between = house.invited(agent, chat, two)
    house.revoke("agent3", "Support", "chat_participant")
    house.grant("agent3", "Billing", "chat_observer")
    assert [name.split()[-1] for name in offered(agent, between)] == ["Three"]
    assert "Channel change" not in buttons_of(two.header(between).text)
    assert three.read(between).status_code == three.be(between, "observer").status_code == 404
    asked = house.invited(two, between, three)
    assert {"Observer", "Participant"} <= buttons_of(three.header(asked).text)
    assert three.read(between).status_code == 404
    assert three.be(between, "observer").status_code == 200
    assert agent.words(between)[-1] == "Agent Three has joined this chat as an observer."
    assert three.post(between, "I only read").status_code == 403
    assert three.be(between, "participant").status_code == 200
    assert three.post(between, "Now I write").status_code == 200
    assert agent.words(between)[-2:] == ["Agent Three has joined this chat.", "Now I write"]
    assert three.be(between, "observer").status_code == 200
    assert agent.words(between)[-1] == "Agent Three has switched to observer mode."
    assert three.leave(between).status_code == 204
    assert two.be(between, "observer").status_code == 403, "it is his own chat"


@pytest.mark.requirement(5, 35)
def test_when_a_chat_between_agents_ends_nobody_joins_it_any_more(house, agent, chat):
    two, three = house.agent("agent2"), house.agent("agent3")
    between = house.invited(agent, chat, two)
    asked = house.invited(two, between, three)
    agent.close(between)
    assert three.words(asked)[-1] == "The chat this invitation was for has ended."
    assert not {"Observer", "Participant"} & buttons_of(three.header(asked).text)
    assert three.be(between, "observer").status_code == 404
    assert house.agent("admin").invite(between, three.person_id).status_code == 404
