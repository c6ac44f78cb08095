"""What Alembic runs for every command: one connection, one transaction, one process at a time."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from helpdesk.database import UTCDateTime, db
from helpdesk.migrations import is_modelled, wait_for_others

USUAL_WAIT_S, WAIT_S = 5, 120


def migrate() -> None:
    """Run the command in one transaction: a failed migration leaves the schema as it was."""
    with db.engine.connect().execution_options(helpdesk_write=True) as connection:
        _prepare(connection, "OFF", WAIT_S)
        try:
            with connection.begin():
                wait_for_others(connection)
                _run(connection)
        finally:
            _prepare(connection, "ON", USUAL_WAIT_S)


def _prepare(connection: Connection, foreign_keys: str, wait_s: int) -> None:
    """SQLite alters by building a table anew: references count only afterwards. Others may be migrating."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys={foreign_keys}")
        driver.execute(f"PRAGMA busy_timeout={wait_s * 1000}")


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=_plain_time,
        include_name=is_modelled,
    )
    context.run_migrations()
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("The migration would leave references that lead nowhere; nothing was changed.")


def _plain_time(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """A migration must not change its meaning when our own types do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


migrate()
