"""Imports only point down, and faces do not know each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import HELPDESK, name_of, python_files, tree_of

FOUNDATION = (
    ("config",),
    ("database", "web"),
    ("events", "access", "files", "links"),
    ("assets", "health", "press"),
)
ROOMS = {"settings": 1, "accounts": 2, "realtime": 3, "tickets": 4, "chat": 5}
FACES = ("admin", "external", "dashboard")
TOP = ("__init__", "__main__", "cli", "demo", "migrations")
LAYERS = {
    **{name: number / 10 for number, names in enumerate(FOUNDATION) for name in names},
    **ROOMS,
    **dict.fromkeys(FACES, 6),
    **dict.fromkeys(TOP, 7),
}


def test_everything_has_its_place() -> None:
    rooms = {path.stem for path in HELPDESK.iterdir() if path.name != "__pycache__"}
    assert rooms <= set(LAYERS)


def test_imports_only_point_down() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {other}"
        for path in python_files()
        for line, other in _imports(path)
        if not _may_import(_room(path), other)
    ]
    assert not wrong, "\n".join(wrong)


def _may_import(room: str, other: str) -> bool:
    """The command line is plugged in by create_app and knows it: the two may know each other."""
    return room == other or LAYERS[room] > LAYERS[other] or (room in TOP and other in TOP)


def _room(path: Path) -> str:
    return path.relative_to(HELPDESK).parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _ours(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: write the import out"
            if node.module == "helpdesk":
                for alias in node.names:
                    yield node.lineno, alias.name if alias.name in LAYERS else "__init__"
            else:
                yield from _ours(node.lineno, node.module or "")


def _ours(line: int, module: str) -> Iterator[tuple[int, str]]:
    parts = module.split(".")
    if parts[0] == "helpdesk":
        yield line, parts[1] if len(parts) > 1 else "__init__"
