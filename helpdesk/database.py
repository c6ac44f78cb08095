"""The database: one Base, one way to write (`transaction`), one way to tell (`announce`)."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    event,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

log = logging.getLogger(__name__)

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every table; the naming convention makes constraints droppable on SQLite too."""

    metadata = MetaData(naming_convention=NAMES)
    # 64 bits everywhere: PostgreSQL fails on a larger number in a condition instead of finding nothing.
    type_annotation_map: ClassVar = {int: BigInteger().with_variant(Integer, "sqlite")}


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False, "autoflush": False})


@dataclass(frozen=True, slots=True)
class CoreTransaction:
    """A write transaction for Core statements alone: what a Session costs is a tenth of a message."""

    core: Connection
    info: dict[str, Any]

    def connection(self) -> Connection:
        """Return the connection, as a Session does."""
        return self.core


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the one kind of write transaction, commit it, then run what was announced in it.

    The read transaction of `db.session` is ended first: a stale read that is upgraded to a write fails
    at once on SQLite. There the write lock is taken at the beginning (`BEGIN IMMEDIATE`), so conditional
    statements inside never meet a changed world. Rolls back and announces nothing when the block raises.
    """
    with (
        core_transaction() as tx,
        Session(tx.core, expire_on_commit=False, autoflush=False, info=tx.info) as session,
    ):
        yield session
        session.flush()


@contextmanager
def core_transaction() -> Iterator[CoreTransaction]:
    """Do the same without the ORM."""
    if db.session.new or db.session.dirty or db.session.deleted:
        raise RuntimeError("A write outside transaction().")
    db.session.commit()
    announcements: list[Callable[[], None]] = []
    with db.engine.connect().execution_options(helpdesk_write=True) as connection, connection.begin():
        yield CoreTransaction(connection, {"announce": announcements})
    for tell in announcements:
        _run(tell)


def announce(tx: Session | CoreTransaction, tell: Callable[[], None]) -> None:
    """Have `tell` run after `tx` is committed: nothing is told before it is stored."""
    tx.info["announce"].append(tell)


def now() -> datetime:
    """Return the current time, aware and in UTC."""
    return datetime.now(UTC)


def is_like(column: Any, words: str) -> ColumnElement[bool]:
    """Return SQL for words anywhere in a column, in any case; a database may know no others than a to z."""
    written = set() if words.isascii() else {words, words.lower(), words.upper(), words.title()}
    same = (column.contains(each, autoescape=True) for each in sorted(written))
    return or_(column.icontains(words, autoescape=True), *same)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which knows no zones, stores it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class database_now(FunctionElement[datetime]):  # noqa: N801 (used like a SQL function)
    """The database's own clock: what several hosts compare must come from one clock."""

    type = UTCDateTime()
    inherit_cache = True


@compiles(database_now, "postgresql")
def _now_postgresql(element: database_now, compiler: Any, **kw: Any) -> str:
    return "clock_timestamp()"


@compiles(database_now, "sqlite")
def _now_sqlite(element: database_now, compiler: Any, **kw: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def prepare(engine: Engine) -> None:
    """Attach the rules of `transaction()` and the pragmas to a SQLite engine; nothing for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Any) -> None:
    is_write = connection.get_execution_options().get("helpdesk_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _run(tell: Callable[[], None]) -> None:
    try:
        tell()
    except Exception:
        log.exception("an announcement failed; what it told of is stored")
