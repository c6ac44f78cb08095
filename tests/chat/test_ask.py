"""Personal requests (rows 4, 24, 25, 26): asked once, answered once, and who hears of it."""

from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from helpdesk.chat.models import Chat, Message
from helpdesk.chat.personal import MOST_WAITING
from helpdesk.database import db
from tests.chat.people import TEXT
from tests.chat.reading import alerts_of, buttons_of, cards_of, circle_of, find, rows_of, same, tree, words
from tests.chat.test_begin import setting
from tests.chat.test_lists import go_away
from tests.chat.together import at_once


def typed(answer):
    """What stands in the dialog's text box."""
    return "".join(next(tree(answer.text).iter("textarea")).itertext())


def stored():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Chat))


@pytest.mark.requirement(25)
def test_the_chat_waits_among_the_starters_chats_and_asks_its_target(agent, colleague, chat, house):
    assert cards_of(agent.get("/chats").text) == [chat]
    card = agent.header(chat)
    assert circle_of(card.text)[0] == "inactive"
    assert "Waiting for Agent Two to answer." in card.text
    assert agent.words(chat) == [TEXT]
    [row] = rows_of(colleague.requests("personal").text)
    assert row[:3] == (chat, "Agent", "Default channel")
    assert (row.requester, row.description) == ("active Agent One", TEXT)
    assert {"Accept", "Decline", "Cancel"} <= buttons_of(colleague.preview(chat).text)
    assert house.agent("admin").waiting("personal") == []


@pytest.mark.requirement(25)
def test_once_accepted_both_can_chat(agent, colleague, chat):
    assert colleague.accept(chat).status_code == 200
    assert colleague.post(chat, "Yes?").status_code == 200
    assert agent.post(chat, "The invoice of Acme").status_code == 200
    expected = [TEXT, "Agent Two has joined this chat.", "Yes?", "The invoice of Acme"]
    assert agent.words(chat) == colleague.words(chat) == expected
    assert colleague.waiting("personal") == []
    assert "Agent One" in words(find(colleague.header(chat).text, f"name-{chat}"))


@pytest.mark.requirement(25)
def test_once_declined_it_is_over_and_the_starter_reads_so(agent, colleague, chat):
    assert colleague.decline(chat).status_code == 204
    assert agent.words(chat)[-1] == "Agent Two has rejected the chat request."
    assert "This chat has been closed." in agent.header(chat).text
    assert "Dismiss" in buttons_of(agent.header(chat).text)
    assert (colleague.waiting("personal"), cards_of(colleague.get("/chats").text)) == ([], [])


@pytest.mark.requirement(26)
def test_a_customer_accepts_and_talks_and_closes(agent, guest, invitation):
    asked = guest.incoming()
    assert ("Agent One" in asked.text, TEXT in asked.text) == (True, True)
    assert {"Accept", "Decline"} <= buttons_of(asked.text)
    answer = guest.accept(invitation)
    assert f'data-chat="{invitation}"' in answer.text
    assert guest.post(invitation, "Yes?").status_code == 200
    assert agent.words(invitation) == [TEXT, "Customer One has joined this chat.", "Yes?"]
    assert buttons_of(guest.incoming().text) == set()
    assert "Withdraw" not in buttons_of(guest.status(invitation).text)
    assert guest.close(invitation).status_code == 200
    assert agent.words(invitation)[-1] == "Customer One has left this chat."


@pytest.mark.requirement(26)
def test_a_customer_declines_and_it_is_gone(agent, guest, invitation):
    assert guest.decline(invitation).status_code == 204
    assert agent.words(invitation)[-1] == "Customer One has rejected the chat request."
    assert buttons_of(guest.incoming().text) == set()
    assert "Incoming" not in guest.home().text
    for path in ("", "/status", "/messages"):
        assert guest.get(f"/chats/{invitation}{path}").status_code == 404


@pytest.mark.requirement(26)
def test_it_is_no_conversation_before_it_is_accepted(agent, guest, invitation, house, hearing):
    assert "Incoming chat request(s)" in guest.get("/").text
    assert 'data-view="home"' in guest.get(f"/?chat={invitation}").text
    assert "Conversation(s)" not in guest.home().text
    for path in ("", "/status", "/messages"):
        assert guest.get(f"/chats/{invitation}{path}").status_code == 404
    assert guest.post(invitation, "Hello?").status_code == 404
    assert guest.close(invitation).status_code == 404
    agent.post(invitation, "Are you there?")
    assert [told.topic for told in hearing.by(house.id_of("customer1")) if "chat" in told.frame] == []


