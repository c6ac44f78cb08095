"""Who loses his level while he is in a chat: he is out of it, and its guest is not left alone."""

import pytest
from sqlalchemy import select

from helpdesk.chat import lost
from helpdesk.chat.models import Participation
from helpdesk.database import db
from tests.chat.people import Agent, Guest, House
from tests.chat.reading import alerts_of, buttons_of, cards_of

LEFT = "Agent Two has left this chat."


@pytest.mark.requirement(7, 37)
def test_without_anybody_left_who_could_answer_it_waits_again(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    house.revoke("agent1", "Support", "chat_owner")
    house.grant("agent1", "Support", "chat_observer")
    lost.sweep()
    assert cards_of(agent.active().text) == []
    assert visitor.words(running)[-1] == "Agent One has left this chat."
    assert "Please bear with us" in visitor.status(running).text
    assert colleague.waiting("public") == [running]
    assert colleague.accept(running).status_code == 200
    assert colleague.post(running, "Here I am").status_code == 200
    lost.sweep()
    assert visitor.words(running)[-1] == "Here I am"


@pytest.mark.requirement(7, 37)
def test_who_is_in_the_chat_and_may_write_goes_on_with_it(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    colleague.be(running, "participant")
    agent.hand_over(running, f"channel-{house.channel('Support')}")
    house.revoke("agent1", "Support", "chat_owner")
    lost.sweep()
    assert house.chat(running).in_charge_id == colleague.person_id
    assert agent.read(running).status_code == 404
    assert visitor.words(running)[-1] == "Agent One has left this chat."
    assert "Agent Two" in visitor.status(running).text
    assert colleague.waiting("personal") == [], "the offer is over"


@pytest.mark.requirement(7, 35)
def test_a_participant_without_a_level_is_shown_as_gone(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    colleague.be(running, "participant")
    house.revoke("agent2", "Support", "chat_owner")
    lost.sweep()
    lost.sweep()
    assert visitor.words(running).count(LEFT) == agent.words(running).count(LEFT) == 1
    assert house.chat(running).in_charge_id == agent.person_id


@pytest.mark.requirement(7, 35)
def test_an_observer_without_a_level_goes_as_unseen_as_he_came(
    house: House, agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    before = visitor.read(running).text
    version = house.chat(running).guest_version
    colleague.be(running, "observer")
    house.revoke("agent2", "Support", "chat_owner")
    lost.sweep()
    assert agent.words(running)[-1] == LEFT
    assert visitor.read(running).text == before
    assert house.chat(running).guest_version == version


@pytest.mark.requirement(5, 26)
def test_who_needs_no_level_stays(house: House, agent: Agent, colleague: Agent, guest: Guest) -> None:
    asked = agent.asked(house.id_of("customer1"))
    between = agent.asked(colleague.person_id)
    assert (guest.accept(asked).status_code, colleague.accept(between).status_code) == (200, 200)
    before = cards_of(agent.active().text)
    lost.sweep()
    assert cards_of(agent.active().text) == before
    assert {asked, between} <= set(before)


@pytest.mark.requirement(7, 41)
def test_who_lost_his_level_since_it_was_offered_to_him_cannot_take_a_chat(
    house: House, agent: Agent, colleague: Agent, running: str
) -> None:
    agent.hand_over(running, f"person-{colleague.person_id}")
    house.revoke("agent2", "Support", "chat_owner")
    assert colleague.waiting("personal") == []
    assert colleague.accept(running).status_code == 404
    assert house.chat(running).in_charge_id == agent.person_id


@pytest.mark.requirement(22, 36, 41)
def test_who_takes_over_a_chat_he_is_in_keeps_his_place_and_his_monitoring(
    house: House, agent: Agent, colleague: Agent, running: str
) -> None:
    colleague.be(running, "participant")
    colleague.accept(house.visitor().begun(channel=house.channel("Support")))
    colleague.send(f"/chats/{running}/monitoring", to=2)
    before = cards_of(colleague.active().text)
    agent.hand_over(running, f"person-{colleague.person_id}")
    assert colleague.accept(running).status_code == 200
    is_his = (Participation.person_id == colleague.person_id, Participation.chat_id == house.chat(running).id)
    assert cards_of(colleague.active().text) == before
    assert db.session.scalar(select(Participation.monitoring).where(*is_his)) == 2


@pytest.mark.requirement(37, 41)
def test_who_comes_too_late_to_an_offer_reads_that_the_chat_is_closed(
    agent: Agent, colleague: Agent, visitor: Guest, running: str
) -> None:
    agent.hand_over(running, f"person-{colleague.person_id}")
    visitor.close(running)
    for answer in (colleague.preview(running), colleague.accept(running)):
        assert alerts_of(answer.text) == ["This chat has been closed."]
        assert "Accept" not in buttons_of(answer.text)
