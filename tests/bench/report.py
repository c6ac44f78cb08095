"""What was measured, as a table for people and one JSON file for machines."""

import json
import os
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.machine import CORES


@dataclass(frozen=True)
class Row:
    """One figure; `demand` is at most, or at least when `is_least`; None where nothing is promised."""

    name: str
    figure: float | None
    unit: str
    demand: float | None = None
    is_least: bool = False
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the promise holds; None where there is none, or no figure."""
        if self.figure is None or self.demand is None:
            return None
        return self.figure >= self.demand if self.is_least else self.figure <= self.demand


def measured(group: Callable[[], Iterable[Row]], title: str) -> list[Row]:
    """Run a group of rows; one that cannot run says why instead of ending the bench."""
    began, before = time.monotonic(), pace_us()
    rows: list[Row] = []
    try:
        rows.extend(group())
    except Exception as problem:
        rows.append(Row(title, None, "", note=f"not measured: {type(problem).__name__}: {problem}"[:600]))
    after = pace_us()
    print(f"\n{title} ({time.monotonic() - began:.0f} s; pace {before:.0f} → {after:.0f} µs)", flush=True)
    for row in rows:
        print(_line(row), flush=True)
    return rows


def pace_us() -> float:
    """Return the CPU µs of a fixed piece of Python: how slow this machine is at the moment.

    On a shared machine processor time itself grows; figures compare when their paces do.
    """
    best = []
    for _ in range(5):
        begin = time.thread_time()
        sum(number * number for number in range(10_000))
        best.append(time.thread_time() - begin)
    return sorted(best)[2] * 1e6


def write(path: Path, rows: list[Row], seconds: float, pace: float) -> None:
    """Write everything into one JSON file."""
    machine: dict[str, Any] = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": len(CORES),
        "load_average": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "pace_us": round(pace),
    }
    body = {
        "machine": machine,
        "seconds": round(seconds),
        "rows": [asdict(row) | {"is_met": row.is_met} for row in rows],
    }
    path.write_text(json.dumps(body, indent=1) + "\n")


def _line(row: Row) -> str:
    figure = "–" if row.figure is None else f"{row.figure:,.{0 if abs(row.figure) >= 100 else 2}f} {row.unit}"
    demand = "" if row.demand is None else f"{'≥' if row.is_least else '≤'} {row.demand:,g}"
    verdict = {True: "ok", False: "MISSED", None: ""}[row.is_met]
    return f"  {row.name:<58} {figure:>16}  {demand:>9}  {verdict:<6}  {row.note}".rstrip()
