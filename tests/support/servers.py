"""The real application under gunicorn, as subprocesses on free ports of this machine."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from flask import Flask

from helpdesk import create_app
from helpdesk.config import ROOT
from helpdesk.database import db
from tests.support.databases import SECRET_KEY, configuration
from tests.support.nursery import Child
from tests.support.sessions import begin
from tests.support.sharing import share
from tests.support.waiting import until

# What a log may only hold when the test says so: `server.may_fail = True`.
FAULTS = ("Traceback (most recent call last)", "[ERROR]", "[CRITICAL]", "Exception ignored")
DIRECT = build_opener(ProxyHandler({}))
# What starts gunicorn with an environment, and appends what it says to a log.
Launch = Callable[[dict[str, str], Path], "subprocess.Popen[bytes] | Child"]


def shell(environment: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    """Start gunicorn as a shell does."""
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


class Process:
    """One gunicorn with one worker; keeps its port over restarts."""

    def __init__(self, environment: dict[str, str], log: Path, launch: Launch) -> None:
        self.launch = launch
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.environment = (
            clean_environment() | environment | {"PORT": str(self.port), "HELPDESK_PUBLIC_URL": self.url}
        )
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers /healthz."""
        self.process = self.launch(self.environment, self.log)
        until(self._answers, lambda: f"{self.url} to answer:\n{self.log.read_text()}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Send a signal (SIGKILL goes to the worker too) and wait for the end."""
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, number)
        elif self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(20)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            with DIRECT.open(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False


class Server:
    """One installation: a database and one or more processes, each with its own address."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        processes: int = 1,
        launch: Launch = shell,
        **environment: str,
    ) -> None:
        self.may_fail = False
        self.database_url = database_url
        self.folder = folder
        instance = folder / "instance"
        instance.mkdir(exist_ok=True)
        shared = {
            "HELPDESK_DATABASE_URL": database_url,
            "HELPDESK_SECRET_KEY": SECRET_KEY,
            "HELPDESK_INSTANCE": str(instance),
        }
        self.processes = [
            Process(shared | environment, folder / f"server-{number}.log", launch)
            for number in range(processes)
        ]

    @property
    def url(self) -> str:
        """Address of the first process."""
        return self.processes[0].url

    def enter(self, login: str) -> str:
        """Begin a session of this person and return what the cookie of his door is to hold."""
        with self.beside():
            return begin(login)

    @contextmanager
    def beside(self) -> Iterator[Flask]:
        """Yield an application of one's own on the same database, as a command has it; in its context."""
        app = share(create_app(configuration(self.database_url, self.folder)))
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    def restart(self, number: int = signal.SIGTERM) -> None:
        """End every process with the signal and start it again on its port."""
        for process in self.processes:
            process.stop(number)
            process.start()

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End every process."""
        for process in self.processes:
            process.stop(number)

    def start(self) -> None:
        """Start every process again after `stop`."""
        for process in self.processes:
            process.start()

    def finish(self) -> None:
        """End it; fails when a log tells of a fault nobody announced."""
        self.stop()
        for process in self.processes:
            text = process.log.read_text()
            assert self.may_fail or not any(fault in text for fault in FAULTS), text


def free_port() -> int:
    """Return a port of the loopback address nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment() -> dict[str, str]:
    """Return our environment without settings of another installation."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HELPDESK_", "FLASK_", "PORT"))
    }
