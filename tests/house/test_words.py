"""What does not belong into the source."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.config import ROOT
from tests.house.sources import name_of

FORBIDDEN = {
    "unfinished work": re.compile(r"\b(TO" r"DO|FIX" r"ME)\b"),
    "a path of somebody's machine": re.compile(r"(?<![\w.])/(work|root|home|Users)/\w"),
    "a conflict": re.compile(r"^(<{7}|>{7}) ", re.MULTILINE),
}
SUFFIXES = {".py", ".html", ".js", ".css", ".md", ".toml", ".txt", ".mako", ""}
# Not ours to write, or made when tests ran.
SKIPPED = {
    ".git",
    ".venv",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    "vendor",
    "instance",
    "output",
}


def _files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(set(folders) - SKIPPED - {"__pycache__"})
        yield from (Path(folder, name) for name in set(names) - SKIPPED if Path(name).suffix in SUFFIXES)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = [
        f"{name_of(path)}: {hit[0]}"
        for path in _files()
        for hit in FORBIDDEN[what].finditer(path.read_text())
    ]
    assert not found, "\n".join(found)
