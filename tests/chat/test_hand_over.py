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


def personal(agent: Agent) -> list[str]:
    """Return the chats in the agent's personal requests."""
    return [row.public_id for row in rows_of(agent.requests("personal").text)]


def status_of(agent: Agent, running: str) -> int:
    """Accept, and return the status."""
    return agent.accept(running).status_code


def lapse(chat_id: int) -> None:
    """Have the offer's time pass."""
    with transaction() as tx:
        tx.execute(update(HandOver).where(HandOver.chat_id == chat_id).values(until=now()))


@pytest.mark.requirement(41)
def test_a_colleague_takes_what_he_is_offered(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str, hearing: Hearing
) -> None:
    assert agent.hand_over(running, f"person-{colleague.person_id}").status_code == 204
    assert personal(colleague) == [running]
    assert "Agent One offers you this chat." in colleague.requests("personal").text
    assert "Hello?" in colleague.preview(running).text
    assert "offers" not in " ".join(visitor.words(running))
    assert colleague.accept(running).status_code == 200
    assert house.chat(running).in_charge_id == colleague.person_id
    assert personal(colleague) == []
    assert visitor.words(running)[-1] == agent.words(running)[-1] == TAKEN
    assert "Agent Two" in visitor.status(running).text
    assert colleague.post(running, "Now I am here").status_code == 200
    assert agent.leave(running).status_code == 204  # who gave it away stays as participant, and may go
    assert agent.accept(running).status_code in (404, 409)


@pytest.mark.requirement(9, 41)
def test_the_circle_of_who_took_over_replaces_that_of_who_was_in_charge_however_often_that_changed(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str, hearing: Hearing
) -> None:
    for position in (0, 2, 0):
        agent.send("/availability", to=position)
    last = [frame for frame in hearing.on(f"chat:{house.chat(running).id}:guests") if "presence" in frame][-1]
    assert last["state"] == "unavailable"
    agent.hand_over(running, f"person-{colleague.person_id}")
    assert colleague.accept(running).status_code == 200
    [circle] = all_with(tree(visitor.status(running).text), "data-presence", last["presence"])
    assert circle.get("data-state") == "active"
    assert int(circle.get("data-version") or 0) > last["version"]


