"""Draws ticket numbers in threads and prints them: `python -m tests.tickets.drawing URL THREADS EACH`."""

import sys
import tempfile
from functools import partial
from pathlib import Path

from helpdesk import create_app
from helpdesk.database import db, transaction
from helpdesk.tickets import numbers
from tests.chat.together import at_once
from tests.support.databases import configuration


def main(url: str, threads: str, each: str) -> None:
    """Draw `each` numbers in each thread, every one in a transaction of its own."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(configuration(url, Path(folder)))
        for drawn in at_once(app, [partial(_draw, int(each))] * int(threads)):
            print(*drawn, sep="\n")


def _draw(count: int) -> list[str]:
    drawn = []
    for _ in range(count):
        with transaction() as tx:
            drawn.append(numbers.draw(tx))
    db.session.remove()
    return drawn


if __name__ == "__main__":
    main(*sys.argv[1:])
