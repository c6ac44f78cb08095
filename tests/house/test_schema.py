"""The migrations make exactly the tables of the models, on both databases, also when many start at once."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Engine, Inspector, create_engine, inspect

from helpdesk import create_app, migrations
from helpdesk.config import ROOT
from helpdesk.database import db
from tests.support.databases import KINDS, SECRET_KEY, Databases, configuration
from tests.support.servers import clean_environment

# SQLAlchemy does not read them from SQLite; on PostgreSQL they are compared.
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")
EMPTY = pytest.mark.parametrize("database_content", ["empty"])


@pytest.mark.parametrize("database_content", ["bare"])
def test_the_newest_schema_is_that_of_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": migrations.is_modelled}
        )
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.parametrize("kind", KINDS)
def test_constraints_are_those_of_the_models(databases: Databases, kind: str) -> None:
    with databases.fresh(kind, "bare") as migrated, databases.fresh(kind, "empty") as plain:
        made = create_engine(plain)
        db.metadata.create_all(made)
        assert _constraints(create_engine(migrated)) == _constraints(made)


@EMPTY
def test_one_can_go_back_and_forth(app: Flask) -> None:
    migrations.upgrade()
    flask_migrate.downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    migrations.upgrade()
    assert "chat" in inspect(db.engine).get_table_names()


@pytest.mark.parametrize("kind", KINDS)
def test_four_processes_may_start_at_once_on_an_empty_database(
    databases: Databases, kind: str, tmp_path: Path
) -> None:
    with databases.fresh(kind, "empty") as url:
        environment = clean_environment() | {
            "HELPDESK_DATABASE_URL": url,
            "HELPDESK_SECRET_KEY": SECRET_KEY,
            "HELPDESK_INSTANCE": str(tmp_path),
        }
        starts = [_start(environment) for _ in range(4)]
        said = [start.communicate(timeout=180)[1].decode() for start in starts]
        assert [start.returncode for start in starts] == [0, 0, 0, 0], said
        app = create_app(configuration(url, tmp_path))
        with app.app_context():
            assert db.session.execute(db.text("SELECT count(*) FROM channel")).scalar() == 1
            db.session.remove()
            db.engine.dispose()


def _start(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "helpdesk", "upgrade"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )


def _constraints(engine: Engine) -> dict[str, Any]:
    """Return names (and what they say, where a database tells) of every kind of constraint and index."""
    inspector = inspect(engine)
    names = set(inspector.get_table_names()) - {"alembic_version"}
    tables = sorted(name for name in names if migrations.is_modelled(name, "table", None))
    found = {table: _of_table(inspector, table) for table in tables}
    if engine.dialect.name == "sqlite":  # also those that SQLAlchemy cannot read
        with engine.connect() as connection:
            own = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
            found["indexes"] = [name for (name,) in connection.exec_driver_sql(own)]
    engine.dispose()
    return found


def _of_table(inspector: Inspector, table: str) -> list[Any]:
    return [
        sorted((c["name"] or "", c["sqltext"]) for c in inspector.get_check_constraints(table)),
        sorted((c["name"] or "", c["column_names"]) for c in inspector.get_unique_constraints(table)),
        sorted(
            (c["name"] or "", c["constrained_columns"], c["referred_table"])
            for c in inspector.get_foreign_keys(table)
        ),
        sorted((i["name"] or "", i["column_names"], i["unique"]) for i in inspector.get_indexes(table)),
        inspector.get_pk_constraint(table),
        sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)),
    ]
