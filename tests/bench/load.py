"""Speaks to the load generator (load.c): who connects, what is done, and what it measured."""

import json
import subprocess
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from helpdesk.access import form_token
from tests.bench.machine import built, cpu_s, on_load_core
from tests.bench.seed import Talk, World
from tests.support.databases import SECRET_KEY

SEPARATOR = "\x1f"
# A hub admits 2,000 sockets of one address.
PER_ADDRESS = 1500


class Load:
    """One load generator against one port; a context that ends it. `pids` and their children cost."""

    def __init__(self, port: int, *pids: int) -> None:
        self.port, self.pids = port, pids
        self.sockets = self.enlisted = 0
        command = [built("load"), str(port)]
        with on_load_core():
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()

    def socket(
        self, room: int, path: str, headers: Sequence[str] = (), greeting: Sequence[str] = (), kind: str = "W"
    ) -> None:
        """Enlist a WebSocket (or, kind "E", an event stream) of a room; -1 is an idle one."""
        source = f"127.0.0.{2 + self.sockets // PER_ADDRESS}"
        self.sockets += 1
        self.enlisted += 1
        self._tell(kind, str(room), source, path, SEPARATOR.join(headers), SEPARATOR.join(greeting))

    def asker(self, room: int, method: str, path: str, headers: Sequence[str], body: str = "") -> None:
        """Enlist what asks in a room."""
        self.enlisted += 1
        self._tell("H", str(room), "127.0.0.1", method, path, SEPARATOR.join(headers), body)

    def marker(self, text: str) -> None:
        """Say what a frame must hold to be counted."""
        self._tell(f"marker {text}")

    def open(self, at_once: int = 32) -> dict[str, Any]:
        """Connect everything enlisted, within 120 s; fails when something is not open then."""
        found = self.do(f"open {at_once}")
        assert found["open"] == self.enlisted, f"{found['open']} of {self.enlisted} open: {found}"
        return found

    def do(self, command: str) -> dict[str, Any]:
        """Run a command; adds `cpu_us` per round and `per_s` to what the generator says."""
        before = cpu_s(*self.pids)
        self._tell(command)
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        rounds = max(found["done"], 1)
        found["cpu_us"] = (cpu_s(*self.pids) - before) * 1e6 / rounds
        found["per_s"] = found["done"] / max(found["seconds"], 1e-9)
        assert found["bad"] == found["lost"] == 0, found
        return found

    def best(self, command: str) -> dict[str, Any]:
        """Run a command three times; return the cheapest run: what else runs here only ever adds."""
        return min((self.do(command) for _ in range(3)), key=lambda found: float(found["cpu_us"]))

    def _tell(self, *fields: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\t".join(fields) + "\n")
        self.process.stdin.flush()


def agent_headers(token: str, port: int) -> list[str]:
    """Return what an agent's browser sends with each htmx request."""
    return [
        f"Origin: http://127.0.0.1:{port}",
        f"Cookie: helpdesk_agent={token}",
        f"X-CSRFToken: {form_token(token, SECRET_KEY)}",
        "HX-Request: true",
        "Content-Type: application/x-www-form-urlencoded",
    ]


def visitor_headers(token: str, port: int) -> list[str]:
    """Return what a visitor's browser sends with its handshake."""
    return [f"Origin: http://127.0.0.1:{port}", f"Cookie: helpdesk_window={token}"]


def chat(load: Load, world: World, room: int, talk: Talk) -> None:
    """Enlist a chat: the agent's and the visitor's socket; the agent writes, after what he has seen."""
    headers = agent_headers(talk.agent_token, load.port)
    load.socket(room, "/agent/live", headers[:2])
    load.socket(room, "/window/live", visitor_headers(talk.visitor_token, load.port))
    body = "text=Good+morning%2C+this+is+a+line+of+some+sixty+characters.&client_id=%u&after=%n"
    load.asker(room, "POST", f"/agent/chats/{talk.public_id}/messages", headers, body.replace("%2C", ","))


def idle(load: Load, world: World, agents: Iterable[str], visitors: Iterable[str]) -> None:
    """Enlist sockets that only listen."""
    for token in agents:
        load.socket(-1, "/agent/live", agent_headers(token, load.port)[:2])
    for token in visitors:
        load.socket(-1, "/window/live", visitor_headers(token, load.port))
