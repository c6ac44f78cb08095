"""Logged-In Users (row 24): who is here, whom of them this agent can ask."""

import pytest
from sqlalchemy import update

from helpdesk.accounts import people
from helpdesk.accounts.models import Person
from helpdesk.chat.people import MOST_PEOPLE, PAGE
from helpdesk.database import transaction
from helpdesk.realtime.models import Presence
from tests.chat.reading import all_with, tree, words
from tests.chat.test_begin import setting
from tests.chat.test_lists import go_away

ICON = "Start chat with "


def names(answer):
    """The people in an answer, in order."""
    return [words(each) for each in all_with(tree(answer.text), "class", "who")]


def icons(answer):
    """Whom the icons are for."""
    found = [words(each) for each in tree(answer.text).iter("button")]
    return [name.removeprefix(ICON) for name in found if name.startswith(ICON)]


def tabs(answer):
    return [words(each) for each in all_with(tree(answer.text), "role", "tab")]


@pytest.mark.requirement(24)
def test_it_shows_distinct_people_with_circle_name_and_company(house, agent):
    for _ in range(2):
        house.agent("agent2")
        house.customer("customer1").home()
    page = agent.client.get("/agent/")
    assert tabs(page) == ["Agents (2)", "Customers (1)"]
    assert names(page) == ["Agent One", "Agent Two"]
    assert names(agent.people("customers")) == ["Customer One (Acme Ltd)"]
    circles = [each.attrib["data-state"] for each in all_with(tree(page.text), "data-presence")]
    assert circles == ["active", "active"]


@pytest.mark.requirement(24)
def test_an_icon_stands_beside_those_who_can_be_asked_and_never_beside_oneself(house, agent):
    others = {login: house.agent(login) for login in ("agent2", "agent3", "admin")}
    house.customer("customer1").home()
    assert icons(agent.people()) == ["Admin", "Agent Three", "Agent Two"]
    assert icons(agent.people("customers")) == ["Customer One"]
    others["agent2"].send("/availability", to="1")
    others["agent3"].send("/availability", to="0")
    house.revoke("admin", "users", "chat_owner")
    assert icons(agent.people()) == ["Agent Two"]
    assert names(agent.people()) == ["Admin", "Agent One", "Agent Three", "Agent Two"]
    assert icons(others["admin"].people()) == [], "he has no level on any channel himself"


@pytest.mark.requirement(4, 24)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_direction_that_is_off_shows_no_icon(house, agent):
    house.agent("agent2")
    house.customer("customer1").home()
    setting("ChatEngine::ChatDirection::AgentToAgent", False)
    assert (icons(agent.people()), icons(agent.people("customers"))) == ([], ["Customer One"])
    setting("ChatEngine::ChatDirection::AgentToAgent", True)
    setting("ChatEngine::ChatDirection::AgentToCustomer", False)
    assert (icons(agent.people()), icons(agent.people("customers"))) == (["Agent Two"], [])


@pytest.mark.requirement(1, 24)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_it_stays_without_icons_while_chat_is_off(house, agent):
    house.agent("agent2")
    setting("ChatEngine::Active", False)
    for answer in (agent.people(), agent.client.get("/agent/")):
        assert (names(answer), icons(answer)) == (["Agent One", "Agent Two"], [])


@pytest.mark.requirement(24)
def test_who_goes_is_not_shown_any_more(house, agent):
    other = house.agent("agent2")
    before = agent.people()
    go_away(other.person_id)
    after = agent.people(headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, names(after)) == (200, ["Agent One"])
    again = agent.people(headers={"If-None-Match": after.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")


@pytest.mark.requirement(24)
def test_it_is_paged_and_searched(house, agent):
    with transaction() as tx:
        for number in range(PAGE + 5):
            person_id = people.create_customer(tx, f"c{number}", f"Guest {number:02}%", company="Big_Co")
            tx.add(Presence(person_id=person_id, shown="active", version=1))
    first = agent.people("customers")
    assert (len(names(first)), tabs(first)[1]) == (PAGE, f"Customers ({PAGE + 5})")
    assert "Show more" in first.text
    more = agent.get(f"/people?tab=customers&most={2 * PAGE}")
    assert (len(names(more)), "Show more" in more.text) == (PAGE + 5, False)
    assert names(agent.people("customers", "guest 07")) == ["Guest 07% (Big_Co)"]
    assert len(names(agent.people("customers", "big_co"))) == PAGE
    assert names(agent.people("customers", "g%t 0")) == []
    assert "Nobody by this name is logged in." in agent.people("customers", "nobody").text


@pytest.mark.requirement(24)
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    "query", ["tab=x&most=-1", "most=99999999999999999999", "words=%00%07", "tab=&most=a"]
)
def test_odd_questions_get_the_first_page(agent, query):
    answer = agent.get(f"/people?{query}")
    assert (answer.status_code, names(answer)) == (200, ["Agent One"])
    assert agent.get(f"/people?words={'x' * 101}").status_code == 422
    assert MOST_PEOPLE == 1000


@pytest.mark.requirement(24)
def test_only_agents_see_it(house, agent):
    assert house.customer().client.get("/agent/people").status_code == 303
    assert house.client().get("/agent/people", htmx=True).status_code == 401


@pytest.mark.requirement(24)
def test_every_agent_hears_who_comes_and_goes(house, agent, hearing):
    house.revoke("agent3", "Support", "chat_participant")
    listener = house.agent("agent3")
    hearing.clear()
    house.customer("customer1").home()
    heard = [told.frame for told in hearing.by(listener.person_id) if "presence" in told.frame]
    assert [frame["state"] for frame in heard] == ["active"]


@pytest.mark.requirement(24)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_who_may_not_come_in_any_more_is_not_shown(house, agent):
    other = house.agent("agent2")
    with transaction() as tx:
        tx.execute(update(Person).where(Person.id == other.person_id).values(is_valid=False))
    assert names(agent.people()) == ["Agent One"]
