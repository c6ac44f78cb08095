"""The source of the house, as the tests of its rules read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from helpdesk.config import ROOT

HELPDESK = ROOT / "helpdesk"
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"


def python_files() -> list[Path]:
    """Return the files of the application, without what Alembic writes."""
    return [path for path in sorted(HELPDESK.rglob("*.py")) if "versions" not in path.parts]


def templates() -> list[Path]:
    """Return all templates."""
    return sorted(path for path in TEMPLATES.rglob("*") if path.is_file())


def own_static(*suffixes: str) -> list[Path]:
    """Return our own files under static/ with these suffixes."""
    vendor = STATIC / "vendor"
    return [p for p in sorted(STATIC.rglob("*")) if p.suffix in suffixes and vendor not in p.parents]


def own_tests() -> list[Path]:
    """Return the Python files of the tests, without what they put out."""
    tests = ROOT / "tests"
    return [path for path in sorted(tests.rglob("*.py")) if tests / "output" not in path.parents]


def name_of(path: Path) -> str:
    """Return a path as people write it."""
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text(), str(path))


def calls_in(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Yield each call of a file with the dotted name of what is called."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)
