"""Thousands of idle sockets: what each costs, beside Node's `ws`, and how fast a message is among them."""

from collections.abc import Iterator

from tests.bench.installation import Installation, installed
from tests.bench.load import Load, chat, idle
from tests.bench.machine import HERE, node_package, port, raise_limit, rss_kb, running
from tests.bench.report import Row

SOCKETS, AGENTS = 5000, 500
WARM, ROOMS = 200, 48
PER_S, SECONDS = 50, 10


def rows() -> Iterator[Row]:
    """Return memory per socket and delivery beside them; everybody has a session of his own."""
    files = raise_limit()
    if files < SOCKETS + 500:
        yield Row(
            "memory per idle socket", None, "kB", note=f"not measured: only {files} open files (ulimit -n)"
        )
        return
    with installed("sqlite", AGENTS, SOCKETS - AGENTS) as here, Load(here.port, here.pid) as load:
        ours, note = _open(here, load)
        yield Row(f"memory per idle socket, {SOCKETS:,} open", ours, "kB", 7, note=note)
        found = load.do(f"rate {PER_S} {SECONDS} {ROOMS}")
        note = f"{PER_S}/s for {SECONDS} s, {SOCKETS:,} sockets beside it, both sockets have it"
        yield Row("delivery of a message, p50", found["heard_p50"], "ms", 5, note=note)
        yield Row(
            "delivery of a message, p99",
            found["heard_p99"],
            "ms",
            25,
            note=f"longest {found['heard_max']:.1f} ms",
        )
    yield from _beside_node(ours)


def _open(here: Installation, load: Load) -> tuple[float, str]:
    world = here.world
    for number, talk in enumerate(world.talks[:ROOMS]):
        chat(load, world, number, talk)
    idle(load, world, world.agents[ROOMS:WARM], world.visitors[ROOMS:WARM])
    load.open()
    load.do(f"closed 1 {ROOMS}")  # threads, statements and templates are there before anything is weighed
    before, first = rss_kb(here.pid), load.sockets
    idle(load, world, world.agents[WARM:], world.visitors[WARM:])
    opened = load.open()
    load.do("wait 3")
    grown, count = rss_kb(here.pid) - before, load.sockets - first
    people = f"{AGENTS} agents, {SOCKETS - AGENTS:,} visitors in as many chats, from 4 addresses"
    cost = f"opened in {opened['seconds']:.0f} s, {opened['cpu_us'] / count / 1000:.1f} ms CPU each"
    return grown / count, f"{people}; grown by {grown / 1024:.1f} MiB; {cost}"


def _beside_node(ours: float) -> Iterator[Row]:
    try:
        packages = node_package("ws")
    except OSError as problem:
        yield Row("the same with Node ws", None, "kB", note=f"not measured: {problem}")
        return
    number = port()
    command = ["node", str(HERE / "peer_node.js"), str(number)]
    with running(command, number, NODE_PATH=packages) as pid, Load(number, pid) as load:
        before = 0.0
        for count in (WARM, SOCKETS - WARM):
            before = rss_kb(pid)
            for _ in range(count):
                load.socket(-1, "/")
            load.open()
            load.do("wait 3")
        theirs = (rss_kb(pid) - before) / (SOCKETS - WARM)
    yield Row("the same with Node ws", theirs, "kB", note="deflate off; no session, rights or topics")
    yield Row("memory per idle socket against Node ws", ours / theirs, "×", 1)
