"""A request under the eyes of agents: preview, acceptance, another channel."""

import pytest
from sqlalchemy import func, select

from helpdesk.accounts.identity import Identity
from helpdesk.chat import requests
from helpdesk.chat.models import Message
from helpdesk.chat.permissions import Forbidden
from helpdesk.chat.reach import chat_of
from helpdesk.database import db
from helpdesk.web import Invalid
from tests.chat.reading import (
    alerts_of,
    all_with,
    buttons_of,
    cards_of,
    find,
    lines_of,
    rows_of,
    same,
    tree,
    words,
)

OWNER, PARTICIPANT, OBSERVER, NONE = "agent2", "agent3", "observer", "admin"


@pytest.fixture
def chat(visitor):
    return visitor.begun("Where is it?", name="Vera")


@pytest.fixture
def other(house):
    """Makes another agent by his level on Support."""

    def make(login):
        if login == OBSERVER:
            house.revoke("agent3", "Support", "chat_participant")
            house.grant("agent3", "Support", "chat_observer")
            login = "agent3"
        return house.agent(login)

    return make


def identity_of(agent):
    return Identity(agent.person_id, "agent", "Agent", None, "", 1, 2)


@pytest.mark.requirement(18)
def test_an_owner_sees_everything_and_may_accept(agent, chat):
    text = agent.preview(chat).text
    assert [line.text for line in lines_of(text)] == ["Where is it?"]
    assert {"Accept", "Update Channel", "Cancel"} <= buttons_of(text)
    assert "Vera" in text
    assert [words(option) for option in tree(text).iter("option")] == ["Support"]


@pytest.mark.requirement(18)
@pytest.mark.parametrize("login", [PARTICIPANT, OBSERVER])
def test_without_owner_level_there_is_cancel_and_the_reason(other, chat, login):
    text = other(login).preview(chat).text
    assert buttons_of(text) & {"Accept", "Update Channel", "Cancel"} == {"Cancel"}
    assert "Only agents with owner level on this channel can accept." in text
    assert not list(tree(text).iter("select"))


@pytest.mark.requirement(18)
@pytest.mark.parametrize("login", [PARTICIPANT, OBSERVER])
def test_without_owner_level_nothing_can_be_done(other, chat, house, login):
    person = other(login)
    assert person.accept(chat).status_code == 403
    assert person.move(chat, house.channel("Billing")).status_code == 403
    assert person.post(chat, "Hi").status_code == 403
    assert house.chat(chat).state == "request"


@pytest.mark.requirement(7)
def test_who_has_no_level_finds_nothing(house, chat, agent):
    stranger = house.agent(NONE)
    missing = stranger.preview("x" * 22)
    for answer in (
        stranger.preview(chat),
        stranger.accept(chat),
        stranger.move(chat, 1),
        stranger.read(chat),
    ):
        assert (answer.status_code, answer.text) == (404, missing.text)
    assert chat not in stranger.get("/chats").text
    agent.accept(chat)
    assert stranger.preview(chat).text == missing.text, "nor who took it"


@pytest.mark.requirement(7)
def test_a_level_by_role_and_the_highest_of_several_count(house, chat):
    house.grant("agent3", "Support", "chat_owner")
    assert house.agent("agent3").accept(chat).status_code == 200


@pytest.mark.requirement(19)
def test_accepting_makes_it_active_and_says_so(agent, visitor, chat, house):
    answer = agent.accept(chat)
    assert answer.status_code == 200
    assert cards_of(answer.text) == [chat]
    assert cards_of(agent.get("/chats").text) == [chat]
    stored = house.chat(chat)
    assert (stored.state, stored.in_charge_id) == ("active", agent.person_id)
    assert stored.accepted_at is not None
    assert visitor.words(chat) == agent.words(chat) == ["Where is it?", "Agent One has joined this chat."]
    assert rows_of(agent.requests().text) == []
    assert "Agent One" in visitor.status(chat).text
    assert "Please bear with us" not in visitor.status(chat).text


@pytest.mark.requirement(19)
def test_a_late_one_is_told_who_has_it_and_keeps_no_access(agent, other, chat):
    late = other(OWNER)
    agent.accept(chat)
    for answer in (late.accept(chat), late.preview(chat), late.move(chat, 1)):
        assert answer.status_code == 409
        assert alerts_of(answer.text) == ["Agent One has already accepted this chat."]
        assert "data-log=" not in answer.text, "there is nothing to fetch any more"
        assert "Where is it?" not in answer.text
        assert "Accept" not in buttons_of(answer.text)
    assert late.read(chat).status_code == 404
    assert late.header(chat).status_code == 404
    assert late.close(chat).status_code == 404
    assert cards_of(late.get("/chats").text) == []


@pytest.mark.requirement(30)
def test_a_request_withdrawn_meanwhile_is_said_to_be(agent, visitor, chat):
    visitor.withdraw(chat)
    for answer in (agent.accept(chat), agent.preview(chat), agent.move(chat, 1)):
        assert answer.status_code == 409
        assert alerts_of(answer.text) == ["This request has been withdrawn."]
    assert agent.active().status_code == 204


@pytest.mark.requirement(7)
def test_a_level_lost_between_reading_and_taking_is_noticed(agent, chat, house):
    relation = chat_of(identity_of(agent), chat)
    assert relation.may("chat.take")
    house.revoke("agent1", "Support", "chat_owner")
    with pytest.raises(Forbidden):
        requests.accept(relation)
    with pytest.raises((Forbidden, Invalid)):
        requests.move(relation, house.channel("Billing"))
    assert house.chat(chat).state == "request"


