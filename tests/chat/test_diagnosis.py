"""Why can nobody chat? The page says for each channel which agent misses which condition."""

import pytest

from helpdesk.chat import availability, channels
from helpdesk.database import transaction
from helpdesk.settings import put
from tests.chat.people import Agent, House
from tests.chat.reading import tree, words


def page(agent: Agent) -> str:
    """Return the words of the page."""
    answer = agent.client.get("/agent/chats/diagnosis")
    assert answer.status_code == 200
    return words(tree(answer.text))


@pytest.mark.requirement(13)
def test_an_administrator_reads_who_misses_what(house: House, agent: Agent) -> None:
    admin = house.agent("admin")
    with transaction() as tx:
        availability.set_to(tx, house.id_of("agent1"), 1)
        channels.choose(tx, house.id_of("agent1"), [])
    found = page(admin)
    assert "Agent One is set to internal, has not ticked it in My Chat Channels" in found
    assert "Agent Two is not connected" in found
    assert "No agent with owner level can be reached." in found
    assert "It is not available to public users." in found  # Billing


@pytest.mark.requirement(13)
def test_what_is_on_offer_is_said_to_be(house: House, agent: Agent) -> None:
    admin = house.agent("admin")
    with transaction() as tx:
        put(tx, "ChatEngine::ChatDirection::PublicToAgent", False, None)
    found = page(admin)
    assert "For customer users on offer" in found
    assert "Agent One can be reached" in found
    assert "Setting ChatEngine::ChatDirection::PublicToAgent is off." in found


@pytest.mark.requirement(13)
def test_nobody_else_has_such_a_page(house: House, agent: Agent) -> None:
    assert agent.get("/chats/diagnosis").status_code == 404
    assert "Why can nobody chat?" not in agent.client.get("/agent/").text
    assert "Why can nobody chat?" in house.agent("admin").client.get("/agent/").text
