"""A fresh database for each test, copied from a template that was migrated (and peopled) once."""

import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import update

from helpdesk import create_app, demo, migrations
from helpdesk.accounts.models import Person
from helpdesk.config import Config
from helpdesk.database import db, now, transaction
from tests.support.postgres import Postgres

MEMORY = Path("/dev/shm")
ROOM_BYTES = 512 * 1024 * 1024
KINDS = ("sqlite", "postgres")
SECRET_KEY = "for tests only, at least thirty-two characters"
BIND = "127.0.0.1:8000"
PUBLIC_URL = f"http://{BIND}"


def configuration(database_url: str, folder: Path, **changes: object) -> Config:
    """Return a configuration as a small installation on this machine has it."""
    plain: dict[str, object] = {
        "database_url": database_url,
        "secret_key": SECRET_KEY,
        "public_url": PUBLIC_URL,
        "backplane": "",
        "bind": BIND,
        "threads": 8,
        "trusted_proxies": 0,
        "instance": folder,
        "is_demo": False,
    }
    return Config(**(plain | changes))  # type: ignore[arg-type]


class Databases:
    """Makes databases; `content` is "empty" (no table), "bare" (migrated) or "world" (the demo's people)."""

    def __init__(self, folder: Path) -> None:
        self.memory = _memory()
        self.folder = Path(tempfile.mkdtemp(prefix="helpdesk-databases-", dir=self.memory or folder))
        self.server: Postgres | None = None
        self._templates: dict[tuple[str, str], str] = {}
        self._numbers = itertools.count(1)

    @property
    def postgres(self) -> Postgres:
        """The one PostgreSQL of this test process, started when first asked for."""
        if self.server is None:
            self.server = Postgres(disk=self.memory)
        return self.server

    @contextmanager
    def fresh(self, kind: str, content: str = "world") -> Iterator[str]:
        """Yield the URL of a new database; deletes it afterwards, whoever is still connected."""
        name = f"test_{next(self._numbers)}"
        template = None if content == "empty" else self._template(kind, content)
        if kind == "sqlite":
            path = self.folder / f"{name}.sqlite3"
            if template:
                shutil.copyfile(self._file(template), path)
            yield f"sqlite:///{path}"
            for leftover in self.folder.glob(f"{name}.sqlite3*"):
                leftover.unlink()
        else:
            self.postgres.execute(
                f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} STRATEGY FILE_COPY"
            )
            yield self.postgres.url(name)
            self.postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def remove(self) -> None:
        """Delete all, the PostgreSQL too if there is one."""
        if self.server is not None:
            self.server.remove()
        shutil.rmtree(self.folder)

    def _template(self, kind: str, content: str) -> str:
        if (kind, content) not in self._templates:
            self._templates[kind, content] = self._make(kind, content)
        return self._templates[kind, content]

    def _make(self, kind: str, content: str) -> str:
        name = f"template_{content}"
        if kind == "postgres":
            self.postgres.execute(f"CREATE DATABASE {name}")
        url = f"sqlite:///{self._file(name)}" if kind == "sqlite" else self.postgres.url(name)
        fill(create_app(configuration(url, self.folder)), content)
        if kind == "sqlite":
            sqlite3.connect(self._file(name)).execute("PRAGMA journal_mode=DELETE").connection.close()
        return name

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"


def _memory() -> Path | None:
    """Return where no disk is waited for, if there is such a place: no test cuts the power."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        return MEMORY
    return None


def fill(app: Flask, content: str) -> None:
    """Migrate the database of `app`; for "world" add the demo's people, groups and channels."""
    with app.app_context():
        migrations.upgrade()
        if content == "world":
            demo.seed()
            with transaction() as tx:  # long enough ago that customers are offered these agents (row 8)
                tx.execute(update(Person).values(availability_changed_at=now() - timedelta(hours=1)))
        db.session.remove()
        db.engine.dispose()