@pytest.mark.requirement(7)
def test_the_right_of_the_old_channel_does_not_take_it_in_the_new_one(customer, house, agent):
    chat = customer.begun(channel=house.channel("Support"))
    slow = chat_of(identity_of(house.agent(OWNER)), chat)
    assert agent.move(chat, house.channel("Billing")).status_code == 200
    with pytest.raises(Forbidden):
        requests.accept(slow)
    assert house.chat(chat).state == "request"


@pytest.mark.requirement(18)
def test_an_owner_puts_it_into_another_channel_and_only_agents_read_so(customer, agent, house):
    chat = customer.begun("Invoice?", channel=house.channel("Support"))
    answer = agent.move(chat, house.channel("Billing"))
    assert answer.status_code == 200
    assert words(next(o for o in tree(answer.text).iter("option") if "selected" in o.attrib)) == "Billing"
    assert [row.channel for row in rows_of(agent.requests("customer").text)] == ["Billing"]
    assert agent.words(chat) == ["Invoice?", "Agent One has changed the channel to Billing."]
    assert customer.words(chat) == ["Invoice?"]
    customer.post(chat, "Second")
    agent.accept(chat)
    assert [line.n for line in customer.lines(chat)] == [1, 2, 3], "no hole where agents read more"
    assert [line.n for line in agent.lines(chat)] == [1, 2, 3, 4]


@pytest.mark.requirement(18)
@pytest.mark.parametrize("channel", ["Default channel", 999, "", "x", "-1", 2**70])
def test_only_channels_on_offer_can_be_chosen(visitor, agent, chat, house, channel):
    wanted = house.channel(channel) if channel == "Default channel" else channel
    answer = agent.move(chat, wanted)
    assert answer.status_code == 422
    assert alerts_of(answer.text) == ["This channel is not available at the moment."]
    assert "Accept" in buttons_of(answer.text)
    assert [row.channel for row in rows_of(agent.requests().text)] == ["Support"]


@pytest.mark.requirement(18)
def test_who_sends_it_out_of_his_sight_is_told_where_it_went(customer, agent, house):
    house.revoke("agent2", "Billing", "chat_observer")
    chat = customer.begun("Invoice?", channel=house.channel("Support"))
    mover = house.agent("agent2")
    answer = mover.move(chat, house.channel("Billing"))
    assert answer.status_code == 200
    assert alerts_of(answer.text) == ["The request now waits in a channel that is not yours to see."]
    assert "Invoice?" not in answer.text
    assert mover.preview(chat).status_code == 404
    assert agent.preview(chat).status_code == 200


@pytest.mark.requirement(18)
def test_the_same_channel_again_changes_nothing(agent, chat, house):
    version = house.chat(chat).version
    assert agent.move(chat, house.channel("Support")).status_code == 200
    assert house.chat(chat).version == version
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


@pytest.mark.requirement(20)
def test_taking_is_told_to_the_lists_the_card_and_the_guest(agent, visitor, chat, house, hearing):
    other, outsider = house.agent(PARTICIPANT), house.agent(NONE)
    hearing.clear()
    agent.accept(chat)
    stored, support = house.chat(chat), house.channel("Support")
    assert f"#request-{chat}" in hearing.content(f"channel:{support}", "channel")
    assert 'data-public="0"' in hearing.content(f"channel:{support}", "channel")
    for audience in ("agents", "guests"):
        assert "has joined this chat." in hearing.content(f"chat:{stored.id}:{audience}", "n")
        assert hearing.topics("changed") == {f"chat:{stored.id}:agents", f"chat:{stored.id}:guests"}
    assert {told.topic for told in hearing.by(other.person_id)} <= {f"channel:{support}", "presence"}
    assert not [
        told for told in hearing.by(outsider.person_id) if "channel" in told.frame or "n" in told.frame
    ]
    assert "control:access" in {told.topic for told in hearing.told}, "his sockets hear the chat from now on"


@pytest.mark.requirement(20)
def test_moving_is_told_to_both_channels_and_the_words_to_agents_only(customer, agent, house, hearing):
    chat = customer.begun("Invoice?", channel=house.channel("Support"))
    hearing.clear()
    agent.move(chat, house.channel("Billing"))
    support, billing = (f"channel:{house.channel(name)}" for name in ("Support", "Billing"))
    assert 'hx-swap="delete"' in hearing.content(support, "channel")
    came = hearing.content(billing, "channel")
    fresh = find(agent.requests("customer").text, f"request-{chat}")
    assert same(find(came, f"request-{chat}")) == same(fresh)
    order = [told.topic for told in hearing.told if told.topic.startswith("channel:")]
    assert order == [support, billing], "gone before it comes: it is one row"
    stored = house.chat(chat)
    assert hearing.topics("n") == {f"chat:{stored.id}:agents"}
    assert "changed the channel" not in str(hearing.by(house.id_of("customer1")))


@pytest.mark.requirement(20)
def test_a_pushed_count_is_the_count_of_a_fresh_page(agent, visitor, house, hearing):
    visitor.begun()
    hearing.clear()
    visitor.begun()
    support = house.channel("Support")
    pushed = find(hearing.content(f"channel:{support}", "channel"), f"waiting-{support}")
    assert same(pushed) == same(find(agent.get("/chats").text, f"waiting-{support}"))


@pytest.mark.requirement(18)
def test_a_name_that_is_markup_is_text_in_every_view(visitor, agent):
    bad = "<img src=x onerror=alert(1)>\"'><b hx-get=/x>"
    chat = visitor.begun(bad, name=bad)
    for text in (
        agent.requests().text,
        agent.preview(chat).text,
        agent.accept(chat).text,
        agent.header(chat).text,
        agent.read(chat).text,
        agent.get("/chats").text,
        visitor.read(chat).text,
    ):
        assert not list(tree(text).iter("img"))
        assert not list(all_with(tree(text), "hx-get", "/x"))
