"""Personal Preferences: what is chosen is kept for this person alone; the password changes by the old one."""

import pytest

from helpdesk.accounts import preferences
from helpdesk.database import db
from tests.chat.people import House
from tests.chat.reading import all_with, buttons_of, tree
from tests.support.clients import PASSWORD

ALL = {"requests": "on", "personal": "on", "answers": "on", "monitored": "on"}
NEW = "another-password"


@pytest.fixture
def house(app):
    return House(app)


@pytest.fixture
def agent(house):
    return house.agent("agent1")


def save(agent, **fields):
    return agent.client.post("/agent/preferences", data=fields)


def kept(agent):
    found = preferences.of(db.session, agent.person_id)
    db.session.rollback()
    return found


def ticked(agent):
    """Return which channels stand on the page, and whether they are ticked."""
    inputs = tree(agent.client.get("/agent/preferences").text).iter("input")
    boxes = [each for each in inputs if each.attrib.get("name") == "channel"]
    return {int(box.attrib["value"]): "checked" in box.attrib for box in boxes}


def figures(agent):
    """Return what every page knows of his preferences."""
    return next(all_with(tree(agent.get("/chats/waiting").text), "data-mine")).attrib


@pytest.mark.requirement(12, 62)
def test_my_chat_channels_are_shown_and_kept(agent, house):
    support, billing = house.channel("Support"), house.channel("Billing")
    assert ticked(agent) == {support: True, billing: True}
    answer = save(agent, channel=[support])
    assert answer.status_code == 303
    assert "Your preferences are saved." in agent.client.get(answer.headers["Location"]).text
    assert ticked(agent) == {support: True, billing: False}
    house.grant("agent1", "users", "chat_owner")
    assert ticked(agent)[house.channel("Default channel")] is True, "owned newly, among his own"
    assert {"Save", "Test", "Change password"} <= buttons_of(agent.get("/preferences").text)


@pytest.mark.requirement(62)
@pytest.mark.parametrize("channel", ["x", "-1", "0", "9" * 5000, "٣", str(2**70), "", "\x00"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_odd_channels_are_passed_over(agent, house, channel):
    assert save(agent, channel=[channel, house.channel("Support")]).status_code == 303
    assert list(ticked(agent).values()).count(True) == 1


@pytest.mark.requirement(62, 66)
def test_what_is_told_and_how_is_kept_and_known_on_every_page(agent, house):
    support = house.channel("Support")
    mine = {int(each) for each in figures(agent)["data-mine"].split()}
    assert mine == {support, house.channel("Billing")}
    assert figures(agent)["data-tell"] == "requests personal answers monitored"
    assert (figures(agent)["data-sound"], figures(agent)["data-volume"]) == ("once", "50")
    fields = {"channel": [support], "answers": "on", "sound": "repeat", "volume": "15"}
    save(agent, **fields, monitoring="2", time_zone="America/New_York", language="en-GB")
    told = figures(agent)
    assert (told["data-mine"], told["data-tell"]) == (str(support), "answers")
    assert (told["data-sound"], told["data-volume"]) == ("repeat", "15")
    assert 'data-zone="America/New_York" data-language="en-GB"' in agent.client.get("/agent/").text
    assert kept(house.agent("agent2")) == preferences.Preferences(), "it is his own"


@pytest.mark.requirement(66)
def test_only_channels_he_owns_are_told_of(house):
    assert figures(house.agent("agent3"))["data-mine"] == "", "participant level is not enough"


@pytest.mark.requirement(36, 62)
def test_new_chats_start_where_the_preference_says(agent, house):
    first = house.visitor().begun()
    agent.accept(first)
    save(agent, **ALL, monitoring="2", channel=list(ticked(agent)))
    second = house.visitor().begun()
    agent.accept(second)
    assert "Monitoring: none" in buttons_of(agent.header(first).text)
    assert "Monitoring: all actions" in buttons_of(agent.header(second).text)


@pytest.mark.requirement(62)
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    "odd",
    [
        {"sound": "loud"},
        {"sound": ""},
        {"volume": "101"},
        {"volume": "-1"},
        {"volume": "٥"},
        {"volume": "9" * 5000},
        {"monitoring": "3"},
        {"monitoring": "\x00"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "<script>"},
        {"time_zone": "Europe/Nowhere"},
        {"language": "tlh"},
    ],
)
def test_what_is_not_offered_is_refused_and_nothing_changes(agent, odd):
    save(agent, **ALL, sound="off")
    assert save(agent, **(ALL | {"sound": "once"} | odd)).status_code == 422
    assert kept(agent).sound == "off"


@pytest.mark.requirement(62)
def test_who_cannot_chat_has_the_rest(house):
    stranger = house.agent("agent3")
    save(stranger, **ALL, sound="repeat")
    house.revoke("agent3", "Support", "chat_participant")
    page = stranger.client.get("/agent/preferences").text
    assert "My Chat Channels" not in page
    assert "Change password" in buttons_of(page)
    save(stranger, time_zone="UTC", language="en-IE")
    found = kept(stranger)
    assert (found.time_zone, found.language, found.sound) == ("UTC", "en-IE", "repeat")


def change(agent, current=PASSWORD, new=NEW, again=NEW):
    fields = {"current": current, "new": new, "again": again}
    return agent.client.post("/agent/preferences/password", data=fields)


def sign_in(house, password):
    data = {"login": "agent1", "password": password}
    return house.client().post("/agent/sign-in", data=data).status_code


@pytest.mark.requirement(62)
def test_the_password_is_changed_by_the_old_one_and_ends_other_sessions(agent, house):
    elsewhere, other = house.agent("agent1"), house.agent("agent2")
    answer = change(agent)
    assert answer.status_code == 303
    assert "Your password is changed" in agent.client.get(answer.headers["Location"]).text
    assert elsewhere.client.get("/agent/", htmx=True).status_code == 401
    assert other.client.get("/agent/").status_code == 200
    assert (sign_in(house, PASSWORD), sign_in(house, NEW)) == (422, 303)


@pytest.mark.requirement(62)
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"current": "wrong-password"}, "This is not your password."),
        ({"current": ""}, "This is not your password."),
        ({"current": "\x00" * 9}, "This is not your password."),
        ({"new": "short", "again": "short"}, "at least 8 characters"),
        ({"new": "x" * 1025, "again": "x" * 1025}, "at most 1,024 characters"),
        ({"again": "not the same"}, "The two passwords are not the same."),
    ],
)
def test_a_refused_password_is_said_where_it_was_typed(agent, house, typed, words):
    answer = change(agent, **typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert NEW not in answer.text
    assert sign_in(house, PASSWORD) == 303


@pytest.mark.requirement(62)
def test_guessing_ones_own_password_is_limited(agent, house):
    answers = [change(agent, current="wrong-password").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert change(agent).status_code == 429, "the right one has to wait too"
    assert sign_in(house, PASSWORD) == 303


@pytest.mark.requirement(62)
def test_nobody_else_reaches_it(house):
    assert house.client().get("/agent/preferences", htmx=True).status_code == 401
    assert house.client().post("/agent/preferences/password", htmx=True).status_code == 401
    customer = house.customer()
    assert customer.client.get("/agent/preferences", htmx=True).status_code == 401
