"""Starts gunicorn quickly: a process that has imported everything forks, and the child goes on from there.

What is started is the project's own gunicorn with its own environment, log, session and end. Shared is only
the work of importing, which is most of the work of starting, and of compiling templates and SQL (see
`sharing`) and compressing scripts, which is most of the first answers. `python -m helpdesk serve` and
gunicorn as a shell starts them are tested where starting is the matter (tests/demo,
tests/realtime/test_server.py).
"""

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from flask import Flask

from helpdesk.assets import FACES, asset
from helpdesk.config import ROOT, Config
from helpdesk.database import db

if TYPE_CHECKING:
    from tests.chat.people import House


class Child(psutil.Process):  # type: ignore[misc]
    """What `subprocess.Popen` is for a process of our own; how it ended, the nursery does not say."""

    def poll(self) -> int | None:
        """Return None while it runs."""
        return None if self.is_running() else 0


class Nursery:
    """One per test process; ends with it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(self, environment: dict[str, str], log: Path) -> "Child":
        """Start gunicorn in a session of its own; what it says is appended to `log`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([environment, str(log)]) + "\n")
        self._process.stdin.flush()
        return Child(int(self._process.stdout.readline()))


@cache
def nursery() -> Nursery:
    """Return the one of this test process."""
    return Nursery()


def main() -> None:
    """Fork for each line of standard input and say the child's id; only a child returns from here."""
    import_all()
    compile_all()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(*json.loads(line))
            return
        print(child, flush=True)
    os._exit(0)


def import_all() -> None:
    """Import what a worker imports."""
    import gunicorn.app.wsgiapp
    import gunicorn.workers.gthread  # noqa: F401

    import helpdesk.realtime.server  # noqa: F401


def compile_all() -> None:
    """Have a chat, so that what it takes is compiled; later applications use it, and no child has to ask."""
    import helpdesk
    from tests.chat.people import House
    from tests.support.databases import Databases, configuration
    from tests.support.sharing import share, share_compiled

    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        with databases.fresh("sqlite") as url:
            app = share(helpdesk.create_app(configuration(url, Path(folder))))
            with app.app_context():
                have_a_chat(House(app))
                fetch_assets(app)
                db.session.remove()
                db.engine.dispose()
        databases.remove()
    create = helpdesk.create_app

    def create_app(configuration: Config | None = None) -> Flask:
        return share_compiled(create(configuration))

    helpdesk.create_app = create_app


def have_a_chat(house: "House") -> None:
    """Do what browser tests begin with."""
    agent, visitor, customer = house.agent("agent1"), house.visitor(), house.customer()
    for path in ("/", "/chats", "/chats/waiting", "/preferences"):
        agent.client.get(f"/agent{path}")
    for client in (visitor.client, customer.client):
        client.get("/external/")
    chat = visitor.begun()
    agent.preview(chat)
    agent.accept(chat)
    for person in (agent, visitor):
        person.post(chat, "Hello")
        person.read(chat)
    agent.active()
    agent.header(chat)
    visitor.status(chat)
    agent.close(chat)


def fetch_assets(app: Flask) -> None:
    """Fetch what every browser fetches first, so that it is compressed: the longest of all."""
    with app.test_request_context():
        paths = [asset(face) for face in FACES]
    for path in paths:
        app.test_client().get(path, headers={"Accept-Encoding": "br"})


def become(environment: dict[str, str], log: str) -> None:
    """Be what a shell would have started."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    with open(os.devnull, "rb") as nothing, open(log, "ab") as said:
        os.dup2(nothing.fileno(), 0)
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)


def serve() -> None:
    """Run gunicorn as its command does."""
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", "-c", "gunicorn.conf.py"]
    run()


if __name__ == "__main__":
    main()
    serve()
