"""`make migration NAME='Add a table'`: write what leads from the newest migration to the models.

Before a first release the one migration may be written anew: delete it, and name it "First tables".
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import flask_migrate

from helpdesk import create_app, migrations
from tests.support.databases import configuration


def main(name: str) -> None:
    """Compare the models with a database of the newest schema; the file is to be read before it is kept."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(configuration(f"sqlite:///{folder}/empty.sqlite3", Path(folder)))
        number = len(list((migrations.FOLDER / "versions").glob("*.py"))) + 1
        with app.app_context():
            migrations.attach()
            if number > 1:
                migrations.upgrade()
            flask_migrate.migrate(message=name, rev_id=f"{number:04}")
    for arguments in (["format"], ["check", "--fix"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--quiet", str(migrations.FOLDER)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main(sys.argv[1])
