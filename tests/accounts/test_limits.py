"""A counter in the database holds over all processes and threads, and knows nobody by name."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk.accounts import limits
from helpdesk.accounts.models import Attempt
from helpdesk.database import db, transaction
from helpdesk.web import TooMany
from tests.accounts.helpers import at_once

pytestmark = pytest.mark.requirement(61)


def test_most_are_taken_and_no_more(app: Flask) -> None:
    for _ in range(3):
        limits.count("test", "somebody", 3, 3600)
    with pytest.raises(TooMany) as raised:
        limits.count("test", "somebody", 3, 3600, "You asked too often.")
    assert 0 < raised.value.retry_after_s <= 3601
    assert raised.value.message.startswith("You asked too often. Please try again in ")
    limits.count("test", "somebody else", 3, 3600)
    limits.count("another", "somebody", 3, 3600)


def test_the_counter_is_exact_when_all_come_at_once(app: Flask) -> None:
    def count(_: int) -> int:
        taken = 0
        for _ in range(10):
            try:
                limits.count("test", "somebody", 37, 86_400)
                taken += 1
            except TooMany:
                pass
        return taken

    assert sum(at_once(app, 8, count)) == 37
    assert db.session.execute(select(Attempt.count)).scalar_one() == 37


def test_a_refused_deed_leaves_no_count_of_the_others_in_its_transaction(app: Flask) -> None:
    limits.count("full", "somebody", 1, 3600)
    with pytest.raises(TooMany):
        take_both()
    assert [key.partition(":")[0] for key in db.session.scalars(select(Attempt.key))] == ["full"]


def take_both() -> None:
    with transaction() as tx:
        limits.take(tx, "free", "somebody", 9, 3600)
        limits.take(tx, "full", "somebody", 1, 3600)


def test_what_was_harmless_is_given_back(app: Flask) -> None:
    for _ in range(5):
        limits.count("test", "somebody", 1, 3600)
        with transaction() as tx:
            limits.give_back(tx, "test", "somebody", 3600)
    with transaction() as tx:
        limits.give_back(tx, "test", "somebody", 3600)
    assert db.session.execute(select(Attempt.count)).scalar_one() == 0


def test_subjects_are_stored_only_as_keyed_hashes(app: Flask) -> None:
    limits.count("test", "192.0.2.55", 3, 3600)
    key = db.session.execute(select(Attempt.key)).scalar_one()
    assert "192" not in key
    assert len(key) == len("test:") + 43
    before = limits.keyed("test", "192.0.2.55")
    app.config["SECRET_KEY"] = "another secret key, which gives another hash"
    assert limits.keyed("test", "192.0.2.55") != before


def test_any_subject_can_be_counted(app: Flask) -> None:
    subjects: list[str | int] = ["", "\0", "\ud800", "x" * 100_000, 2**70, -1]
    for subject in subjects:
        limits.count("test", subject, 1, 3600)
        with pytest.raises(TooMany):
            limits.count("test", subject, 1, 3600)


def test_counters_of_past_windows_are_cleaned_away(app: Flask) -> None:
    limits.count("old", "somebody", 3, 3600)
    with transaction() as tx:
        tx.execute(update(Attempt).values(expires_at=limits._time(1)))
    limits.count("new", "somebody", 3, 3600)
    assert limits.clean() == 1
    assert [key.partition(":")[0] for key in db.session.scalars(select(Attempt.key))] == ["new"]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        (None, "unknown"),
        ("no address", "unknown"),
    ],
)
def test_an_ipv6_customer_is_one_however_many_addresses_he_has(address: str | None, counted: str) -> None:
    assert limits.network(address) == counted