@pytest.mark.requirement(26)
def test_the_request_stands_on_every_page_of_the_customer_alone(agent, guest, invitation, house):
    page = guest.client.get("/external/")
    assert same(find(page.text, "incoming")) == same(find(guest.incoming().text, "incoming"))
    assert TEXT in words(find(page.text, "incoming"))
    assert TEXT not in house.customer("customer2").client.get("/external/").text
    assert TEXT not in house.visitor().client.get("/external/").text
    etag = guest.incoming().headers["ETag"]
    assert guest.incoming(headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.requirement(25, 26)
def test_who_was_not_asked_finds_nothing(agent, colleague, chat, guest, invitation, house):
    other, stranger = house.agent("agent3"), house.customer("customer2")
    for public_id in (chat, invitation):
        for deed in (other.preview, other.accept, other.decline, other.withdraw, other.read, other.close):
            assert deed(public_id).status_code == 404
        for deed in (stranger.accept, stranger.decline, stranger.status, stranger.read, stranger.close):
            assert deed(public_id).status_code == 404
    assert house.visitor().accept(invitation).status_code == 404
    assert guest.accept(chat).status_code == 404
    assert colleague.accept(invitation).status_code == 404
    assert agent.accept(chat).status_code == 403
    assert agent.decline(chat).status_code == 403
    assert colleague.withdraw(chat).status_code == 403


@pytest.mark.requirement(4, 25, 26)
def test_a_direction_that_is_off_is_refused_with_the_text_kept(agent, colleague, guest, house):
    people = {"AgentToAgent": colleague.person_id, "AgentToCustomer": house.id_of("customer1")}
    for off, to in people.items():
        setting(f"ChatEngine::ChatDirection::{off}", False)
        answer = agent.ask(to, "  keep   me\n")
        assert (answer.status_code, typed(answer)) == (409, "  keep   me\n")
        assert "is not available any more." in alerts_of(answer.text)[0]
        assert agent.get(f"/chats/new?to={to}").status_code == 409
        setting(f"ChatEngine::ChatDirection::{off}", True)
        assert agent.get(f"/chats/new?to={to}").status_code == 200
    assert stored() == 0


@pytest.mark.requirement(24)
def test_who_went_or_is_unavailable_is_refused_on_click_and_on_send_with_the_text_kept(
    agent, colleague, guest, house
):
    colleague.send("/availability", to="0")
    go_away(house.id_of("customer1"))
    for to, name in ((colleague.person_id, "Agent Two"), (house.id_of("customer1"), "Customer One")):
        for answer in (agent.get(f"/chats/new?to={to}"), agent.ask(to, TEXT)):
            assert answer.status_code == 409
            assert alerts_of(answer.text) == [f"{name} is not available any more."]
            assert "Send" in buttons_of(answer.text)
        assert typed(answer) == TEXT
    colleague.send("/availability", to="1")
    assert agent.ask(colleague.person_id).status_code == 204
    assert stored() == 1


@pytest.mark.requirement(24)
def test_without_a_level_nobody_asks_and_nobody_is_asked(agent, colleague, house):
    other = house.agent("agent3")
    house.revoke("agent3", "Support", "chat_participant")
    assert other.ask(colleague.person_id).status_code == 403
    assert other.get(f"/chats/new?to={colleague.person_id}").status_code == 403
    assert agent.ask(other.person_id).status_code == 409
    assert stored() == 0


@pytest.mark.requirement(24)
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("to", ["", "0", "-1", "x", "9" * 20, "999999", "me"])
def test_nobody_is_asked_who_does_not_exist_or_asks_himself(agent, visitor, to):
    person = agent.person_id if to == "me" else to
    assert agent.ask(person).status_code == 404
    assert agent.get(f"/chats/new?to={person}").status_code == 404
    visitor.begun()
    asker = db.session.scalar(select(Chat.requester_id))
    assert agent.ask(asker).status_code == 404


@pytest.mark.requirement(25)
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("text", "wrong"),
    [("", "Please write a message."), ("\u200b \x00", "Please write"), ("x" * 4001, "at most 4,000")],
)
def test_bad_input_is_answered_in_place(agent, colleague, text, wrong):
    answer = agent.ask(colleague.person_id, text)
    assert answer.status_code == 422
    assert wrong in alerts_of(answer.text)[0]
    assert agent.ask(colleague.person_id, TEXT, client_id="1").status_code == 422
    assert stored() == 0


@pytest.mark.requirement(25, 33)
def test_sent_again_it_is_one_chat(app, agent, colleague):
    client_id = uuid4()
    answers = at_once(app, [partial(agent.ask, colleague.person_id, TEXT, client_id)] * 5)
    assert len({answer.headers["HX-Redirect"] for answer in answers}) == 1
    assert stored() == 1
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1
    answer = colleague.ask(agent.person_id, "mine", client_id)
    assert (answer.status_code, typed(answer)) == (409, "mine")
    assert alerts_of(answer.text) == ["This message was sent already."]
    assert str(client_id) not in answer.text


@pytest.mark.requirement(25)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_agent_can_ask_only_so_many_who_have_not_answered(agent, colleague):
    chats = [agent.asked(colleague.person_id) for _ in range(MOST_WAITING)]
    assert agent.ask(colleague.person_id).status_code == 429
    agent.withdraw(chats[0])
    assert agent.ask(colleague.person_id).status_code == 204
