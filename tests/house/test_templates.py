"""Templates: partials know no viewer, nothing is marked safe, nothing stands inline."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from tests.house.sources import calls_in, name_of, python_files, templates

# What only pages may look at: a partial is rendered for many, also outside a request.
VIEWER = {
    "current_user",
    "g",
    "request",
    "session",
    "csrf_token",
    "url_for",
    "config",
    "get_flashed_messages",
}
FORBIDDEN = {
    "the filter safe": re.compile(r"\|\s*safe\b"),
    "autoescape switched off": re.compile(r"autoescape\s+false", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:a-z-]*)\s*=", re.IGNORECASE),
    "an expression for eval": re.compile(r"hx-(vals|headers)\S*=.{0,3}js:|hx-trigger=\"[^\"]*\["),
    "an attribute without quotes": re.compile(r"\s[a-zA-Z-]+=\{\{"),
    "a link to a script": re.compile(r"(href|src|action)\s*=\s*['\"]?\s*javascript:", re.IGNORECASE),
}


def test_templates_are_html_by_name() -> None:
    """Only these are escaped."""
    assert [name_of(path) for path in templates() if path.suffix != ".html"] == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str) -> None:
    found = [
        f"{name_of(path)}:{path.read_text()[: hit.start()].count(chr(10)) + 1} {hit[0].strip()}"
        for path in templates()
        for hit in FORBIDDEN[what].finditer(path.read_text())
    ]
    assert not found, "\n".join(found)


def test_partials_and_components_know_no_viewer() -> None:
    found = {name_of(path): _names(path) & VIEWER for path in templates() if _is_partial(path)}
    assert not {name: names for name, names in found.items() if names}


def test_partials_include_nothing_but_partials_and_components() -> None:
    wrong = [
        f"{name_of(path)} includes {other}"
        for path in templates()
        if _is_partial(path)
        for other in meta.find_referenced_templates(Environment().parse(path.read_text()))
        if other is None or not _is_partial(Path("templates") / other)
    ]
    assert not wrong, "\n".join(wrong)


def test_markup_is_never_made_of_pieces() -> None:
    wrong = [
        f"{name_of(path)}:{call.lineno}"
        for path in python_files()
        for call, name in calls_in(path)
        if name in ("Markup", "markupsafe.Markup") and call.args and not _is_plain(call.args[0])
    ]
    assert not wrong, "\n".join(wrong)


def _is_partial(path: Path) -> bool:
    return path.name.startswith("_") or path.parent.name == "components"


def _names(path: Path) -> set[str]:
    return meta.find_undeclared_variables(Environment().parse(path.read_text()))


def _is_plain(argument: ast.expr) -> bool:
    """A constant, a name, or what a template returned; never an f-string, a sum or a format."""
    if isinstance(argument, ast.Call):
        return ast.unparse(argument.func).endswith((".render", ".join"))
    return isinstance(argument, ast.Constant | ast.Name | ast.Attribute)
