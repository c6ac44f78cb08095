"""What agents set for themselves: availability and My Chat Channels, and what it offers to whom (row 12)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from helpdesk.accounts import people
from helpdesk.accounts.models import Person
from helpdesk.chat.models import Channel, ChannelChoice
from helpdesk.chat.subscriptions import ready_of
from helpdesk.database import db, now, transaction
from helpdesk.realtime import topics
from tests.chat.reading import buttons_of, tree, words
from tests.chat.test_begin import setting
from tests.chat.test_lists import go_away

NAMES = ["unavailable", "internal", "internal and external"]


def position(agent):
    return int(next(tree(agent.get("/availability").text).iter("div")).attrib["data-level"])


def offered(guest):
    """The channels a guest could choose now to begin a chat; where nobody is there he leaves a message."""
    root = tree(guest.get("/start").text)
    if any(form.attrib["action"].endswith("/tickets") for form in root.iter("form")):
        return []
    names = [words(option) for option in root.iter("option")]
    hidden = [e for e in root.iter("input") if e.attrib.get("name") == "channel"]
    return names or [f"#{each.attrib['value']}" for each in hidden]


def since(agent, seconds):
    """Let his last click on the button be so long ago."""
    with transaction() as tx:
        at = now() - timedelta(seconds=seconds)
        tx.execute(update(Person).where(Person.id == agent.person_id).values(availability_changed_at=at))


@pytest.fixture
def alone(house, agent):
    """Agent One is the only one who is there."""
    return agent


@pytest.mark.requirement(8)
def test_a_click_goes_to_the_next_and_the_menu_to_any(agent):
    assert position(agent) == 2
    for expected in (0, 1, 2, 0):
        answer = agent.send("/availability", to="next")
        assert f"Availability: {NAMES[expected]}" in buttons_of(answer.text)
        assert ("Customers cannot reach you" in answer.text) == (expected != 2)
        assert said(agent.person_id).startswith(f"{expected}:")
        assert position(agent) == expected
    for wanted in (2, 1, 1, 0):
        agent.send("/availability", to=wanted)
        assert position(agent) == wanted
    assert f"Availability: {NAMES[0]}" in buttons_of(agent.get("/").text)


@pytest.mark.requirement(8, 16, 18)
def test_ready_tells_a_page_what_of_his_own_changed_before_it_could_hear(agent, colleague, house):
    marks = [shown(agent)]
    for change in (
        lambda: agent.send("/availability", to="1"),
        lambda: agent.send("/chats/filter", channels="all"),
        lambda: agent.send("/preferences", channel=house.channel("Billing")),
        lambda: colleague.asked(agent.person_id),
    ):
        change()
        assert said(agent.person_id) == shown(agent)
        marks.append(shown(agent))
    assert len(set(marks)) == len(marks)


@pytest.mark.requirement(26)
def test_ready_tells_a_customer_what_agents_asked_before_his_page_could_hear_it(agent, guest, house):
    def incoming():
        return next(tree(guest.get("/incoming").text).iter("div")).attrib["data-etag"]

    marks = [incoming()]
    person = house.id_of("customer1")
    asked = agent.asked(person)
    marks.append(incoming())
    assert said(person) == marks[1] != marks[0]
    guest.decline(asked)
    assert said(person) == incoming() == marks[0]


def shown(agent):
    """What a page says of his own; what is pushed before its socket is ready does not reach it."""
    page = tree(agent.get("/chats").text)
    (own,) = (each.attrib["data-own"] for each in page.iter() if each.attrib.get("id") == "waiting")
    return own


def said(person_id):
    """What `ready` says of it."""
    who = topics.load(person_id, "")
    assert who
    return ready_of(who)["own"]


@pytest.mark.requirement(8)
@pytest.mark.parametrize("to", ["3", "-1", "", "external", "2.0", "٢", "\x00"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_there_is_no_fourth_position(agent, to):
    assert agent.send("/availability", to=to).status_code == 422
    assert position(agent) == 2


@pytest.mark.requirement(8)
def test_running_chats_do_not_end_with_it(visitor, agent, house):
    chat = visitor.begun()
    agent.accept(chat)
    agent.send("/availability", to="0")
    assert house.chat(chat).state == "active"
    assert agent.post(chat, "Still here").status_code == 200
    assert visitor.post(chat, "Good").status_code == 200


@pytest.mark.requirement(8)
def test_it_is_his_own_and_told_to_his_tabs_and_to_those_who_see_his_circle(agent, house, hearing):
    other = house.agent("agent2")
    hearing.clear()
    agent.send("/availability", to="0")
    assert position(other) == 2
    assert hearing.on(f"person:{agent.person_id}") == [{"self": True}]
    [frame] = hearing.on("presence")
    assert (frame["presence"], frame["state"]) == (str(agent.person_id), "unavailable")
    assert {"self": True} not in [told.frame for told in hearing.by(other.person_id)]


@pytest.mark.requirement(8)
def test_a_new_agent_is_unavailable_and_told_how_to_be_reached(house):
    with transaction() as tx:
        people.create_agent(tx, "new", "New Agent")
    house.grant("new", "Support", "chat_owner")
    new = house.agent("new")
    assert position(new) == 0
    text = new.get("/chats/notice").text
    assert "Customers cannot reach you: you are set to unavailable." in text
    assert "Let customers reach me" in buttons_of(text)
    assert offered(house.visitor()) == []
    text = new.send("/chats/notice").text
    assert "cannot reach" not in text
    assert f"Availability: {NAMES[2]}" in buttons_of(text)
    assert position(new) == 2
    since(new, 2)
    assert len(offered(house.visitor())) == 1


@pytest.mark.requirement(8)
def test_without_a_channel_of_his_own_he_is_told_and_mended_too(agent, house):
    agent.send("/preferences")
    assert "none of your channels is among My Chat Channels" in agent.get("/chats").text
    assert "cannot reach" not in agent.send("/chats/notice").text
    assert position(agent) == 2
    assert "cannot reach" not in house.agent("agent3").get("/chats/notice").text, "he owns none"


@pytest.mark.requirement(8)
def test_for_customers_a_click_counts_after_a_second(house, alone):
    visitor = house.visitor()
    alone.send("/availability", to="1")
    assert offered(visitor) == []
    alone.send("/availability", to="2")
    assert offered(visitor) == [], "clicking through offers nothing"
    since(alone, 1.1)
    assert len(offered(visitor)) == 1


@pytest.mark.requirement(12)
def test_each_condition_alone_takes_the_offer_away(house, alone):
    visitor, support = house.visitor(), house.channel("Support")

    def is_on_offer():
        return bool(offered(visitor))

    def channel(**values):
        with transaction() as tx:
            tx.execute(update(Channel).where(Channel.id == support).values(**values))

    assert is_on_offer()
    channel(validity="invalid-temporarily")
    assert not is_on_offer()
    channel(validity="valid", is_for_public=False)
    assert not is_on_offer()
    channel(is_for_public=True)
    assert is_on_offer()
    house.revoke("agent1", "Support", "chat_owner")
    house.grant("agent1", "Support", "chat_participant")
    assert not is_on_offer(), "participant level is not enough"
    house.grant("agent1", "Support", "chat_owner")
    assert is_on_offer()
    alone.send("/preferences", channel=house.channel("Billing"))
    assert not is_on_offer(), "not among his channels"
    alone.send("/preferences", channel=support)
    assert is_on_offer()
    for setting_, is_enough in (("1", False), ("0", False), ("2", True)):
        alone.send("/availability", to=setting_)
        since(alone, 2)
        assert is_on_offer() is is_enough
    go_away(alone.person_id)
    assert not is_on_offer(), "not connected"
    assert visitor.begin().status_code == 409


@pytest.mark.requirement(12)
def test_the_check_can_be_switched_off_for_each_audience(house):
    visitor, customer = house.visitor(), house.customer()
    assert offered(visitor) == offered(customer) == []
    setting("ChatEngine::AvailabilityCheck::Public", False)
    assert len(offered(visitor)) == 1
    assert offered(customer) == []
    setting("ChatEngine::AvailabilityCheck::Customer", False)
    assert offered(customer) == ["Billing", "Support"]
    assert visitor.begin().status_code == 200


@pytest.mark.requirement(12)
def test_customers_choose_among_what_is_theirs(house, alone):
    assert offered(house.customer()) == ["Billing", "Support"]
    assert offered(house.visitor()) == [f"#{house.channel('Support')}"]
    house.revoke("agent1", "Billing", "chat_owner")
    assert offered(house.customer()) == [f"#{house.channel('Support')}"]


@pytest.mark.requirement(7)
def test_nobody_chooses_a_channel_he_has_no_level_on(house):
    stranger = house.agent("agent3")
    billing = house.channel("Billing")
    stranger.send("/preferences", channel=billing)
    house.grant("agent3", "Billing", "chat_owner")
    kept = select(ChannelChoice).where(ChannelChoice.person_id == stranger.person_id)
    assert [row.channel_id for row in db.session.scalars(kept)] == [house.channel("Support")]
