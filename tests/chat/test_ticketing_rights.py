"""Rights on tickets times rights on chats: a hand-over needs both (rows 7, 35, 61)."""

import pytest

from helpdesk.accounts import people
from helpdesk.accounts.permissions import CHAT
from helpdesk.database import transaction
from tests.chat.people import Agent, Guest, House
from tests.chat.reading import alerts_of, buttons_of
from tests.chat.test_ticketing_forms import append, make, offered
from tests.tickets.desk import Desk

LEVELS = (None, *CHAT)
GRANTS: tuple[tuple[str, ...], ...] = ((), ("ro",), ("note",), ("ro", "note"), ("create",), ("rw",))
NO_SUBJECT = "Please enter a subject."
NO_TICKET = "Please choose a ticket."


def agent_with(house: House, level: str | None, grants: tuple[str, ...]) -> Agent:
    """Return a new agent who has this level and these permissions on Support."""
    login = f"{level}-{'-'.join(grants)}".lower()
    with transaction() as tx:
        people.create_agent(tx, login, "Agent Test")
    for permission in (level, *grants):
        if permission:
            house.grant(login, "Support", permission)
    return house.agent(login)


@pytest.mark.requirement(35)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_hand_over_needs_the_level_on_the_channel_and_the_permission_on_the_queue(
    house: House, agent: Agent, visitor: Guest, running: str
) -> None:
    number = Desk().make()
    visitor.close(running)
    for level in LEVELS:
        for grants in GRANTS:
            who, name = agent_with(house, level, grants), f"{level} {grants}"
            owns = level == "chat_owner"
            creates, notes = owns and bool({"create", "rw"} & {*grants}), grants in (("ro", "note"), ("rw",))
            made, added = make(who, running, subject=" "), append(who, running, "")
            if not owns:
                assert {made.status_code, added.status_code} <= {403, 404, 409}, name
                assert not {"Phone ticket", "Append"} & _buttons(who, running), name
                continue
            assert (NO_SUBJECT in alerts_of(made.text)) is creates, name
            assert alerts_of(added.text) == [NO_TICKET], name
            found = offered(who.get(f"/chats/{running}/append/tickets?words={number}"))
            assert found == ([number] if notes else []), name
            assert ("Phone ticket" in _buttons(who, running)) is creates, name
            if not notes:
                assert append(who, running, number).status_code == 422, name
    assert house.chat(running).ticket_id is None


def _buttons(who: Agent, chat: str) -> set[str]:
    answer = who.client.get(f"/agent/chats/{chat}/protocol")
    return buttons_of(answer.text) if answer.status_code == 200 else set()
