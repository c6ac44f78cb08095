"""200 agents at their screens, 50 requests a minute: when the last of them sees one, and what that costs."""

from collections.abc import Iterator

from tests.bench.installation import installed
from tests.bench.load import Load, agent_headers
from tests.bench.report import Row

AGENTS, PER_MINUTE, SECONDS = 200, 50, 60
SETTLED_S = 20


def rows() -> Iterator[Row]:
    """Return the delay and the processor time; idle agents and polls cost what they cost."""
    with installed("sqlite", AGENTS, 1) as here, Load(here.port, *here.pids) as load:
        for token in here.world.agents:
            load.socket(0, "/agent/live", agent_headers(token, load.port)[:2])
        headers = [
            f"Origin: http://127.0.0.1:{load.port}",
            "X-Helpdesk-Window: 1",
            "HX-Request: true",
            "Content-Type: application/x-www-form-urlencoded",
        ]
        body = "name=Vera&text=Good+morning%21+My+invoice+is+wrong.&client_id=%u"
        load.asker(0, "POST", "/window/chats", headers, body.replace("%21", "!"))
        load.marker("request-")
        load.open()
        idle = load.do(f"wait {SETTLED_S}")
        found = load.do(f"rate {PER_MINUTE / 60} {SECONDS} 1")
    note = f"{AGENTS} agents connected, {PER_MINUTE} requests a minute for {SECONDS} s"
    yield Row("a request seen by the last agent, p50", found["heard_p50"], "ms", note=note)
    yield Row("a request seen by the last agent, p99", found["heard_p99"], "ms", 50)
    busy = found["cpu_us"] * found["done"] / 1e4 / found["seconds"]
    rest = idle["cpu_us"] * max(idle["done"], 1) / 1e4 / idle["seconds"]
    yield Row("processor time meanwhile", busy, "% of a core", note=f"{rest:.1f} % while nothing happens")
