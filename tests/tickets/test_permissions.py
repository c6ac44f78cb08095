"""Permissions of a group, one by one: what the page of a ticket does not offer is refused by hand too."""

import pytest

from helpdesk.tickets import merging
from tests.support.clients import Clients
from tests.tickets.desk import Desk
from tests.tickets.test_zoom_actions import DEEDS, address, mails, said

ALWAYS = {"history", "print"}
OFFERED = {
    "": set(),
    "ro": ALWAYS,
    "ro note": ALWAYS | {"notes"},
    "ro owner": ALWAYS | {"owner"},
    "ro priority": ALWAYS | {"priority"},
    "ro create": ALWAYS,
    "ro move_into": ALWAYS,
    "note owner priority create move_into": set(),
    "rw": ALWAYS | DEEDS.keys(),
}


@pytest.mark.requirement(55, 61)
@pytest.mark.parametrize("granted", OFFERED)
def test_what_is_not_offered_is_refused_by_hand(desk: Desk, clients: Clients, granted: str) -> None:
    number, other = desk.make(queue="Billing"), desk.make(queue="Billing")
    merging.link(desk.relation("agent1", number), desk.relation("agent1", other))
    for permission in granted.split():
        desk.grant("agent3", "Billing", permission)
    agent, before = clients.agent("agent3"), desk.ticket(number).version
    page = agent.get(f"/agent/tickets/{number}")
    may_read = bool(OFFERED[granted])
    assert page.status_code == (200 if may_read else 404)
    offered = {deed for deed in ALWAYS | DEEDS.keys() if f'"{address(number, deed)}"' in page.text}
    offered |= {"merger"} if 'name="merge"' in page.text else set()
    assert offered == OFFERED[granted]
    for deed in DEEDS.keys() - OFFERED[granted]:
        answer = agent.post(address(number, deed), data=DEEDS[deed] | {"number": other})
        assert answer.status_code == (403 if may_read else 404), deed
    assert (desk.ticket(number).version, len(said(desk, number)), mails()) == (before, 1, [])
