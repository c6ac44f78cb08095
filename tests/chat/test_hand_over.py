"""Hand over and take over: on offer for a while, taken by one, back where it was when nobody wants it."""

from functools import partial

import pytest
from sqlalchemy import update

from helpdesk.accounts.models import Person
from helpdesk.chat import lost
from helpdesk.chat.models import HandOver
from helpdesk.database import now, transaction
from helpdesk.realtime.models import Presence
from tests.chat.hearing import Hearing
from tests.chat.people import Agent, Guest, House, shown_gone
from tests.chat.reading import alerts_of, all_with, rows_of, tree
from tests.chat.together import at_once

TAKEN = "Agent Two has taken over this chat."


@pytest.fixture
def other(house: House, agent: Agent) -> Agent:
    """Agent Two, who owns Support."""
    return house.agent("agent2")


@pytest.fixture
def chat(house: House, agent: Agent, visitor: Guest) -> str:
    """A running chat of Agent One with Vera in Support."""
    begun = visitor.begun(channel=house.channel("Support"))
    assert agent.accept(begun).status_code == 200
    return begun


def personal(agent: Agent) -> list[str]:
    """Return the chats in the agent's personal requests."""
    return [row.public_id for row in rows_of(agent.requests("personal").text)]


def status_of(agent: Agent, chat: str) -> int:
    """Accept, and return the status."""
    return agent.accept(chat).status_code


def lapse(chat_id: int) -> None:
    """Have the offer's time pass."""
    with transaction() as tx:
        tx.execute(update(HandOver).where(HandOver.chat_id == chat_id).values(until=now()))


@pytest.mark.requirement(41)
def test_a_colleague_takes_what_he_is_offered(
    house: House, agent: Agent, other: Agent, visitor: Guest, chat: str, hearing: Hearing
) -> None:
    assert agent.hand_over(chat, f"person-{other.person_id}").status_code == 204
    assert personal(other) == [chat]
    assert "Agent One offers you this chat." in other.requests("personal").text
    assert "Hello?" in other.preview(chat).text
    assert "offers" not in " ".join(visitor.words(chat))
    assert other.accept(chat).status_code == 200
    assert house.chat(chat).in_charge_id == other.person_id
    assert personal(other) == []
    assert visitor.words(chat)[-1] == agent.words(chat)[-1] == TAKEN
    assert "Agent Two" in visitor.status(chat).text
    assert other.post(chat, "Now I am here").status_code == 200
    assert agent.leave(chat).status_code == 204  # who gave it away stays as participant, and may go
    assert agent.accept(chat).status_code in (404, 409)


@pytest.mark.requirement(9, 41)
def test_the_circle_of_who_took_over_replaces_that_of_who_was_in_charge_however_often_that_changed(
    house: House, agent: Agent, other: Agent, visitor: Guest, chat: str, hearing: Hearing
) -> None:
    for position in (0, 2, 0):
        agent.send("/availability", to=position)
    last = [frame for frame in hearing.on(f"chat:{house.chat(chat).id}:guests") if "presence" in frame][-1]
    assert last["state"] == "unavailable"
    agent.hand_over(chat, f"person-{other.person_id}")
    assert other.accept(chat).status_code == 200
    [circle] = all_with(tree(visitor.status(chat).text), "data-presence", last["presence"])
    assert circle.get("data-state") == "active"
    assert int(circle.get("data-version") or 0) > last["version"]


@pytest.mark.requirement(41)
def test_an_unanswered_offer_leaves_the_chat_where_it_was(
    house: House, agent: Agent, other: Agent, visitor: Guest, chat: str
) -> None:
    agent.hand_over(chat, f"person-{other.person_id}")
    before = visitor.words(chat)
    lapse(house.chat(chat).id)
    assert personal(other) == []
    assert other.accept(chat).status_code in (404, 409)
    lost.sweep()
    lost.sweep()
    words = agent.words(chat)
    assert words.count("Nobody has taken the chat that Agent One offered.") == 1
    assert house.chat(chat).in_charge_id == agent.person_id
    assert visitor.words(chat) == before
    assert agent.hand_over(chat, f"person-{other.person_id}").status_code == 204


