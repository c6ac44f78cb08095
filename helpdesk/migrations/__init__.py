"""The history of the schema; inside the package, so that an installed wheel can migrate too."""

from pathlib import Path

from flask import current_app
from sqlalchemy import Connection, text

from helpdesk.database import db

LOCK = 0x68656C70  # any number, as long as every process of every version uses the same
FOLDER = Path(__file__).resolve().parent


def upgrade() -> None:
    """Bring the database of the current app to the newest schema; several processes may do so at once."""
    attach()
    import flask_migrate

    flask_migrate.upgrade()


def attach() -> None:
    """Give the current app the commands of Flask-Migrate; not at start: serving does not need their 11 MB."""
    import flask_migrate

    flask_migrate.Migrate(current_app, db, directory=str(FOLDER))


def is_modelled(name: str | None, kind: str, parents: object) -> bool:
    """Tell whether a table is one of the models: full-text search has tables of a kind of its own."""
    return kind != "table" or not (name or "").startswith("ticket_search")


def wait_for_others(connection: Connection) -> None:
    """Let one process at a time go on, until the transaction ends; on SQLite BEGIN IMMEDIATE has done it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
