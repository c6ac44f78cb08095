"""Starts gunicorn quickly: a process that has imported everything forks, and the child goes on from there.

What is started is the project's own gunicorn with its own environment, log, session and end; only the work
of importing is shared, which is most of the work of starting. `python -m helpdesk serve` and gunicorn as a
shell starts them are tested where starting is the matter (tests/demo, tests/realtime/test_server.py).
"""

import gc
import json
import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import psutil

from helpdesk.config import ROOT


class Child(psutil.Process):  # type: ignore[misc]
    """What `subprocess.Popen` is for a process of our own; how it ended, the nursery does not say."""

    def poll(self) -> int | None:
        """Return None while it runs."""
        return None if self.is_running() else 0


class Nursery:
    """One per test process; ends with it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(self, environment: dict[str, str], log: Path) -> "Child":
        """Start gunicorn in a session of its own; what it says is appended to `log`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([environment, str(log)]) + "\n")
        self._process.stdin.flush()
        return Child(int(self._process.stdout.readline()))


@cache
def nursery() -> Nursery:
    """Return the one of this test process."""
    return Nursery()


def main() -> None:
    """Fork for each line of standard input and say the child's id; only a child returns from here."""
    import_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(*json.loads(line))
            return
        print(child, flush=True)
    os._exit(0)


def import_all() -> None:
    """Import what a worker imports, and have no child look through it for rubbish."""
    import gunicorn.app.wsgiapp
    import gunicorn.workers.gthread  # noqa: F401

    import helpdesk.realtime.server  # noqa: F401

    gc.collect()
    gc.freeze()


def become(environment: dict[str, str], log: str) -> None:
    """Be what a shell would have started."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    with open(os.devnull, "rb") as nothing, open(log, "ab") as said:
        os.dup2(nothing.fileno(), 0)
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)


def serve() -> None:
    """Run gunicorn as its command does."""
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", "-c", "gunicorn.conf.py"]
    run()


if __name__ == "__main__":
    main()
    serve()
