"""The history of the schema; inside the package, so that an installed wheel can migrate too."""

from pathlib import Path

import flask_migrate
from flask import Flask

from helpdesk.database import db

FOLDER = Path(__file__).resolve().parent


def init_app(app: Flask) -> None:
    """Attach Flask-Migrate (and its `flask db` commands) to `app`."""
    flask_migrate.Migrate(app, db, directory=str(FOLDER))


def upgrade() -> None:
    """Bring the database of the current app to the newest schema; several processes may do so at once."""
    flask_migrate.upgrade()