@pytest.mark.requirement(41)
def test_a_chat_is_offered_once_at_a_time_and_only_to_who_could_answer(
    house: House, agent: Agent, other: Agent, chat: str
) -> None:
    three = house.agent("agent3")  # participant on Support
    assert agent.hand_over(chat, f"person-{three.person_id}").status_code == 404
    assert agent.hand_over(chat, f"person-{agent.person_id}").status_code == 404
    assert agent.hand_over(chat, "person-99999").status_code == 404
    assert agent.hand_over(chat, "nonsense").status_code == 422
    assert agent.hand_over(chat, f"channel-{house.channel('Support')}").status_code == 204
    again = agent.hand_over(chat, f"person-{other.person_id}")
    assert again.status_code == 409
    assert alerts_of(again.text) == ["This chat is on offer already."]


@pytest.mark.requirement(41)
def test_who_is_not_there_is_not_offered_a_chat(house: House, agent: Agent, other: Agent, chat: str) -> None:
    with transaction() as tx:
        tx.execute(update(Person).where(Person.id == other.person_id).values(availability=0))
    answer = agent.hand_over(chat, f"person-{other.person_id}")
    assert alerts_of(answer.text) == ["Agent Two is not available any more."]
    assert personal(other) == []


@pytest.mark.requirement(41)
def test_only_who_is_in_charge_hands_over(
    house: House, agent: Agent, other: Agent, visitor: Guest, chat: str
) -> None:
    for nobody in (other, house.agent("agent3"), house.agent("admin")):
        assert nobody.hand_over(chat, f"person-{agent.person_id}").status_code == 404
    assert visitor.send(f"/chats/{chat}/hand-over", to="person-1").status_code in (401, 404)
    assert house.chat(chat).in_charge_id == agent.person_id


@pytest.mark.requirement(41)
def test_of_all_who_take_an_offer_to_a_channel_one_wins(house: House, agent: Agent, chat: str) -> None:
    house.grant("agent3", "Support", "chat_owner")
    takers = [house.agent("agent2"), house.agent("agent3")]
    agent.hand_over(chat, f"channel-{house.channel('Support')}")
    assert [personal(each) for each in takers] == [[chat], [chat]]
    answers = at_once(house.app, [partial(status_of, each, chat) for each in takers])
    assert answers.count(200) == 1, answers
    winner = takers[answers.index(200)]
    assert house.chat(chat).in_charge_id == winner.person_id
    assert [personal(each) for each in takers] == [[], []]


@pytest.mark.requirement(41)
def test_colleagues_can_take_over_from_who_has_lost_his_connection_and_the_customer_is_told(
    house: House, agent: Agent, other: Agent, visitor: Guest, chat: str, hearing: Hearing
) -> None:
    shown_gone(agent.person_id, minutes=3)
    lost.sweep()
    lost.sweep()
    told_colleague = [frame for frame in hearing.on(f"person:{other.person_id}") if frame.get("by")]
    assert [(frame["by"], frame["how"]) for frame in told_colleague] == [("Agent One", "lost")]
    told = "We have lost the connection to Agent One. A colleague can take over this chat."
    assert visitor.words(chat).count(told) == 1
    assert personal(other) == [chat]
    assert "The connection of Agent One is lost." in other.requests("personal").text
    assert other.accept(chat).status_code == 200
    assert visitor.words(chat)[-1] == TAKEN


@pytest.mark.requirement(41)
def test_who_is_found_again_keeps_his_chat(
    house: House, agent: Agent, other: Agent, visitor: Guest, chat: str
) -> None:
    shown_gone(agent.person_id, minutes=3)
    lost.sweep()
    with transaction() as tx:
        back = update(Presence).where(Presence.person_id == agent.person_id).values(shown="active")
        tx.execute(back)
    lost.sweep()
    assert personal(other) == []
    assert visitor.words(chat)[-1] == "Agent One is connected again."


