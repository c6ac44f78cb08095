"""The test clients do what a browser does at each door."""

import pytest

from tests.support.clients import Clients


def test_each_door_has_its_own_person(clients: Clients) -> None:
    agent = clients.agent("agent1")
    assert agent.get("/agent/").status_code == 200
    assert agent.get("/external/").status_code == 200
    assert clients.new().get("/agent/").status_code == 303


@pytest.mark.parametrize("door", ["agent", "external"])
def test_a_forged_request_is_refused(clients: Clients, door: str) -> None:
    answer = clients.new().post(f"/{door}/sign-in", data={"login": "agent1"}, is_forged=True)
    assert answer.status_code == 403
