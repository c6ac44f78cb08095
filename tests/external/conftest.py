"""Fixtures of the customers' side."""

import pytest
from flask import Flask

from tests.chat.people import House
from tests.tickets.desk import Desk


@pytest.fixture
def house(app: Flask) -> House:
    """Everybody who can come."""
    return House(app)


@pytest.fixture
def desk(app: Flask) -> Desk:
    """Who works on tickets, and whose they are."""
    return Desk()