@pytest.mark.requirement(41)
def test_who_goes_is_asked_about_his_chats_and_can_close_or_offer_them(
    house: House, agent: Agent, other: Agent, visitor: Guest, chat: str
) -> None:
    assert other.get("/chats/in-hand").status_code == 204
    assert "Vera" in agent.get("/chats/in-hand").text
    assert agent.send("/chats/in-hand", deed="offer").status_code == 204
    assert personal(other) == [chat]
    assert agent.send("/chats/in-hand", deed="nonsense").status_code == 422
    assert agent.send("/chats/in-hand", deed="close").status_code == 204
    assert house.chat(chat).state == "closed"
    assert personal(other) == []


@pytest.mark.requirement(35, 41)
def test_who_takes_an_offer_to_another_channel_takes_the_chat_there(
    house: House, agent: Agent, other: Agent, customer: Guest
) -> None:
    chat = customer.begun(channel=house.channel("Support"))
    other.accept(chat)
    three = house.agent("agent3")
    three.send(f"/chats/{chat}/participation", mode="observer")
    assert other.hand_over(chat, f"channel-{house.channel('Billing')}").status_code == 204
    assert personal(agent) == [chat]
    assert agent.accept(chat).status_code == 200
    assert house.chat(chat).channel_id == house.channel("Billing")
    assert "Agent One has changed the channel to Billing." in agent.words(chat)
    assert "Agent One has changed the channel to Billing." not in customer.words(chat)
    assert three.read(chat).status_code == 404
    assert other.read(chat).status_code == 200  # observer level on Billing


@pytest.mark.requirement(37, 41)
def test_a_closed_chat_is_not_handed_over_and_says_so(
    agent: Agent, other: Agent, visitor: Guest, chat: str
) -> None:
    visitor.close(chat)
    answer = agent.hand_over(chat, f"person-{other.person_id}")
    assert (answer.status_code, alerts_of(answer.text)) == (409, ["This chat has been closed."])


@pytest.mark.requirement(35, 41)
def test_an_offer_ends_when_the_chat_goes_to_another_channel(
    house: House, agent: Agent, other: Agent, customer: Guest, hearing: Hearing
) -> None:
    chat = customer.begun(channel=house.channel("Support"))
    agent.accept(chat)
    agent.hand_over(chat, f"person-{other.person_id}")
    hearing.clear()
    assert agent.change_channel(chat, house.channel("Billing")).status_code == 204
    assert personal(other) == []
    assert {"personal": chat, "by": "", "text": ""} in hearing.on(f"person:{other.person_id}")
    assert other.accept(chat).status_code == 409
    assert agent.hand_over(chat, f"channel-{house.channel('Support')}").status_code == 204


@pytest.mark.requirement(37, 41)
def test_an_offer_ends_with_the_chat_and_is_told_at_once(
    agent: Agent, other: Agent, visitor: Guest, chat: str, hearing: Hearing
) -> None:
    agent.hand_over(chat, f"person-{other.person_id}")
    hearing.clear()
    visitor.close(chat)
    assert {"personal": chat, "by": "", "text": ""} in hearing.on(f"person:{other.person_id}")
    assert personal(other) == []
    lost.sweep()
    assert agent.words(chat)[-1] == "Vera has left this chat."


@pytest.mark.requirement(37, 41)
@pytest.mark.parametrize("dialog", ["hand-over", "invitation", "channel-change"])
def test_every_dialog_of_a_chat_that_closed_meanwhile_says_so(
    agent: Agent, visitor: Guest, chat: str, dialog: str
) -> None:
    assert agent.get(f"/chats/{chat}/{dialog}").status_code == 200
    visitor.close(chat)
    for answer in (agent.get(f"/chats/{chat}/{dialog}"), agent.send(f"/chats/{chat}/{dialog}", channel="1")):
        assert (answer.status_code, alerts_of(answer.text)) == (409, ["This chat has been closed."])
