"""Guessing is limited, by user name and by address, whether the name exists or not."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from helpdesk import settings
from helpdesk.accounts.models import Attempt
from helpdesk.database import db, transaction
from tests.accounts.conftest import PASSWORD, MakePerson
from tests.accounts.helpers import at_once, post_sign_in
from tests.support.clients import Clients

pytestmark = pytest.mark.requirement(61)


def test_ten_wrong_passwords_for_a_name_are_the_limit_also_for_the_right_one(
    clients: Clients, make_agent: MakePerson
) -> None:
    make_agent("ada")
    make_agent("bob")
    for _ in range(10):
        assert post_sign_in(clients.new(), "ADA", "wrong password").status_code == 422
    response = post_sign_in(clients.new(), "ada")
    assert response.status_code == 429
    assert re.search(r"Too many wrong sign-ins\. Please try again in \d+ (minutes|seconds)\.", response.text)
    assert 0 < int(response.headers["Retry-After"]) <= 15 * 60 + 1
    assert 'value="ada"' in response.text
    assert post_sign_in(clients.new(), "bob").status_code == 303


def test_the_limit_of_a_name_nobody_has_answers_alike(clients: Clients) -> None:
    for _ in range(10):
        assert post_sign_in(clients.new(), "nobody", "wrong password").status_code == 422
    assert post_sign_in(clients.new(), "nobody", "wrong password").status_code == 429


def test_right_passwords_are_not_counted(clients: Clients, make_agent: MakePerson) -> None:
    make_agent("ada")
    for _ in range(12):
        assert post_sign_in(clients.new(), "ada").status_code == 303
    assert db.session.execute(select(func.max(Attempt.count))).scalar_one() == 0


def test_an_address_is_limited_over_all_names(clients: Clients, make_agent: MakePerson) -> None:
    make_agent("ada")
    with transaction() as tx:
        settings.put(tx, "SignIn::WrongPerAddress", 3, None)
    for number in range(3):
        assert post_sign_in(clients.new(), f"nobody{number}", "wrong password").status_code == 422
    assert post_sign_in(clients.new(), "ada").status_code == 429
    elsewhere = clients.new().post(
        "/agent/sign-in",
        data={"login": "ada", "password": PASSWORD},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert elsewhere.status_code == 303


def test_the_limit_ends_with_its_window(clients: Clients, make_agent: MakePerson) -> None:
    make_agent("ada")
    for _ in range(10):
        post_sign_in(clients.new(), "ada", "wrong password")
    assert post_sign_in(clients.new(), "ada").status_code == 429
    with transaction() as tx:
        tx.execute(update(Attempt).values(window=Attempt.window - 1))
    assert post_sign_in(clients.new(), "ada").status_code == 303


def test_guesses_at_once_do_not_slip_through_the_limit(
    app: Flask, clients: Clients, make_agent: MakePerson
) -> None:
    make_agent("ada")
    browsers = [clients.new() for _ in range(16)]
    answers = at_once(app, 16, lambda n: post_sign_in(browsers[n], "ada", "wrong password").status_code)
    assert sorted(answers) == [422] * 10 + [429] * 6
