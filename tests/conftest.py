"""Fixtures of every test: real databases, the app, people with browsers, real servers, real Chromium."""

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from sqlalchemy import select

from helpdesk import create_app
from helpdesk.accounts import passwords
from helpdesk.accounts.models import Person
from helpdesk.chat.models import Channel
from helpdesk.database import db
from tests.support.chromium import NAMES, SHELLS, Browsers, chromium
from tests.support.clients import Clients
from tests.support.databases import KINDS, Databases, configuration
from tests.support.nursery import nursery
from tests.support.redis import Redis
from tests.support.servers import Server
from tests.support.sharing import share

# What hashing costs is the same for every test but those of hashing: elsewhere thousands sign in.
REAL_HASHER = passwords._hasher
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes fresh databases: `with databases.fresh("postgres", "bare") as url`."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.remove()


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database; everything that touches one runs on each. Override by parametrising it."""
    return str(request.param)


@pytest.fixture
def database_content() -> str:
    """What the database holds; override with "bare" for the schema alone."""
    return "world"


@pytest.fixture
def database_url(databases: Databases, database_kind: str, database_content: str) -> Iterator[str]:
    """A fresh database."""
    with databases.fresh(database_kind, database_content) as url:
        yield url


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, with an application context for the test itself."""
    made = share(create_app(configuration(database_url, tmp_path)))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def real_hasher(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords cost as much as for users."""
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)
    passwords._nobodys.cache_clear()
    passwords._nobodys()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def clients(app: Flask) -> Clients:
    """Makes browsers: `clients.agent("agent1")`, `clients.customer("customer1")`, `clients.new()`."""
    return Clients(app)


@pytest.fixture
def world(app: Flask) -> dict[str, int]:
    """Ids of the demo's people by login, and of its channels by name."""
    people = db.session.execute(select(Person.login, Person.id).where(Person.login.is_not(None)))
    channels = db.session.execute(select(Channel.name, Channel.id))
    ids: dict[str, int] = {str(name): number for rows in (people, channels) for name, number in rows}
    db.session.rollback()
    return ids


@pytest.fixture
def make_server(databases: Databases, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts gunicorn on a fresh database: `make_server("postgres", processes=2, HELPDESK_BACKPLANE=…)`."""
    opened = []

    def make(kind: str = "sqlite", processes: int = 1, content: str = "world", **environment: str) -> Server:
        database = databases.fresh(kind, content)
        server = Server(database.__enter__(), tmp_path, processes, nursery().start, **environment)
        opened.append((server, database))
        return server

    yield make
    for server, database in reversed(opened):
        server.finish()
        database.__exit__(None, None, None)


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """One gunicorn on SQLite with the demo's people; `.url`, `.restart()`, `.stop()`, `.start()`."""
    return make_server()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Redis]:
    """A real Redis; `.url`, `.stop()`, `.start()`."""
    made = Redis(tmp_path)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers of this test process."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def shell(playwright: Playwright) -> Iterator[Browser]:
    """The headless shell of this test process, or the whole Chromium where there is none."""
    with closing(chromium(playwright, SHELLS)) as running:
        yield running


@pytest.fixture(scope="session")
def whole_chromium(playwright: Playwright) -> Iterator[Browser]:
    """The whole Chromium of this test process, which can notify."""
    with closing(chromium(playwright, NAMES)) as running:
        yield running


@pytest.fixture
def browsers(server: Server, request: pytest.FixtureRequest) -> Iterator[Browsers]:
    """People at `server`: `browsers.agent("agent1")`, `browsers.visitor()`; complaints fail the test."""
    notifies = request.node.get_closest_marker("notifications") is not None
    browser = request.getfixturevalue("whole_chromium" if notifies else "shell")
    made = Browsers(browser, server, re.sub(r"\W+", "-", request.node.name).strip("-"))
    yield made
    made.finish(request.node.stash.get(FAILED, False))


@pytest.fixture
def page(browsers: Browsers) -> Page:
    """The page of a stranger at `server`."""
    return browsers.person()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember a failure, for the pictures."""
    report = yield
    if call.when in ("setup", "call") and call.excinfo is not None:
        item.stash[FAILED] = True
    return report


def pytest_collection_finish() -> None:
    """Spare the garbage collector the modules, which stay: it would go through them again and again."""
    gc.collect()
    gc.freeze()
