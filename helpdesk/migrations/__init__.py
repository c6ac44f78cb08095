"""The history of the schema; inside the package, so that an installed wheel can migrate too."""

from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import Connection, text

from helpdesk.database import db

LOCK = 0x68656C70  # any number, as long as every process of every version uses the same
FOLDER = Path(__file__).resolve().parent


def init_app(app: Flask) -> None:
    """Attach Flask-Migrate (and its `flask db` commands) to `app`."""
    flask_migrate.Migrate(app, db, directory=str(FOLDER))


def upgrade() -> None:
    """Bring the database of the current app to the newest schema; several processes may do so at once."""
    flask_migrate.upgrade()


def wait_for_others(connection: Connection) -> None:
    """Let one process at a time go on, until the transaction ends; on SQLite BEGIN IMMEDIATE has done it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
