"""The child is started when it is needed, ended when it is late, and never stands in the way."""

import os
import signal
import subprocess
import threading

import psutil
import pytest

from helpdesk.press.press import MOST_PRINTING, Busy, NotPrinted, Press
from tests.press.documents import document, text_of
from tests.support.waiting import until

pytestmark = pytest.mark.requirement(35)


def test_one_child_prints_one_document_after_the_other(press: Press) -> None:
    assert press.child_id is None
    assert "first" in text_of(press.printed(document("first")))
    child = press.child_id
    second = text_of(press.printed(document("second")))
    assert "second" in second
    assert "first" not in second
    assert press.child_id == child


def test_the_child_has_nothing_of_the_application(press: Press) -> None:
    press.printed(document("x"))
    child = psutil.Process(press.child_id)
    assert not [name for name in child.environ() if name.startswith(("HELPDESK", "PG", "PATH"))]
    assert not [each.path for each in child.open_files()]
    assert not child.net_connections()
    assert not [
        each.path for each in child.memory_maps() if "sqlalchemy" in each.path or "psycopg" in each.path
    ]


def test_who_is_late_is_ended_and_the_next_document_is_printed(press: Press) -> None:
    press.printed(document("x"))
    child = press.child_id
    assert child is not None
    os.kill(child, signal.SIGSTOP)
    press.deadline_s = 0.05
    with pytest.raises(NotPrinted):
        press.printed(document("late"))
    assert not psutil.pid_exists(child)
    press.deadline_s = 20
    assert "next" in text_of(press.printed(document("next")))


def test_a_child_that_died_is_replaced(press: Press) -> None:
    press.printed(document("x"))
    child = press.child_id
    assert child is not None
    os.kill(child, signal.SIGKILL)
    until(lambda: press.child_id is None, "it to be noticed")
    assert "next" in text_of(press.printed(document("next")))


def test_a_document_that_breaks_it_breaks_no_other(press: Press) -> None:
    with pytest.raises(NotPrinted):
        press.printed({"blocks": "nonsense"})
    assert "next" in text_of(press.printed(document("next")))


def test_few_wait_and_the_others_are_told_to_come_again(press: Press) -> None:
    press.printed(document("x"))
    child = press.child_id
    assert child is not None
    os.kill(child, signal.SIGSTOP)
    printed: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: printed.append(press.printed(document("waited"))))
        for _ in range(MOST_PRINTING)
    ]
    for thread in threads:
        thread.start()
    until(lambda: press.is_full, "all places to be taken")
    with pytest.raises(Busy) as refused:
        press.printed(document("one too many"))
    assert (refused.value.status, refused.value.retry_after_s) == (503, 5)
    os.kill(child, signal.SIGCONT)
    for thread in threads:
        thread.join(30)
    assert len(printed) == MOST_PRINTING
    assert not press.is_full


def test_it_sleeps_when_nothing_comes(press: Press) -> None:
    press.idle_s = 0.01
    press.printed(document("x"))
    until(lambda: press.child_id is None, "it to go")
    assert "next" in text_of(press.printed(document("next")))


def test_stopping_ends_it_at_once_and_for_good(press: Press) -> None:
    press.printed(document("x"))
    child = press.child_id
    assert child is not None
    press.stop()
    assert not psutil.pid_exists(child)
    with pytest.raises(NotPrinted):
        press.printed(document("next"))
    assert press.child_id is None


def test_who_waits_for_it_is_let_go_when_it_stops(press: Press) -> None:
    press.printed(document("x"))
    assert press.child_id is not None
    os.kill(press.child_id, signal.SIGSTOP)
    refused: list[NotPrinted] = []

    def wait() -> None:
        try:
            press.printed(document("never"))
        except NotPrinted as refusal:
            refused.append(refusal)

    thread = threading.Thread(target=wait)
    thread.start()
    until(lambda: press.is_printing, "it to begin")
    press.stop()
    thread.join(30)
    assert len(refused) == 1


def test_who_was_about_to_write_when_it_stops_is_let_go(press: Press) -> None:
    awake = press._awake

    def stopped_meanwhile() -> subprocess.Popen[bytes]:
        child = awake()
        stopping = threading.Thread(target=press.stop)
        stopping.start()
        stopping.join(0.2)  # it used to be through here, the pipes closed; now it waits for the writer
        return child

    press._awake = stopped_meanwhile  # type: ignore[method-assign]
    with pytest.raises(NotPrinted):
        press.printed(document("never"))
    until(lambda: press.child_id is None, "the child to go")
