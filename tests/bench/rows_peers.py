"""django-supchat on the same work, in the same run: an operator's POST, heard by both event streams."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.installation import installed
from tests.bench.load import Load, chat
from tests.bench.machine import HERE, KEPT, environment_of, gunicorn, port, running
from tests.bench.report import Row

ROOMS, AT_ONCE, SECONDS = 8, 8, 2.5
TOKEN = "a" * 32


def rows() -> Iterator[Row]:
    """Return theirs and the ratio to ours, one after the other on the same core."""
    python = environment_of("django-supchat", "gunicorn")
    with TemporaryDirectory(dir=KEPT) as folder:
        theirs = _theirs(python, Path(folder))
    ours = _ours()
    heard = f"{theirs['per_s']:.0f}/s, heard p50 {theirs['heard_p50']:.1f} ms"
    note = f"{heard}; SQLite, WAL and FULL, {AT_ONCE} at once"
    yield Row("whole message, django-supchat", theirs["cpu_us"], "µs CPU", note=note)
    costs = f"{ours['cpu_us']:.0f} against {theirs['cpu_us']:.0f} µs CPU"
    note = f"{costs}; theirs is streamed by a thread per listener"
    yield Row("whole message against django-supchat", ours["cpu_us"] / theirs["cpu_us"], "×", note=note)


def _ours() -> dict[str, Any]:
    with installed("sqlite", ROOMS, ROOMS) as here, Load(here.port, here.pid) as load:
        for number, talk in enumerate(here.world.talks):
            chat(load, here.world, number, talk)
        return _measure(load)


def _theirs(python: str, folder: Path) -> dict[str, Any]:
    database = {"PEER_DATABASE": str(folder / "supchat.sqlite3")}
    script = [python, str(HERE / "peer_supchat.py"), str(ROOMS)]
    made = subprocess.run(script, env=os.environ | database, capture_output=True, text=True, check=False)
    if made.returncode:
        raise RuntimeError(made.stderr[-400:])
    known = json.loads(made.stdout)
    number = port()
    command = gunicorn(python, "peer_supchat:application", number, "--threads", str(3 * ROOMS + 8))
    with running(command, number, HERE, **database) as pid, Load(number, pid) as load:
        load.marker("message.created")
        for room, each in enumerate(known["conversations"]):
            _enlist(load, room, each, known["cookie"])
        return _measure(load)


def _enlist(load: Load, room: int, each: dict[str, str], cookie: str) -> None:
    operator = f"Cookie: sessionid={each['session']}; csrftoken={TOKEN}"
    base = f"/supchat/operator/conversations/{each['id']}"
    load.socket(room, f"{base}/events/", [operator], kind="E")
    guest = f"/supchat/conversations/{each['id']}/events/"
    load.socket(room, guest, [f"Cookie: {cookie}={each['guest']}"], kind="E")
    headers = [operator, f"X-CSRFToken: {TOKEN}", "Content-Type: application/json"]
    load.asker(
        room,
        "POST",
        f"{base}/send/",
        headers,
        '{"text": "Good morning, this is a line of some sixty characters."}',
    )


def _measure(load: Load) -> dict[str, Any]:
    load.open(4)
    load.do(f"closed 1 {ROOMS}")
    return load.best(f"closed {SECONDS} {AT_ONCE}")
