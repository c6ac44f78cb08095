"""Makes tickets of chats and is killed on the way: `python -m tests.chat.killed URL AGENT CHAT …`."""

import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask

from helpdesk import create_app
from helpdesk.database import db
from tests.chat.people import Agent, House
from tests.chat.storing import stored
from tests.support.databases import configuration

# Where it is killed: behind the function of this name in this module, or ahead of it.
POINTS = {
    "closed": ("helpdesk.chat.closing", "end", True),
    "ticket made": ("helpdesk.tickets.creating", "_insert", True),
    "article searchable": ("helpdesk.tickets.search", "put", True),
    "stored, not committed": ("helpdesk.chat.ticketing", "_store", True),
    "committed, not told": ("helpdesk.database", "_run", False),
}


def main(url: str, agent_id: str, first: str, *chats: str) -> None:
    """Have an agent press the button in each chat and be killed, at each point in turn; the last one is late.

    Whoever presses after a kill finds what it left. In the first chat nobody is killed: what is prepared
    once per process is prepared before the processes part.
    """
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(configuration(url, Path(folder)))
        with app.app_context():
            stored(Agent(House(app).client(), int(agent_id)), first)
            db.session.remove()
            db.engine.dispose()
        for chat in chats:
            for point in POINTS:
                child = os.fork()
                if not child:
                    _press(app, chat, int(agent_id), point)
                ended = os.waitpid(child, 0)[1]
                assert os.WIFSIGNALED(ended), (chat, point)
                assert os.WTERMSIG(ended) == signal.SIGKILL, (chat, point)


def _press(app: Flask, chat: str, agent_id: int, point: str) -> NoReturn:
    try:
        with app.app_context():
            house = House(app)
            row = house.chat(chat)
            assert (row.state, row.ticket_id) == ("active", None), f"before it is killed when {point}"
            module, name, is_behind = POINTS[point]
            place = importlib.import_module(module)
            setattr(place, name, _deadly(getattr(place, name), is_behind))
            stored(Agent(house.client(), agent_id), chat)
    finally:
        os._exit(1)


def _deadly(deed: Callable[..., Any], is_behind: bool) -> Callable[..., Any]:
    def done(*args: Any, **options: Any) -> None:
        if is_behind:
            deed(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    return done


if __name__ == "__main__":
    main(*sys.argv[1:])
