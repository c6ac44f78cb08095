"""What the application holds of the press: starts the child on first use, and waits in a short queue."""

import atexit
import json
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from helpdesk.press import LENGTH
from helpdesk.web import Refusal, TooMany

DEADLINE_S = 20
IDLE_S = 300
RETRY_S = 5
# One is printed while one waits: the other threads stay with the chats.
MOST_PRINTING = 2
# The child gets a room named helpdesk with nothing in it, so that it reads the press and not the application.
BOOT = """
import json, sys, types
sys.path[:] = json.loads(sys.argv[1])
room = types.ModuleType("helpdesk")
room.__path__ = [sys.argv[2]]
sys.modules["helpdesk"] = room
from helpdesk.press.child import main
main()
"""


class Busy(TooMany):
    """As many documents as may are on their way already."""

    status = 503


class NotPrinted(Refusal):
    """The child was not done in time, or broke down; the next document gets a new one."""

    status = 503


class Press:
    """One child process at most, one document at a time; `deadline_s` and `idle_s` in seconds."""

    def __init__(self, deadline_s: float = DEADLINE_S, idle_s: float = IDLE_S) -> None:
        self.deadline_s, self.idle_s = deadline_s, idle_s
        self._places, self._counting = MOST_PRINTING, Lock()
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._rest: Timer | None = None
        self._is_stopped = False

    @property
    def child_id(self) -> int | None:
        """The child's process id; None while there is none."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    @property
    def is_printing(self) -> bool:
        """Whether a document is with the child."""
        return self._lock.locked()

    @property
    def is_full(self) -> bool:
        """Whether the next one would be refused."""
        return self._places == 0

    def printed(self, document: dict[str, Any]) -> bytes:
        """Return the document (see `child`) as PDF; raises Busy or NotPrinted, each within the deadline."""
        with self._counting:
            if self._places == 0:
                raise Busy("Other documents are being printed.", RETRY_S)
            self._places -= 1
        try:
            return self._in_turn(json.dumps(document).encode())
        finally:
            with self._counting:
                self._places += 1

    def stop(self) -> None:
        """End the child at once and start no other; who waits is refused."""
        self._is_stopped = True
        child = self._child
        if child is not None:
            child.kill()
        # The pipes are closed by nobody while somebody reads them: the kill lets him go, and he the lock.
        with self._lock:
            self._end()

    def _in_turn(self, body: bytes) -> bytes:
        if not self._lock.acquire(timeout=self.deadline_s):
            raise Busy("Another document takes long.", RETRY_S)
        try:
            made = None if self._is_stopped else self._exchanged(body)
        finally:
            self._lock.release()
        if made is None:
            raise NotPrinted("The PDF could not be made. Please try again.")
        return made

    def _exchanged(self, body: bytes) -> bytes | None:
        """Give the child a document and take the PDF; None when it was killed or broke down."""
        child = self._awake()
        if self._is_stopped:  # since it was asked, and before this child could be seen
            return None
        deadline = _later(self.deadline_s, child.kill)
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(LENGTH.pack(len(body)) + body)
            child.stdin.flush()
            (length,) = LENGTH.unpack(child.stdout.read(LENGTH.size))
            made = child.stdout.read(length)
        except (OSError, struct.error):
            made, length = b"", 1
        deadline.cancel()
        if len(made) < length:
            self._end()
            return None
        self._rest = _later(self.idle_s, self._sleep)
        return made

    def _awake(self) -> subprocess.Popen[bytes]:
        if self._rest is not None:
            self._rest.cancel()
        if self.child_id is None:
            self._end()
            self._child = _start()
        assert self._child is not None
        return self._child

    def _sleep(self) -> None:
        """Nothing came for a while: give the memory back."""
        if self._lock.acquire(blocking=False):
            self._end()
            self._lock.release()

    def _end(self) -> None:
        child = self._child
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _later(seconds: float, act: Callable[[], None]) -> Timer:
    timer = Timer(seconds, act)
    timer.daemon = True
    timer.start()
    return timer


def _start() -> subprocess.Popen[bytes]:
    folder = str(Path(__file__).resolve().parents[1])
    return subprocess.Popen(  # noqa: S603 (nothing in it was typed by anybody)
        [sys.executable, "-I", "-c", BOOT, json.dumps(sys.path), folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={},
        start_new_session=True,
    )


PRESS = Press()
atexit.register(PRESS.stop)
