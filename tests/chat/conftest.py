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


@pytest.fixture
def colleague(house: House) -> Agent:
    """Agent Two, who is there."""
    return house.agent("agent2")


@pytest.fixture
def guest(house: House, agent: Agent) -> Guest:
    """Customer One, who is signed in and there."""
    customer = house.customer("customer1")
    customer.home()
    return customer


@pytest.fixture
def chat(agent: Agent, colleague: Agent) -> str:
    """A request of Agent One to Agent Two."""
    return agent.asked(colleague.person_id)


@pytest.fixture
def running(house: House, agent: Agent, visitor: Guest) -> str:
    """A running chat of Agent One with Vera in Support."""
    begun = visitor.begun(channel=house.channel("Support"))
    assert agent.accept(begun).status_code == 200
    return begun


@pytest.fixture
def invitation(agent: Agent, guest: Guest, house: House) -> str:
    """A request of Agent One to Customer One."""
    return agent.asked(house.id_of("customer1"))
