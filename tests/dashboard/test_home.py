"""The agents' start page."""

import pytest

from tests.chat.people import House


@pytest.mark.requirement(14)
def test_the_start_page_is_for_agents(app):
    house = House(app)
    agent = house.agent("agent1")
    page = agent.client.get("/agent/")
    assert page.status_code == 200
    for words in ("Manage Chats", "open chat request", "Sign out"):
        assert words in page.text
    for stranger in (house.client(), house.customer().client):
        answer = stranger.get("/agent/")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/agent/sign-in?next=%2Fagent%2F")


@pytest.mark.requirement(23)
def test_every_agent_page_counts_for_its_own_agent(app):
    house = House(app)
    first, second = house.agent("agent1"), house.agent("agent3")
    house.customer().begun(channel=house.channel("Billing"))
    assert 'data-customer="1"' in first.client.get("/agent/").text
    assert 'data-customer="1"' not in second.client.get("/agent/").text
