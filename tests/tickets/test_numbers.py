"""Ticket numbers: drawn by many at once, none comes twice and none is left out."""

import subprocess
import sys

import pytest
from flask import Flask

from helpdesk.config import ROOT
from helpdesk.database import now, transaction
from helpdesk.tickets import numbers

pytestmark = pytest.mark.requirement(52)


@pytest.mark.parametrize(
    ("database_kind", "processes", "threads", "each"), [("sqlite", 1, 8, 125), ("postgres", 2, 4, 125)]
)
def test_a_thousand_numbers_drawn_at_once_are_a_thousand_numbers_in_a_row(
    database_url: str, processes: int, threads: int, each: int
) -> None:
    command = [sys.executable, "-m", "tests.tickets.drawing", database_url, str(threads), str(each)]
    first_day = now()
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0] * processes
    drawn = sorted("".join(said).split())
    assert len(set(drawn)) == len(drawn) == 1_000
    assert all(numbers.check_digit(number[:-1]) == number[-1] for number in drawn)
    for day in {f"{at:%Y%m%d}" for at in (first_day, now())}:
        counted = [int(number[8:-1]) for number in drawn if number.startswith(day)]
        assert counted == list(range(1, len(counted) + 1))


def test_a_number_that_was_drawn_in_vain_is_drawn_again(app: Flask) -> None:
    lost: list[str] = []
    with pytest.raises(ZeroDivisionError):
        _draw_in_vain(lost)
    with transaction() as tx:
        assert numbers.draw(tx) == lost[0]


def _draw_in_vain(lost: list[str]) -> None:
    with transaction() as tx:
        lost.append(numbers.draw(tx))
        raise ZeroDivisionError
