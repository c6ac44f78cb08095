"""Killed in the middle of a hand-over: ticket and end of the chat both, or neither (row 58)."""

import signal
import subprocess
import sys

import pytest

from helpdesk.config import ROOT
from helpdesk.database import db
from tests.chat.killed import POINTS
from tests.chat.people import Agent, Guest, House
from tests.chat.storing import said, stored, tickets


@pytest.mark.requirement(58)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_who_is_killed_on_the_way_leaves_ticket_and_end_both_or_neither(
    database_url: str, house: House, agent: Agent, visitor: Guest
) -> None:
    for point in POINTS:
        chat = visitor.begun(f"Killed when {point}", channel=house.channel("Support"))
        agent.accept(chat)
        before = len(tickets())
        db.session.remove()
        command = [sys.executable, "-m", "tests.chat.killed", database_url, chat, str(agent.person_id), point]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
        row, is_done = house.chat(chat), point == "committed, not told"
        assert (row.state == "closed", row.ticket_id is not None) == (is_done, is_done), point
        assert len(tickets()) == before + is_done, point
        assert (visitor.post(chat, "Anybody?").status_code == 409) is is_done
        assert stored(agent, chat).is_new is not is_done
        assert len(tickets()) == before + 1
        assert said(house.chat(chat).ticket_id or 0) == visitor.words(chat)
