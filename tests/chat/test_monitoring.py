"""The monitoring circle: an agent's own, per chat, stored, and noticed by nobody else."""

import pytest
from sqlalchemy import select

from helpdesk.chat.models import Participation
from helpdesk.database import db
from tests.chat.reading import all_with, buttons_of, tree

NAMES = ["Monitoring: none", "Monitoring: customer activity", "Monitoring: all actions"]


def shown(text):
    """Return the name of the circle in an answer, "" without one."""
    found = [each for each in buttons_of(text) if each.startswith("Monitoring")]
    return found[0] if found else ""


def click(agent, chat, to="next"):
    return agent.send(f"/chats/{chat}/monitoring", to=to)


def stored(chat_id):
    """Return everybody's position in a chat by person."""
    rows = db.session.execute(
        select(Participation.person_id, Participation.monitoring).where(Participation.chat_id == chat_id)
    )
    found = {row.person_id: row.monitoring for row in rows}
    db.session.rollback()
    return found


@pytest.fixture
def chat(visitor, agent):
    chat = visitor.begun()
    assert agent.accept(chat).status_code == 200
    return chat


@pytest.mark.requirement(36)
def test_a_click_goes_to_the_next_of_three_positions_and_is_kept(agent, chat):
    assert shown(agent.header(chat).text) == NAMES[0]
    for expected in (1, 2, 0, 1):
        assert shown(click(agent, chat).text) == NAMES[expected]
        assert shown(agent.get("/chats").text) == NAMES[expected]
    assert shown(click(agent, chat, to="2").text) == shown(click(agent, chat, to="2").text) == NAMES[2]


@pytest.mark.requirement(36)
def test_the_circle_stands_between_the_triangle_and_the_x(agent, chat):
    deeds = next(all_with(tree(agent.header(chat).text), "class", "deeds"))
    names = ["".join(each.itertext()).strip() for each in deeds.iter("button")]
    assert names == ["Chat menu", NAMES[0], "Close chat"]


@pytest.mark.requirement(36)
def test_it_is_his_alone_and_nobody_else_can_notice(agent, visitor, house, chat, hearing):
    before, etag = house.chat(chat), agent.header(chat).headers["ETag"]
    status = visitor.status(chat).headers["ETag"]
    row = {name: getattr(before, name) for name in ("version", "guest_version", "last_seq", "last_guest_seq")}
    hearing.clear()
    click(agent, chat)
    assert [told.topic for told in hearing.told] == [f"person:{agent.person_id}"]
    assert hearing.on(f"person:{agent.person_id}") == [{"monitoring": chat, "position": 1}]
    after = house.chat(chat)
    assert {name: getattr(after, name) for name in row} == row
    assert stored(after.id) == {after.requester_id: 0, agent.person_id: 1}
    assert visitor.status(chat).headers["ETag"] == status
    assert agent.header(chat).headers["ETag"] != etag, "his other tabs fetch it"


@pytest.mark.requirement(36)
def test_who_is_not_in_the_chat_has_no_circle_to_turn(agent, visitor, house, chat):
    assert click(house.agent("agent2"), chat).status_code == 404
    assert click(house.agent("agent1"), "x" * 22).status_code == 404
    assert visitor.send(f"/chats/{chat}/monitoring", to="next").status_code == 404
    assert house.client().post(f"/agent/chats/{chat}/monitoring", htmx=True).status_code == 401
    waiting = house.visitor().begun()
    assert click(agent, waiting).status_code == 403, "a request is watched by nobody"
    assert set(stored(house.chat(chat).id).values()) == {0}


@pytest.mark.requirement(36)
def test_a_closed_chat_has_nothing_more_to_tell(agent, visitor, chat):
    visitor.close(chat)
    assert shown(agent.header(chat).text) == ""
    assert click(agent, chat).status_code == 409


@pytest.mark.requirement(36)
@pytest.mark.parametrize("to", ["3", "-1", "", "all", "٢", "\x00", "1.0", "9" * 400])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_there_is_no_fourth_position(agent, chat, to):
    click(agent, chat, to="1")
    assert click(agent, chat, to=to).status_code == 422
    assert shown(agent.header(chat).text) == NAMES[1]
