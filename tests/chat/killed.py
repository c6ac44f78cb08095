"""Makes a ticket of a chat and is killed on the way: `python -m tests.chat.killed URL CHAT AGENT POINT`."""

import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpdesk import create_app
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


def main(url: str, chat: str, agent_id: str, point: str) -> None:
    """Do what an agent does who presses the button."""
    app = create_app(configuration(url, Path(tempfile.mkdtemp())))
    with app.app_context():
        agent = Agent(House(app).client(), int(agent_id))
        module, name, is_behind = POINTS[point]
        place = importlib.import_module(module)
        setattr(place, name, _deadly(getattr(place, name), is_behind))
        stored(agent, chat)


def _deadly(deed: Callable[..., Any], is_behind: bool) -> Callable[..., Any]:
    def done(*args: Any, **options: Any) -> None:
        if is_behind:
            deed(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    return done


if __name__ == "__main__":
    main(*sys.argv[1:])
