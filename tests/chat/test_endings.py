"""Ends: withdrawn, closed by either side, left, dismissed."""

import pytest

from helpdesk.chat.models import JOINED, PARTICIPANT, Participation
from helpdesk.database import transaction
from tests.chat.reading import alerts_of, buttons_of, cards_of, rows_of


@pytest.fixture
def request_(visitor):
    return visitor.begun()


@pytest.fixture
def chat(agent, request_):
    agent.accept(request_)
    return request_


@pytest.fixture
def helper(house, chat):
    """Agent Three, who has joined the chat as a participant."""
    helper = house.agent("agent3")
    with transaction() as tx:
        row = {"chat_id": house.chat(chat).id, "person_id": helper.person_id, "mode": PARTICIPANT}
        tx.add(Participation(**row, state=JOINED, name="Agent Three"))
    return helper


@pytest.mark.requirement(30)
def test_a_request_is_withdrawn_by_who_made_it(visitor, agent, request_, house):
    answer = visitor.withdraw(request_)
    assert answer.status_code == 200
    assert "This chat has been closed." in answer.text
    assert "New conversation" in buttons_of(answer.text)
    assert rows_of(agent.requests().text) == []
    assert visitor.words(request_)[-1] == "Vera has withdrawn the request."
    assert house.chat(request_).state == "closed"
    assert visitor.withdraw(request_).status_code == 409
    assert visitor.post(request_, "Still?").status_code == 409


@pytest.mark.requirement(30)
def test_nobody_else_withdraws_it(house, agent, request_, customer):
    other = house.visitor()
    other.begun()
    for stranger in (other, customer):
        assert stranger.withdraw(request_).status_code == 404
    assert agent.send(f"/chats/{request_}/withdrawal").status_code == 403
    assert house.chat(request_).state == "request"


@pytest.mark.requirement(30)
def test_an_accepted_request_is_not_withdrawn(visitor, chat, house):
    answer = visitor.withdraw(chat)
    assert answer.status_code == 403
    assert alerts_of(answer.text) == ["This request cannot be withdrawn any more."]
    assert house.chat(chat).state == "active"


@pytest.mark.requirement(37)
def test_the_window_can_be_closed_while_nobody_has_answered(visitor, request_, house):
    assert visitor.close(request_).status_code == 200
    assert house.chat(request_).state == "closed"
    assert visitor.close(request_).status_code == 200, "what is over stays over"


@pytest.mark.requirement(37)
def test_who_is_in_charge_closes_for_all(visitor, agent, chat, house):
    assert {"Close chat"} <= buttons_of(agent.header(chat).text)
    answer = agent.close(chat)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "active")
    assert agent.active().status_code == 204
    assert visitor.words(chat)[-1] == "Agent One has left this chat."
    text = visitor.status(chat).text
    assert "This chat has been closed." in text
    assert 'data-state="inactive"' in text
    assert "readonly" in visitor.get(f"/chats/{chat}").text
    assert house.chat(chat).closed_by_id == agent.person_id


@pytest.mark.requirement(37)
def test_closed_by_the_other_side_the_card_stays_until_it_is_dismissed(visitor, agent, chat):
    visitor.close(chat)
    text = agent.get("/chats").text
    assert cards_of(text) == [chat]
    assert "This chat has been closed." in text
    assert "readonly" in text
    header = agent.header(chat).text
    assert {"Dismiss", "Close chat"} & buttons_of(header) == {"Dismiss"}
    assert 'data-state="inactive"' in header
    assert agent.words(chat)[-1] == "Vera has left this chat."
    assert agent.dismiss(chat).status_code == 204
    assert agent.read(chat).status_code == 200, "it can be read under Closed Chats"
    assert f'hx-target="#chat-{chat}" hx-swap="delete"' in agent.active(have=chat).text
    assert agent.dismiss(chat).status_code == 409


@pytest.mark.requirement(37)
def test_a_running_chat_is_not_dismissed_and_a_stranger_dismisses_nothing(house, agent, visitor, chat):
    assert agent.dismiss(chat).status_code == 403
    visitor.close(chat)
    assert house.agent("agent2").dismiss(chat).status_code == 409
    assert cards_of(agent.get("/chats").text) == [chat]


@pytest.mark.requirement(37)
def test_everybody_else_only_leaves(visitor, agent, chat, helper):
    assert {"Leave chat", "Close chat"} & buttons_of(helper.header(chat).text) == {"Leave chat"}
    assert helper.close(chat).status_code == 403
    assert helper.leave(chat).status_code == 204
    assert visitor.words(chat)[-1] == "Agent Three has left this chat."
    assert helper.read(chat).status_code == 404
    assert agent.read(chat).status_code == 200
    assert agent.leave(chat).status_code == 403, "the last one cannot leave a customer alone"


@pytest.mark.requirement(37)
def test_who_has_no_level_closes_nothing(visitor, agent, chat, house):
    house.revoke("agent1", "Support", "chat_owner")
    assert agent.close(chat).status_code == 404
    assert house.chat(chat).state == "active"


@pytest.mark.requirement(20)
def test_a_withdrawal_is_told_to_the_lists(visitor, agent, request_, house, hearing):
    stranger = house.agent("admin")
    hearing.clear()
    visitor.withdraw(request_)
    content = hearing.content(f"channel:{house.channel('Support')}", "channel")
    assert f"#request-{request_}" in content
    assert "Hello?" not in content
    assert not [told for told in hearing.by(stranger.person_id) if "channel" in told.frame]


@pytest.mark.requirement(20)
@pytest.mark.requirement(37)
def test_the_end_is_told_to_both_sides(visitor, agent, chat, house, hearing):
    for closer, name in ((visitor, "Vera"), (agent, "Agent One")):
        number = house.chat(chat).id
        hearing.clear()
        closer.close(chat)
        for audience in ("agents", "guests"):
            assert f"{name} has left this chat." in hearing.content(f"chat:{number}:{audience}", "n")
            assert {"changed": chat} in hearing.on(f"chat:{number}:{audience}")
        chat = visitor.begun()
        agent.accept(chat)


@pytest.mark.requirement(23)
def test_a_card_goes_from_all_tabs_of_its_agent(visitor, agent, chat, house, hearing):
    other = visitor.begun()
    agent.accept(other)
    visitor.close(other)
    for deed in (agent.close, agent.dismiss):
        hearing.clear()
        assert deed(chat).status_code == 204
        assert hearing.on(f"person:{agent.person_id}") == [{"active": True}]
        chat = other


@pytest.mark.requirement(37)
def test_one_sees_only_his_own_ended_chats(visitor, customer, chat):
    visitor.close(chat)
    assert visitor.get(f"/chats/{chat}").status_code == 200
    assert customer.get(f"/chats/{chat}").status_code == 404
