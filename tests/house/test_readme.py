"""The README tells what is true: variables, settings and limits are those of the code."""

import ast
import importlib
import inspect
import json
import re
from pathlib import Path

from helpdesk.config import ROOT
from helpdesk.settings import Setting, declared
from tests.house.sources import HELPDESK, python_files, tree_of

README = (ROOT / "README.md").read_text()
# A constant of such a name bounds what somebody can send or open.
BOUND = re.compile(r"^(MOST|LONGEST|LARGEST)_\w+$|^\w+_LIMIT$")
# These cut work into pieces; nobody meets them.
INNER = {
    "accounts.sessions.MOST_AT_ONCE",
    "accounts.signing_in.LONGEST_NEXT",
    "realtime.joining.MOST_HELD",
    "realtime.bus_notify.LARGEST_PAYLOAD_BYTES",
    "realtime.worker.MOST_PEOPLE",
    "settings.registry.LARGEST_NUMBER",
    "tickets.outbox.MOST_AT_ONCE",
    "tickets.sender.MOST_AT_ONCE",
    "web.LARGEST_ID",
}


def test_every_variable_of_the_environment_is_told() -> None:
    sources = [*HELPDESK.glob("*.py"), ROOT / "gunicorn.conf.py"]
    read = {
        name
        for path in sources
        for name in re.findall(r"[\"'](HELPDESK_[A-Z_]+[A-Z]|PORT)[\"']", path.read_text())
    }
    assert {row[0].strip("`") for row in rows("Environment")} == read


def test_every_setting_is_told_with_its_default() -> None:
    expected = [_row(setting) for setting in declared()]
    assert rows("Settings") == expected, "\n".join(f"| {' | '.join(row)} |" for row in expected)


def test_every_limit_is_told_and_true() -> None:
    told = {row[2].strip("`"): row[1] for row in rows("Limits")}
    assert set(told) >= set(_bounds()) - INNER
    for name, text in told.items():
        number = int(re.sub(r"(?<=\d),(?=\d)", "", text).split()[0])
        assert number == _value(name), f"{name} is {_value(name)}, not {text}"


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without the head of the table."""
    section = re.search(rf"^#+ {heading}\n(.*?)(?=^#|\Z)", README, re.MULTILINE | re.DOTALL)
    assert section, f"no section {heading}"
    lines = [line for line in section[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def _row(setting: Setting) -> list[str]:
    default = setting.default if isinstance(setting.default, str) else json.dumps(setting.default)
    return [f"`{setting.name}`", f"{default} {setting.unit}".strip(), setting.help]


def _bounds() -> dict[str, int]:
    """Return the value of every such constant by `module.NAME`."""
    return {
        f"{_module(path)}.{name.id}": _value(f"{_module(path)}.{name.id}")
        for path in python_files()
        for node in tree_of(path).body
        if isinstance(node, ast.Assign)
        for name in node.targets
        if isinstance(name, ast.Name) and BOUND.match(name.id)
    }


def _module(path: Path) -> str:
    parts = path.relative_to(HELPDESK).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "create_app"


def _value(name: str) -> int:
    """Return a constant (`room.module.NAME`) or the default of an argument (`room.module.Class:argument`)."""
    place, _, argument = name.partition(":")
    module, _, last = place.rpartition(".")
    found = getattr(
        importlib.import_module("helpdesk" if module == "create_app" else f"helpdesk.{module}"), last
    )
    return int(inspect.signature(found).parameters[argument].default if argument else found)
