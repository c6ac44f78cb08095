"""Killed in the middle of a hand-over: ticket and end of the chat both, or neither (row 58)."""

import subprocess
import sys

import pytest

from helpdesk.config import ROOT
from helpdesk.database import db
from tests.chat.killed import POINTS
from tests.chat.people import Agent, House
from tests.chat.storing import said, stored, tickets

TIMES = 2


@pytest.mark.requirement(58)
def test_who_is_killed_on_the_way_leaves_ticket_and_end_both_or_neither(
    database_url: str, house: House, agent: Agent
) -> None:
    points = [*POINTS] * TIMES
    guests = [house.visitor() for _ in points]
    chats = [guest.begun("Hello", channel=house.channel("Support")) for guest in guests]
    for chat in chats:
        agent.accept(chat)
    db.session.remove()
    command = [sys.executable, "-m", "tests.chat.killed", database_url, str(agent.person_id), *chats]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    assert len(tickets()) == TIMES
    for guest, chat, point in zip(guests, chats, points, strict=True):
        row, is_done = house.chat(chat), point == "committed, not told"
        assert (row.state == "closed", row.ticket_id is not None) == (is_done, is_done), point
        assert (guest.post(chat, "Anybody?").status_code == 409) is is_done
        assert stored(agent, chat).is_new is not is_done
        assert said(house.chat(chat).ticket_id or 0) == guest.words(chat)
    assert len(tickets()) == len(chats)