@pytest.mark.requirement(41)
def test_an_unanswered_offer_leaves_the_chat_where_it_was(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    agent.hand_over(running, f"person-{colleague.person_id}")
    before = visitor.words(running)
    lapse(house.chat(running).id)
    assert personal(colleague) == []
    assert colleague.accept(running).status_code in (404, 409)
    lost.sweep()
    lost.sweep()
    words = agent.words(running)
    assert words.count("Nobody has taken the chat that Agent One offered.") == 1
    assert house.chat(running).in_charge_id == agent.person_id
    assert visitor.words(running) == before
    assert agent.hand_over(running, f"person-{colleague.person_id}").status_code == 204


@pytest.mark.requirement(41)
def test_a_chat_is_offered_once_at_a_time_and_only_to_who_could_answer(
    house: House, agent: Agent, colleague: Agent, running: str
) -> None:
    three = house.agent("agent3")  # participant on Support
    assert agent.hand_over(running, f"person-{three.person_id}").status_code == 404
    assert agent.hand_over(running, f"person-{agent.person_id}").status_code == 404
    assert agent.hand_over(running, "person-99999").status_code == 404
    assert agent.hand_over(running, "nonsense").status_code == 422
    assert agent.hand_over(running, f"channel-{house.channel('Support')}").status_code == 204
    again = agent.hand_over(running, f"person-{colleague.person_id}")
    assert again.status_code == 409
    assert alerts_of(again.text) == ["This chat is on offer already."]


@pytest.mark.requirement(41)
def test_who_is_not_there_is_not_offered_a_chat(
    house: House, agent: Agent, colleague: Agent, running: str
) -> None:
    with transaction() as tx:
        tx.execute(update(Person).where(Person.id == colleague.person_id).values(availability=0))
    answer = agent.hand_over(running, f"person-{colleague.person_id}")
    assert alerts_of(answer.text) == ["Agent Two is not available any more."]
    assert personal(colleague) == []


@pytest.mark.requirement(41)
def test_only_who_is_in_charge_hands_over(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    for nobody in (colleague, house.agent("agent3"), house.agent("admin")):
        assert nobody.hand_over(running, f"person-{agent.person_id}").status_code == 404
    assert visitor.send(f"/chats/{running}/hand-over", to="person-1").status_code in (401, 404)
    assert house.chat(running).in_charge_id == agent.person_id


@pytest.mark.requirement(41)
def test_of_all_who_take_an_offer_to_a_channel_one_wins(house: House, agent: Agent, running: str) -> None:
    house.grant("agent3", "Support", "chat_owner")
    takers = [house.agent("agent2"), house.agent("agent3")]
    agent.hand_over(running, f"channel-{house.channel('Support')}")
    assert [personal(each) for each in takers] == [[running], [running]]
    answers = at_once(house.app, [partial(status_of, each, running) for each in takers])
    assert answers.count(200) == 1, answers
    winner = takers[answers.index(200)]
    assert house.chat(running).in_charge_id == winner.person_id
    assert [personal(each) for each in takers] == [[], []]


@pytest.mark.requirement(41)
def test_colleagues_can_take_over_from_who_has_lost_his_connection_and_the_customer_is_told(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str, hearing: Hearing
) -> None:
    shown_gone(agent.person_id, minutes=3)
    lost.sweep()
    lost.sweep()
    told_colleague = [frame for frame in hearing.on(f"person:{colleague.person_id}") if frame.get("by")]
    assert [(frame["by"], frame["how"]) for frame in told_colleague] == [("Agent One", "lost")]
    told = "We have lost the connection to Agent One. A colleague can take over this chat."
    assert visitor.words(running).count(told) == 1
    assert personal(colleague) == [running]
    assert "The connection of Agent One is lost." in colleague.requests("personal").text
    assert colleague.accept(running).status_code == 200
    assert visitor.words(running)[-1] == TAKEN


@pytest.mark.requirement(41)
def test_who_is_found_again_keeps_his_chat(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    shown_gone(agent.person_id, minutes=3)
    lost.sweep()
    with transaction() as tx:
        back = update(Presence).where(Presence.person_id == agent.person_id).values(shown="active")
        tx.execute(back)
    lost.sweep()
    assert personal(colleague) == []
    assert visitor.words(running)[-1] == "Agent One is connected again."


@pytest.mark.requirement(41)
def test_who_goes_is_asked_about_his_chats_and_can_close_or_offer_them(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    assert colleague.get("/chats/in-hand").status_code == 204
    assert "Vera" in agent.get("/chats/in-hand").text
    assert agent.send("/chats/in-hand", deed="offer").status_code == 204
    assert personal(colleague) == [running]
    assert agent.send("/chats/in-hand", deed="nonsense").status_code == 422
    assert agent.send("/chats/in-hand", deed="close").status_code == 204
    assert house.chat(running).state == "closed"
    assert personal(colleague) == []


@pytest.mark.requirement(35, 41)
def test_who_takes_an_offer_to_another_channel_takes_the_chat_there(
    house: House, agent: Agent, colleague: Agent, customer: Guest
) -> None:
    running = customer.begun(channel=house.channel("Support"))
    colleague.accept(running)
    three = house.agent("agent3")
    three.send(f"/chats/{running}/participation", mode="observer")
    assert colleague.hand_over(running, f"channel-{house.channel('Billing')}").status_code == 204
    assert personal(agent) == [running]
    assert agent.accept(running).status_code == 200
    assert house.chat(running).channel_id == house.channel("Billing")
    assert "Agent One has changed the channel to Billing." in agent.words(running)
    assert "Agent One has changed the channel to Billing." not in customer.words(running)
    assert three.read(running).status_code == 404
    assert colleague.read(running).status_code == 200  # observer level on Billing


@pytest.mark.requirement(37, 41)
def test_a_closed_chat_is_not_handed_over_and_says_so(
    agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    visitor.close(running)
    answer = agent.hand_over(running, f"person-{colleague.person_id}")
    assert (answer.status_code, alerts_of(answer.text)) == (409, ["This chat has been closed."])


@pytest.mark.requirement(35, 41)
def test_an_offer_ends_when_the_chat_goes_to_another_channel(
    house: House, agent: Agent, colleague: Agent, customer: Guest, hearing: Hearing
) -> None:
    running = customer.begun(channel=house.channel("Support"))
    agent.accept(running)
    agent.hand_over(running, f"person-{colleague.person_id}")
    hearing.clear()
    assert agent.change_channel(running, house.channel("Billing")).status_code == 204
    assert personal(colleague) == []
    assert {"personal": running, "by": "", "text": ""} in hearing.on(f"person:{colleague.person_id}")
    assert colleague.accept(running).status_code == 409
    assert agent.hand_over(running, f"channel-{house.channel('Support')}").status_code == 204


@pytest.mark.requirement(37, 41)
def test_an_offer_ends_with_the_chat_and_is_told_at_once(
    agent: Agent, colleague: Agent, visitor: Guest, running: str, hearing: Hearing
) -> None:
    agent.hand_over(running, f"person-{colleague.person_id}")
    hearing.clear()
    visitor.close(running)
    assert {"personal": running, "by": "", "text": ""} in hearing.on(f"person:{colleague.person_id}")
    assert personal(colleague) == []
    lost.sweep()
    assert agent.words(running)[-1] == "Vera has left this chat."


@pytest.mark.requirement(37, 41)
@pytest.mark.parametrize("dialog", ["hand-over", "invitation", "channel-change"])
def test_every_dialog_of_a_chat_that_closed_meanwhile_says_so(
    agent: Agent, visitor: Guest, running: str, dialog: str
) -> None:
    assert agent.get(f"/chats/{running}/{dialog}").status_code == 200
    visitor.close(running)
    for answer in (
        agent.get(f"/chats/{running}/{dialog}"),
        agent.send(f"/chats/{running}/{dialog}", channel="1"),
    ):
        assert (answer.status_code, alerts_of(answer.text)) == (409, ["This chat has been closed."])
