"""`make demo`: known people, loopback only, data kept, quick to end."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import demo
from helpdesk.accounts import permissions
from helpdesk.accounts.models import Company, Person
from helpdesk.chat import channels
from helpdesk.chat.models import Channel
from helpdesk.config import ROOT
from helpdesk.database import db
from tests.support.servers import DIRECT, clean_environment, free_port
from tests.support.waiting import until

# Promised is 1 s, on a machine that has nothing else to do; what hangs is ended by gunicorn after 10 s.
LONGEST_END_S = 9.0


class Command:
    """`python -m helpdesk …` as a shell starts it: in a process group of its own."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{self.port}.log"
        settings = {"HELPDESK_INSTANCE": str(folder), "PORT": str(self.port)} | environment
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "helpdesk", *words],
                cwd=ROOT,
                env=clean_environment() | settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> "Command":
        """Wait until it serves."""
        until(self._answers, self.log.read_text)
        return self

    def interrupt(self) -> float:
        """Press Ctrl-C, which a terminal sends to the whole group; return how long the end took."""
        began = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - began

    def refusal(self) -> str:
        """Return what it said when it refused to start."""
        assert self.process.wait(30) == 2, self.log.read_text()
        return self.log.read_text().strip()

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            with DIRECT.open(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[list[Command]]:
    """Commands to be ended with the test."""
    started: list[Command] = []
    yield started
    for command in started:
        if command.process.poll() is None:
            os.killpg(command.process.pid, signal.SIGKILL)
            command.process.wait()


def start(commands: list[Command], folder: Path, *words: str, **environment: str) -> Command:
    commands.append(Command(folder, *words, **environment))
    return commands[-1]


def test_the_demo_says_where_it_is_keeps_its_data_until_it_starts_over_and_ends_at_once(
    commands: list[Command], tmp_path: Path
) -> None:
    running = start(commands, tmp_path, "demo").wait()
    said = running.log.read_text()
    for word in (f"{running.url}/agent/", f"{running.url}/external/", "agent1", "customer2", "helpdesk-demo"):
        assert word in said
    refused = start(commands, tmp_path, "demo", "--fresh", PORT=str(running.port))
    assert "in use" in refused.refusal(), "a taken port is said at once"
    with socket.create_connection(("127.0.0.1", running.port)) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % running.port)
        assert b"200 OK" in idle.recv(100)
        assert running.interrupt() < LONGEST_END_S
    assert "Traceback" not in running.log.read_text()
    first, other = _secrets(tmp_path), tmp_path / "other.sqlite3"
    start(commands, tmp_path, "demo", HELPDESK_DATABASE_URL=f"sqlite:///{other}").wait().interrupt()
    assert _secrets(tmp_path) == first
    assert not other.exists(), "the demo does not touch another database"
    start(commands, tmp_path, "demo", "--fresh").wait().interrupt()
    assert _secrets(tmp_path) != first


def test_the_demo_listens_on_this_machine_only(commands: list[Command], tmp_path: Path) -> None:
    refused = start(commands, tmp_path, "demo", HELPDESK_BIND="0.0.0.0:8000")
    assert "loopback" in refused.refusal()


def test_a_real_start_prints_the_link_for_the_first_admin(commands: list[Command], tmp_path: Path) -> None:
    running = start(commands, tmp_path, "serve").wait()
    assert re.search(rf"{running.url}/agent/first-admin#[a-z0-9-]+\n", running.log.read_text())
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert running.interrupt() < LONGEST_END_S


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("HELPDESK_BIND", "0.0.0.0:8000"),
        ("HELPDESK_DATABASE_URL", "mysql://x"),
        ("HELPDESK_SECRET_KEY", "short"),
        ("HELPDESK_PUBLIC_URL", "https://help.example.com/path"),
    ],
)
def test_a_bad_configuration_is_one_line(
    commands: list[Command], tmp_path: Path, name: str, value: str
) -> None:
    said = start(commands, tmp_path, "serve", **{name: value}).refusal()
    assert said.startswith("helpdesk: ")
    assert len(said.splitlines()) == 1


@pytest.mark.requirement(5)
@pytest.mark.requirement(7)
def test_people_have_the_levels_the_readme_tells(app: Flask, world: dict[str, int]) -> None:
    names = dict(db.session.execute(select(Channel.id, Channel.name)).all())
    levels = {
        login: {
            names[key]: permissions.LEVELS[rank] for key, rank in channels.levels_of(world[login]).items()
        }
        for login in ("agent1", "agent2", "agent3")
    }
    assert levels == {
        "agent1": {"Support": "owner", "Billing": "owner"},
        "agent2": {"Support": "owner", "Billing": "observer"},
        "agent3": {"Support": "participant"},
    }


@pytest.mark.requirement(6)
def test_channels_are_offered_as_the_readme_tells(app: Flask) -> None:
    rows = db.session.execute(select(Channel.name, Channel.is_for_customers, Channel.is_for_public))
    assert {row.name: (row.is_for_customers, row.is_for_public) for row in rows} == {
        "Default channel": (False, False),
        "Support": (True, True),
        "Billing": (True, False),
    }


@pytest.mark.requirement(8)
@pytest.mark.requirement(16)
def test_agents_start_reachable_on_every_channel_they_have(app: Flask, world: dict[str, int]) -> None:
    for login in ("agent1", "agent2", "agent3"):
        assert db.session.get_one(Person, world[login]).availability == 2
        assert all(choice.is_chosen for choice in channels.choices_of(world[login]))


def test_customers_belong_to_their_companies(app: Flask) -> None:
    rows = db.session.execute(
        select(Person.name, Company.name).join(Company, Company.id == Person.company_id)
    )
    assert sorted(tuple(row) for row in rows) == [("Customer One", "Acme Ltd"), ("Customer Two", "Beta Ltd")]


def test_seeding_again_changes_nothing(app: Flask) -> None:
    before = db.session.execute(select(Person.id, Person.password_hash)).all()
    assert demo.seed() is False
    assert db.session.execute(select(Person.id, Person.password_hash)).all() == before


def _secrets(folder: Path) -> bytes:
    """Return what a new demo database never has twice: the salted hashes of its passwords."""
    connection = sqlite3.connect(folder / "demo.sqlite3")
    rows = connection.execute("SELECT password_hash FROM person ORDER BY id").fetchall()
    connection.close()
    return repr(rows).encode()
