"""Personal requests are answered or withdrawn once (rows 25, 26), and who hears of it."""

import json
from functools import partial

import pytest

from tests.chat.people import TEXT
from tests.chat.reading import alerts_of, buttons_of, cards_of
from tests.chat.test_begin import setting
from tests.chat.together import at_once

GONE = "This request has been withdrawn."


@pytest.mark.requirement(25, 26)
def test_withdrawn_it_is_gone_on_both_sides(agent, colleague, chat, guest, invitation):
    for public_id in (chat, invitation):
        assert agent.withdraw(public_id).status_code == 204
        assert agent.withdraw(public_id).status_code in (404, 409)
    assert cards_of(agent.get("/chats").text) == []
    assert (colleague.waiting("personal"), buttons_of(guest.incoming().text)) == ([], set())
    for answer in (
        colleague.preview(chat),
        colleague.accept(chat),
        colleague.decline(chat),
        guest.accept(invitation),
        guest.decline(invitation),
    ):
        assert (answer.status_code, alerts_of(answer.text)) == (409, [GONE])


@pytest.mark.requirement(25, 26)
def test_a_second_press_finds_what_the_first_did(agent, colleague, chat, guest, invitation):
    for person, public_id in ((colleague, chat), (guest, invitation)):
        for _ in range(2):
            assert person.accept(public_id).status_code == 200
        assert person.decline(public_id).status_code in (403, 409)
        assert sum("has joined" in each for each in agent.words(public_id)) == 1
        assert agent.withdraw(public_id).status_code == 403


@pytest.mark.requirement(25, 26)
def test_declined_twice_it_stays_declined(agent, colleague, chat, guest, invitation):
    for person, public_id in ((colleague, chat), (guest, invitation)):
        for _ in range(2):
            assert person.decline(public_id).status_code == 204
        assert alerts_of(person.accept(public_id).text) == ["You have declined this request."]
        assert sum("has rejected" in each for each in agent.words(public_id)) == 1


@pytest.mark.requirement(25, 26)
@pytest.mark.parametrize("other", ["accept", "decline"])
def test_of_an_answer_and_a_withdrawal_at_once_one_happens(app, agent, colleague, guest, house, other):
    for person, to in ((colleague, colleague.person_id), (guest, house.id_of("customer1"))):
        for _ in range(3):
            chat = agent.asked(to)
            answers = at_once(app, [partial(getattr(person, other), chat), partial(agent.withdraw, chat)])
            state = house.chat(chat)
            is_withdrawn = state.state == "closed" and state.closed_by_id == agent.person_id
            assert (answers[0].status_code in (200, 204)) != is_withdrawn
            assert (answers[1].status_code == 204) == is_withdrawn
            assert {answer.status_code for answer in answers} <= {200, 204, 403, 404, 409}
            if state.state == "active":
                agent.close(chat)


@pytest.mark.requirement(25)
def test_who_hears_of_a_request_between_agents(agent, colleague, house, hearing):
    other = house.agent("admin")
    hearing.clear()
    chat = agent.asked(colleague.person_id, TEXT)
    number = house.chat(chat).id
    [asked] = [frame for frame in hearing.on(f"person:{colleague.person_id}") if "personal" in frame]
    assert asked == {"personal": chat, "by": "Agent One", "text": TEXT}
    assert {"active": True} in hearing.on(f"person:{agent.person_id}")
    hearing.clear()
    colleague.accept(chat)
    [told] = [frame for frame in hearing.on(f"person:{agent.person_id}") if "answered" in frame]
    assert told == {"answered": chat, "by": "Agent Two", "is_accepted": True, "n": 2}
    assert "Agent Two has joined" in hearing.content(f"chat:{number}:agents", "n")
    colleague.post(chat, "Yes?")
    assert not [told for told in hearing.by(other.person_id) if "presence" not in told.frame]


@pytest.mark.requirement(26)
def test_who_hears_of_a_request_to_a_customer(agent, guest, house, hearing):
    customer, stranger = house.id_of("customer1"), house.id_of("customer2")
    hearing.clear()
    chat = agent.asked(customer, TEXT)
    [asked] = [frame for frame in hearing.on(f"person:{customer}") if "personal" in frame]
    assert asked == {"personal": chat, "by": "Agent One", "text": TEXT}
    hearing.clear()
    guest.decline(chat)
    [told] = [frame for frame in hearing.on(f"person:{agent.person_id}") if "answered" in frame]
    assert told == {"answered": chat, "by": "Customer One", "is_accepted": False, "n": 2}
    assert any("personal" in frame for frame in hearing.on(f"person:{customer}"))
    assert hearing.by(stranger) == []
    assert "rejected" not in json.dumps([each.frame for each in hearing.by(customer)])


@pytest.mark.requirement(26)
def test_it_is_in_the_default_channel_and_needs_no_level_on_it(agent, guest, invitation, house):
    row = house.chat(invitation)
    assert (row.channel_id, row.in_charge_id) == (house.channel("Default channel"), agent.person_id)
    guest.accept(invitation)
    assert agent.post(invitation, "Thank you").status_code == 200
    assert agent.close(invitation).status_code == 204


@pytest.mark.requirement(1, 26)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_while_chat_is_off_nobody_asks_and_no_request_shows(agent, guest, invitation, colleague):
    setting("ChatEngine::Active", False)
    assert agent.ask(colleague.person_id).status_code == 404
    assert guest.accept(invitation).status_code == 404
    assert TEXT not in guest.client.get("/external/").text
    setting("ChatEngine::Active", True)
    assert TEXT in guest.client.get("/external/").text
