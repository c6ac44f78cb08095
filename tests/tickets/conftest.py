"""Fixtures of the tickets room."""

import pytest
from flask import Flask

from tests.tickets.desk import Desk


@pytest.fixture
def desk(app: Flask) -> Desk:
    """Who works on tickets, and whose they are."""
    return Desk()
