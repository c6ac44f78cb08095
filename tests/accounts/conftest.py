"""Accounts stand on their own: a bare database, and people made by the test."""

from collections.abc import Callable

import pytest
from flask import Flask

from helpdesk.accounts import people
from helpdesk.database import transaction

PASSWORD = "a good enough password"

MakePerson = Callable[..., int]


@pytest.fixture
def database_content() -> str:
    return "bare"


@pytest.fixture
def make_agent(app: Flask) -> MakePerson:
    """Makes an agent: `make_agent("ada")` returns the id; the password is PASSWORD."""

    def make(login: str = "ada", name: str = "Ada", password: str | None = PASSWORD) -> int:
        with transaction() as tx:
            return people.create_agent(tx, login, name, password)

    return make


@pytest.fixture
def make_customer(app: Flask) -> MakePerson:
    """Makes a customer user of Acme Ltd, like `make_agent`."""

    def make(login: str = "carl", name: str = "Carl", password: str | None = PASSWORD) -> int:
        with transaction() as tx:
            return people.create_customer(tx, login, name, password, company="Acme Ltd")

    return make
