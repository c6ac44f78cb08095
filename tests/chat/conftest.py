"""Fixtures of the rooms about chat."""

import pytest
from flask import Flask

from tests.chat.hearing import Hearing
from tests.chat.people import Agent, Guest, House


@pytest.fixture
def house(app: Flask) -> House:
    """Everybody who can come."""
    return House(app)


@pytest.fixture
def agent(house: House) -> Agent:
    """Agent One, who owns Support and Billing and is there."""
    return house.agent("agent1")


@pytest.fixture
def visitor(house: House, agent: Agent) -> Guest:
    """A stranger at the window, while somebody is there."""
    return house.visitor()


@pytest.fixture
def customer(house: House, agent: Agent) -> Guest:
    """Customer One of Acme Ltd, while somebody is there."""
    return house.customer("customer1")


@pytest.fixture
def hearing(app: Flask) -> Hearing:
    """Hears everything that is published."""
    return Hearing(app)
