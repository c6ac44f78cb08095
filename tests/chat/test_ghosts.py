"""No ghosts: who is gone is not waited for, who is silent is asked, and then the chat ends."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from helpdesk.chat import ghosts
from helpdesk.chat.models import Chat
from helpdesk.database import now, transaction
from helpdesk.realtime.models import Presence
from helpdesk.settings import put
from tests.chat.hearing import Hearing
from tests.chat.people import Agent, Guest, House, shown_gone


def black_for(house: House, chat: str, minutes: float) -> None:
    """Show the requester as gone for so long."""
    shown_gone(house.chat(chat).requester_id, minutes)
    with transaction() as tx:
        tx.execute(
            update(Chat).where(Chat.public_id == chat).values(created_at=now() - timedelta(minutes=minutes))
        )


def silent_for(chat: str, minutes: float) -> None:
    """Have the guest been heard last so long ago."""
    with transaction() as tx:
        heard_at = now() - timedelta(minutes=minutes)
        tx.execute(update(Chat).where(Chat.public_id == chat).values(heard_at=heard_at))


@pytest.mark.requirement("30a")
def test_a_request_is_withdrawn_when_its_requester_has_been_black_for_two_minutes(
    house: House, agent: Agent, visitor: Guest, hearing: Hearing
) -> None:
    chat = visitor.begun()
    black_for(house, chat, 1.5)
    ghosts.sweep()
    assert agent.waiting() == [chat]
    black_for(house, chat, 2.5)
    ghosts.sweep()
    assert house.chat(chat).state == "closed"
    assert agent.waiting() == []
    assert visitor.words(chat)[-1] == "Vera has gone. The request was withdrawn."


@pytest.mark.requirement("30a")
def test_who_is_there_again_keeps_his_request(house: House, agent: Agent, visitor: Guest) -> None:
    chat = visitor.begun()
    black_for(house, chat, 10)
    with transaction() as tx:
        person_id = house.chat(chat).requester_id
        tx.execute(update(Presence).where(Presence.person_id == person_id).values(shown="active"))
    ghosts.sweep()
    assert agent.waiting() == [chat]


@pytest.mark.requirement("30a")
def test_a_silent_guest_is_asked_once_and_again_only_after_a_line(
    house: House, agent: Agent, visitor: Guest
) -> None:
    chat = visitor.begun()
    agent.accept(chat)
    silent_for(chat, 14)
    ghosts.sweep()
    assert "Are you still there?" not in visitor.words(chat)
    silent_for(chat, 16)
    ghosts.sweep()
    ghosts.sweep()
    assert visitor.words(chat).count("Are you still there?") == 1
    visitor.post(chat, "Yes!")
    silent_for(chat, 14)
    ghosts.sweep()
    assert visitor.words(chat).count("Are you still there?") == 1
    assert house.chat(chat).state == "active"


@pytest.mark.requirement("30a")
def test_a_chat_whose_guest_stays_silent_is_closed_and_the_card_says_why(
    house: House, agent: Agent, visitor: Guest
) -> None:
    chat = visitor.begun()
    agent.accept(chat)
    silent_for(chat, 61)
    ghosts.sweep()
    assert house.chat(chat).state == "closed"
    assert agent.words(chat)[-1] == "This chat was closed: nothing was heard from Vera for 60 minutes."
    assert "This chat has been closed." in agent.header(chat).text
    assert visitor.post(chat, "late").status_code == 409
    ghosts.sweep()
    assert len([words for words in agent.words(chat) if "was closed" in words]) == 1


@pytest.mark.requirement("30a")
def test_nought_means_never(house: House, agent: Agent, visitor: Guest) -> None:
    with transaction() as tx:
        for name in ("WithdrawAfter", "AskAfter", "CloseAfter"):
            put(tx, f"ChatEngine::Ghosts::{name}", 0, None)
    running, waiting = visitor.begun(), visitor.begun()
    agent.accept(running)
    silent_for(running, 10_000)
    black_for(house, waiting, 10_000)
    ghosts.sweep()
    assert (house.chat(running).state, house.chat(waiting).state) == ("active", "request")


@pytest.mark.requirement(5, "30a")
def test_agents_among_themselves_are_not_asked(house: House, agent: Agent) -> None:
    from helpdesk.accounts.identity import Identity
    from helpdesk.chat.personal import Ask, accept, ask
    from helpdesk.chat.reach import chat_of

    def who(login: str, name: str) -> Identity:
        return Identity(house.id_of(login), "agent", name, None, "", 1, 2)

    house.agent("agent2")
    one, two = who("agent1", "Agent One"), who("agent2", "Agent Two")
    client_id = "c0ffee00-0000-4000-8000-000000000001"
    chat = ask(one, Ask(two.person_id, "A word?", client_id))
    accept(chat_of(two, chat))
    silent_for(chat, 10_000)
    ghosts.sweep()
    assert house.chat(chat).state == "active"
