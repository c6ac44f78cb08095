"""PDFs: how long one of 1,000 messages takes, and what chats beside it feel."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import Request

from sqlalchemy import insert, select, update

from helpdesk import create_app
from helpdesk.chat.models import Chat, Message
from helpdesk.database import db, now, transaction
from helpdesk.press.press import Press
from tests.bench.installation import Installation, installed
from tests.bench.load import Load, agent_headers, chat
from tests.bench.machine import cpu_s
from tests.bench.report import Row
from tests.press.documents import document, messages
from tests.support.databases import configuration
from tests.support.servers import DIRECT

MESSAGES, CHATS = 1000, 8
PER_S, SECONDS = 20, 8


def rows() -> Iterator[Row]:
    """Return the time of the press alone, and a chat's delivery while PDFs are made."""
    yield _alone()
    with installed("sqlite", CHATS, CHATS) as here, Load(here.port, here.pid) as load:
        _fill(here)
        for number, talk in enumerate(here.world.talks):
            chat(load, here.world, number, talk)
        load.open()
        load.do(f"closed 1 {CHATS}")
        idle = load.do(f"rate {PER_S} {SECONDS} {CHATS}")
        with _Downloads(here) as downloads:
            busy = load.do(f"rate {PER_S} {SECONDS} {CHATS}")
        taken = sorted(downloads.taken_s)
        yield Row(
            "chat p99 while PDFs are made", busy["heard_p99"] / idle["heard_p99"], "×", 2,
            note=f"{busy['heard_p99']:.1f} against {idle['heard_p99']:.1f} ms; "
            f"p50 {busy['heard_p50']:.1f} against {idle['heard_p50']:.1f} ms; all on one core",
        )  # fmt: skip
        yield Row(
            "PDF of 1,000 messages, POST to last byte", taken[len(taken) // 2], "s",
            note=f"median of {len(taken)}, in turn, on the one core of the server and its chats",
        )  # fmt: skip


def _alone() -> Row:
    press, paper = Press(), document(*messages(MESSAGES))
    taken, cpu = [], []
    for _ in range(4):  # the first one starts the child
        begin, before = time.monotonic(), _cpu_s(press)
        size = len(press.printed(paper))
        taken.append(time.monotonic() - begin)
        cpu.append(_cpu_s(press) - before)
    press.stop()
    note = f"seven scripts, {size / 1024:.0f} kB; {min(cpu[1:]):.2f} s CPU; first {taken[0]:.1f} s"
    return Row("PDF of 1,000 messages, in its subprocess", min(taken[1:]), "s", 2, note=note)


def _cpu_s(press: Press) -> float:
    return cpu_s(press.child_id) if press.child_id is not None else 0.0


def _fill(here: Installation) -> None:
    """Give the busy agent's chat a thousand lines."""
    with TemporaryDirectory() as folder:
        app = create_app(configuration(here.database_url, Path(folder)))
        with app.app_context():
            with transaction() as tx:
                row = tx.execute(select(Chat).where(Chat.public_id == here.world.busy_chat)).scalar_one()
                first, author = row.last_seq + 1, row.requester_id
                lines = [
                    {"chat_id": row.id, "seq": n, "guest_seq": n, "author_id": author, "kind": "line"}
                    | {"text": text, "created_at": now()}
                    for n, text in enumerate(messages(MESSAGES), first)
                ]
                tx.execute(insert(Message), lines)
                last = first + MESSAGES - 1
                tx.execute(update(Chat).where(Chat.id == row.id).values(last_seq=last, last_guest_seq=last))
            db.session.remove()
            db.engine.dispose()


class _Downloads:
    """Fetches the PDF again and again until the end of the block."""

    def __init__(self, here: Installation) -> None:
        self.taken_s: list[float] = []
        self._headers = dict(each.split(": ", 1) for each in agent_headers(here.world.busy, here.port))
        self._url = f"http://127.0.0.1:{here.port}/agent/chats/{here.world.busy_chat}/transcript"
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "_Downloads":
        self._once()
        self.taken_s.clear()  # that one started the child
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.is_set():
            self._once()

    def _once(self) -> None:
        begin = time.monotonic()
        with DIRECT.open(Request(self._url, b"zone=UTC", self._headers), timeout=60) as answer:
            assert answer.read(5) == b"%PDF-"
            answer.read()
        self.taken_s.append(time.monotonic() - begin)
