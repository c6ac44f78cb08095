"""The values of settings: overrides in the database, one cache per app, replaced as a whole."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.database import UTCDateTime, announce, db, now
from helpdesk.settings import registry
from helpdesk.settings.models import SettingOverride

# The row that counts changes; drawing from it first makes all puts wait for each other on PostgreSQL
# too, so that a version seen in an ETag is never given out again.
COUNTER = ""
LOAD = select(SettingOverride.name, SettingOverride.value, SettingOverride.version)
DRAW = text(
    "INSERT INTO setting (name, value, version, changed_at) VALUES ('', '0', 1, :at)"
    " ON CONFLICT (name) DO UPDATE SET version = setting.version + 1 RETURNING version"
).bindparams(bindparam("at", type_=UTCDateTime()))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All overrides at one moment; never changed, only replaced."""

    values: dict[str, Any]
    version: int


class Cache:
    """The app's current snapshot; None until somebody asks."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.snapshot: Snapshot | None = None


_listeners: dict[Callable[[str], None], None] = {}


def get(name: str) -> Any:
    """Return the value in force; raises KeyError for a name nobody declared."""
    setting = registry.find(name)
    return _snapshot().values.get(name, setting.default)


def version() -> int:
    """Return a number that moves with every change of any setting; 0 while all are at their default."""
    return _snapshot().version


def refresh() -> None:
    """Read all overrides again: another process has, or may have, changed one."""
    cache: Cache = current_app.extensions["helpdesk_settings"]
    with cache.lock:
        cache.snapshot = _load()


def on_change(listener: Callable[[str], None]) -> None:
    """Have `listener(name)` called after each stored change made in this process, the new value in force.

    Listeners are functions of a module, known to the whole process, and find their app by `current_app`;
    registering one again changes nothing.
    """
    _listeners[listener] = None


def put(tx: Session, name: str, value: Any, changed_by_id: int | None) -> None:
    """Store a value and announce the change; raises KeyError for an unknown name, Invalid for a bad value."""
    kept = registry.check(registry.find(name), value)
    number = tx.execute(DRAW, {"at": now()}).scalar_one()
    before = tx.execute(select(SettingOverride.value).where(SettingOverride.name == name)).scalar()
    row = {"value": kept, "version": number, "changed_at": now(), "changed_by_id": changed_by_id}
    change = update(SettingOverride).where(SettingOverride.name == name).values(row)
    if tx.execute(change.returning(SettingOverride.name)).first() is None:
        tx.execute(insert(SettingOverride).values(name=name, **row))
    events.record(tx, changed_by_id, "setting.changed", "setting", None, name=name, before=before, after=kept)
    announce(tx, refresh)
    for listener in _listeners:
        announce(tx, partial(listener, name))


def _snapshot() -> Snapshot:
    cache: Cache = current_app.extensions["helpdesk_settings"]
    if cache.snapshot is None:
        with cache.lock:
            cache.snapshot = cache.snapshot or _load()
    return cache.snapshot


def _load() -> Snapshot:
    """Read on a connection of its own: the session may be in an older view of the world."""
    with db.engine.connect() as connection:
        rows = connection.execute(LOAD).all()
    values = {row.name: _frozen(row.value) for row in rows if row.name != COUNTER}
    return Snapshot(values, max((row.version for row in rows), default=0))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
