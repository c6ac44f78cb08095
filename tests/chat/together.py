"""Deeds of several people at the same moment."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Flask

T = TypeVar("T")


def at_once(app: Flask, deeds: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of them in threads that start together, each in a context of its own; return the answers."""
    barrier = threading.Barrier(len(deeds))
    answers: dict[int, T] = {}
    failures: list[BaseException] = []

    def do(number: int) -> None:
        try:
            with app.app_context():
                barrier.wait(30)
                answers[number] = deeds[number]()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures, failures
    return [answers[number] for number in range(len(deeds))]
