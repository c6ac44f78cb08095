"""What every application of this process works out alike, templates, SQL and addresses, is worked out once.

Each test has an application and an engine of its own all the same: shared are results that depend on nothing
but their source, bytecode by template, compiled SQL by statement, what builds an address by its rule, and
the joined styles and scripts.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Dialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import BaseConverter, Rule
from werkzeug.routing.rules import RulePart

from helpdesk import assets
from helpdesk.config import ROOT
from helpdesk.database import db

MOST_STATEMENTS = 5_000
STATIC = ROOT / "static"


class Memory(BytecodeCache):
    """Keeps bytecode by what it was compiled from."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket when this source was compiled before."""
        if kept := self.kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


PAGES, PARTIALS = Memory(), Memory()
PARTS: dict[str, tuple[list[RulePart], list[tuple[bool, str]], dict[str, BaseConverter]]] = {}
BUILDERS: dict[object, Callable[..., tuple[str, str]]] = {}
# By kind of database, that of the first engine. SQLAlchemy finds a compiled statement by its dialect, too.
STATEMENTS: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}


class SharedRule(Rule):
    """Reads and builds addresses with what was compiled for the same rule of another application."""

    def _parse_rule(self, rule: str) -> Iterable[RulePart]:
        if rule not in PARTS:
            first = len(self._trace)
            parts = list(super()._parse_rule(rule))
            PARTS[rule] = parts, self._trace[first:], self._converters.copy()
            return parts
        parts, trace, converters = PARTS[rule]
        self._trace += trace
        self._converters |= converters
        self.arguments |= converters.keys()
        return parts

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (tuple(self._trace), str(self.defaults), append_unknown)
        if key not in BUILDERS:
            BUILDERS[key] = super()._compile_builder(append_unknown)
        return BUILDERS[key]


Flask.url_rule_class = SharedRule


@cache
def joined(folder: Path) -> dict[str, assets.Asset]:
    """Return the joined styles and scripts; they do not change while tests run."""
    return JOIN(folder)


JOIN = assets._join_all
assets._join_all = lambda folder: joined(folder) if folder == STATIC else JOIN(folder)


def share(app: Flask) -> Flask:
    """Have this application use what others compiled, and leave to others what it compiles."""
    with app.app_context():
        engine = db.engine
    if engine.name not in STATEMENTS:
        engine.connect().close()  # a dialect learns about its database from the first connection
        STATEMENTS[engine.name] = (engine.dialect, LRUCache(MOST_STATEMENTS))
    return share_compiled(app)


def share_compiled(app: Flask) -> Flask:
    """The same without asking a database that nobody used yet: it need not be there."""
    app.jinja_env.bytecode_cache = PAGES
    app.extensions["helpdesk_partials"].bytecode_cache = PARTIALS
    with app.app_context():
        engine = db.engine
    if engine.name in STATEMENTS:
        engine.dialect, engine._compiled_cache = STATEMENTS[engine.name]
    return app
