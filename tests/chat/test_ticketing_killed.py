"""Killed in the middle of a hand-over: ticket and end of the chat both, or neither (row 58)."""

import subprocess
import sys

import pytest

from helpdesk.config import ROOT
from helpdesk.database import db
from tests.chat.people import Agent, House
from tests.chat.storing import said, stored, tickets

TIMES = 20


@pytest.mark.requirement(58)
def test_who_is_killed_at_one_of_five_points_leaves_ticket_and_end_both_or_neither(
    database_url: str, house: House, agent: Agent
) -> None:
    """Each chat is killed at every point, twenty times in all: neither is left by four, both by the last."""
    guests = [house.visitor() for _ in range(TIMES + 1)]
    chats = [guest.begun("Hello", channel=house.channel("Support")) for guest in guests]
    for chat in chats:
        agent.accept(chat)
    db.session.remove()
    command = [sys.executable, "-m", "tests.chat.killed", database_url, str(agent.person_id), *chats]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    assert len(tickets()) == len(chats)
    for guest, chat in zip(guests, chats, strict=True):
        row = house.chat(chat)
        assert row.state == "closed"
        assert guest.post(chat, "Anybody?").status_code == 409
        assert stored(agent, chat).is_new is False
        assert said(row.ticket_id or 0) == guest.words(chat)
    assert len(tickets()) == len(chats)
