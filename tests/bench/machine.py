"""The machine the figures are from: its cores, its limits, and what a process costs."""

import os
import platform
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]

from helpdesk.config import ROOT
from tests.support.servers import free_port
from tests.support.waiting import until

HERE = Path(__file__).resolve().parent
KEPT = ROOT / "tests" / "output" / "bench"
IS_LINUX = platform.system() == "Linux"
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


def raise_limit() -> int:
    """Allow as many open files as the system lets us, here and in what is started; return how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


@contextmanager
def on_server_core() -> Iterator[None]:
    """What is started inside runs on the first core only; load and bench have the last."""
    with _on(CORES[0]):
        yield


@contextmanager
def on_load_core() -> Iterator[None]:
    """What is started inside runs on the last core only."""
    with _on(CORES[-1]):
        yield


def built(name: str) -> str:
    """Return the program made of `name`.c; raises FileNotFoundError without a C compiler."""
    program = KEPT / name
    source = HERE / f"{name}.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise FileNotFoundError("a C compiler (cc) is needed: on Debian or Ubuntu, apt install gcc")
        subprocess.run([compiler, "-O2", "-o", str(program), str(source)], check=True)
    return str(program)


@contextmanager
def running(command: list[str], port: int, folder: Path = ROOT, **environment: str) -> Iterator[int]:
    """Run a server on the server's core until the end of the block; yields its process id.

    gunicorn reads the configuration it finds in `folder`: ours is not for peers.
    """
    log = KEPT / "peer.log"
    with on_server_core(), log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | environment,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
        )
    try:
        until(lambda: _listens(process, port, log), f"{command[0]} to listen")
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def gunicorn(python: str, app: str, port: int, *options: str) -> list[str]:
    """Return the command that serves `app` with threads."""
    address = f"127.0.0.1:{port}"
    return [python, "-m", "gunicorn", *options, "--no-control-socket", "-b", address, app]


def environment_of(*packages: str) -> str:
    """Return the Python of a throwaway environment with these packages; raises OSError when PyPI is away."""
    folder = KEPT / f"venv-{packages[0]}"
    python = folder / "bin/python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        _fetch([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages])
        (folder / "ready").touch()
    return str(python)


def node_package(name: str) -> str:
    """Return the NODE_PATH under which `name` is found; raises OSError without node, npm or registry."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise FileNotFoundError("node and npm are not installed")
    folder = KEPT / "node"
    if not (folder / "node_modules" / name).exists():
        _fetch(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), name])
    return str(folder / "node_modules")


def cpu_s(*pids: int) -> float:
    """Return the processor seconds these processes and their descendants have used."""
    return sum(_cpu_s(each) for each in _tree(pids))


def rss_kb(pid: int) -> float:
    """Return the resident memory of the largest process of this tree: the worker, not its parent."""
    return float(max(each.memory_info().rss for each in _tree([pid])) / 1024)


def commits_per_s(folder: Path, seconds: float = 1.5) -> float:
    """Return how many smallest transactions SQLite commits here with synchronous=FULL: the disk's pace."""
    path = folder / "commits.sqlite3"
    with on_server_core():
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, text TEXT)")
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT INTO line (text) VALUES ('a line of some sixty characters, as people write it')"
            )
            connection.execute("COMMIT")
            count += 1
        connection.close()
    for leftover in folder.glob("commits.sqlite3*"):
        leftover.unlink()
    return count / seconds


def port() -> int:
    """Return a free port."""
    return free_port()


@contextmanager
def _on(core: int) -> Iterator[None]:
    if not IS_LINUX:
        yield
        return
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, {CORES[-1]})


def _cpu_s(process: psutil.Process) -> float:
    """Linux keeps a clock per process, to the nanosecond; elsewhere, and for children that ended, ticks."""
    times = process.cpu_times()
    own = time.clock_gettime(((~process.pid) << 3) | 2) if IS_LINUX else times.user + times.system
    return float(own + times.children_user + times.children_system)


def _listens(process: "subprocess.Popen[bytes]", number: int, log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    return any(
        each.laddr.port == number and each.status == psutil.CONN_LISTEN
        for pid in _tree([process.pid])
        for each in pid.net_connections("tcp")
    )


def _tree(pids: "tuple[int, ...] | list[int]") -> list[psutil.Process]:
    parents = [psutil.Process(pid) for pid in pids]
    return [*parents, *(child for each in parents for child in each.children(recursive=True))]


def _fetch(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    if done.returncode:
        raise OSError(f"{Path(command[0]).name} could not fetch {command[-1]}: {done.stderr.decode()[-300:]}")
