"""Somebody asks: a visitor or a customer user begins a chat from the window."""

import pytest
from sqlalchemy import func, select

from helpdesk.accounts.models import Person, VisitorToken
from helpdesk.chat.models import Channel, Chat
from helpdesk.database import db, transaction
from helpdesk.settings import put
from tests.chat.people import Guest
from tests.chat.reading import alerts_of, find, lines_of, public_id_of, rows_of, same, tree, words

ACTIVE = "ChatEngine::Active"


def count(table):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table))


def setting(name, value):
    with transaction() as tx:
        put(tx, name, value, None)


def typed(answer):
    """What stands in the form that came back."""
    root = tree(answer.text)
    fields = {e.attrib["name"]: e.attrib.get("value", "") for e in root.iter("input")}
    return fields | {e.attrib["name"]: e.text or "" for e in root.iter("textarea")}


@pytest.mark.requirement(28)
def test_a_visitor_begins_with_a_name_and_a_line(visitor, agent, house):
    answer = visitor.begin("Where is my parcel?", name="Vera")
    assert answer.status_code == 200
    assert [line.text for line in lines_of(answer.text)] == ["Where is my parcel?"]
    assert "Please bear with us until one of our agents is able to handle your chat request." in answer.text
    [row] = rows_of(agent.requests("public").text)
    assert row[1:5] == ("Public", "Support", "active Vera", "Where is my parcel?")
    assert house.chat(row.public_id).direction == "public"
    assert rows_of(agent.requests("customer").text) == []


@pytest.mark.requirement(27)
def test_a_customer_begins_with_his_own_name_and_company(customer, agent):
    chat = customer.begun("My invoice?", name="Somebody else", channel=None)
    [row] = rows_of(agent.requests("customer").text)
    assert row.public_id == chat
    assert row.type == "Customer"
    assert row.requester == "active Customer One (Acme Ltd)"
    assert "Somebody else" not in agent.get("/chats").text


@pytest.mark.requirement(46)
def test_the_first_line_brings_the_cookie_and_nothing_before_does(house, agent):
    visitor = house.visitor()
    for path in ("/", "/home", "/start"):
        assert "Set-Cookie" not in visitor.get(path).headers
    assert "Set-Cookie" not in house.client().get("/external/").headers
    answer = visitor.begin()
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("helpdesk_window=")
    for word in ("HttpOnly", "SameSite=Lax", "Path=/window"):
        assert word in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    assert len(token) >= 22
    assert token not in answer.text
    assert token not in str(db.session.scalars(select(VisitorToken.token_hash)).all())


@pytest.mark.requirement(5)
def test_the_channel_that_was_chosen_is_asked(customer, agent, house):
    billing = house.channel("Billing")
    customer.begun(channel=billing)
    [row] = rows_of(agent.requests("customer").text)
    assert row.channel == "Billing"


@pytest.mark.requirement(5)
def test_without_a_choice_the_default_channel_is_asked_where_it_is_on_offer(customer, agent, house):
    with transaction() as tx:
        default = tx.get_one(Channel, house.channel("Default channel"))
        default.is_for_customers = True
    house.grant("agent1", "users", "chat_owner")
    customer.begun(channel=None)
    [row] = rows_of(agent.requests("customer").text)
    assert row.channel == "Default channel"


@pytest.mark.requirement(12)
@pytest.mark.parametrize("channel", ["Billing", "Default channel", -1, 0, 999, 2**70, "x", "9" * 5000])
def test_a_channel_that_is_not_on_offer_is_refused_with_the_words_kept(visitor, house, channel):
    wanted = house.channel(channel) if channel in ("Billing", "Default channel") else channel
    answer = visitor.begin("Keep me", name="Vera", channel=wanted)
    if str(wanted).isdigit() and len(str(wanted)) < 19:
        assert answer.status_code == 409
        assert alerts_of(answer.text) == ["It looks like no one is available at the moment."]
        assert typed(answer)["name"] == "Vera"
        assert typed(answer)["text"] == "Keep me"
        assert count(Chat) == 0
    else:
        assert answer.status_code == 200, "an odd word is no choice"


@pytest.mark.requirement(29)
def test_with_nobody_there_the_window_says_so_and_refuses(house):
    visitor = house.visitor()
    assert "It looks like no one is available at the moment." in visitor.home().text
    assert "New conversation" not in visitor.home().text
    assert "It looks like no one is available at the moment." in visitor.get("/start").text
    answer = visitor.begin("Keep me")
    assert answer.status_code == 409
    assert typed(answer)["text"] == "Keep me"
    assert "Set-Cookie" not in answer.headers
    assert count(Chat) == 0
    assert count(select(Person.id).where(Person.kind == "visitor").subquery()) == 0


@pytest.mark.requirement(12)
def test_who_goes_between_showing_and_sending_is_noticed(visitor, agent):
    assert "Your message" in visitor.get("/start").text
    assert agent.send("/availability", to="0").status_code == 200
    answer = visitor.begin("Keep me")
    assert answer.status_code == 409
    assert typed(answer)["text"] == "Keep me"


@pytest.mark.requirement(4)
@pytest.mark.parametrize("kind", ["Public", "Customer"])
def test_a_direction_that_is_off_has_no_start_and_is_refused(house, visitor, customer, kind):
    setting(f"ChatEngine::ChatDirection::{kind}ToAgent", False)
    shut, free = (visitor, customer) if kind == "Public" else (customer, visitor)
    assert "New conversation" not in shut.home().text
    assert shut.begin().status_code == 409
    assert "New conversation" in free.home().text
    assert free.begin().status_code == 200


@pytest.mark.requirement(28)
@pytest.mark.parametrize(
    "name",
    ["", "   ", "\u200b\u200d", "System", "s\u00adystem", "ＳＹＳＴＥＭ", "\u202eSystem", "[You]", "x" * 101],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_name_must_be_there_be_short_and_not_be_ours(visitor, name):
    answer = visitor.begin("Keep me", name=name)
    assert answer.status_code == 422
    assert words(find(answer.text, "start-name-wrong"))
    assert typed(answer)["text"] == "Keep me"
    assert count(Chat) == 0


@pytest.mark.requirement(28)
@pytest.mark.parametrize(
    "name", ["Ünal 🧑‍🚀", "عمر", "O'Brien & <b>Sons</b>", "{{7*7}} %s {name}", "Robert'); DROP--"]
)
def test_an_unusual_name_is_shown_as_it_is(visitor, agent, name):
    chat = visitor.begun(name=name)
    [row] = rows_of(agent.requests().text)
    assert row.requester.endswith(name)
    agent.accept(chat)
    assert agent.lines(chat)[0].name == name
    assert f'aria-labelledby="name-{chat}"' in agent.get("/chats").text


@pytest.mark.requirement(28)
def test_a_name_loses_what_would_turn_its_neighbours_around(visitor, agent):
    visitor.begun(name="\u202eVe\u2067ra\x00\x1b  X" + "a\u0301\u0301\u0301\u0301\u0301\u0301")
    [row] = rows_of(agent.requests().text)
    assert row.requester.endswith("Vera X" + "á\u0301\u0301\u0301")


@pytest.mark.requirement(30)
def test_who_waits_may_keep_writing(visitor, agent):
    chat = visitor.begun("One")
    assert visitor.post(chat, "Two").status_code == 200
    assert agent.words(chat) == ["One", "Two"]
    [row] = rows_of(agent.requests().text)
    assert row.description == "One"


@pytest.mark.requirement(42)
def test_home_lists_what_waits_and_what_runs(visitor, agent, house):
    assert "You are not participating in a chat at the moment." in visitor.home().text
    chat = visitor.begun()
    text = visitor.home().text
    assert "Outgoing chat request(s)" in text
    assert "Conversation(s)" not in text
    assert f"/window/chats/{chat}" in text
    agent.accept(chat)
    text = visitor.home().text
    assert "Conversation(s)" in text
    assert "Outgoing" not in text
    assert "Agent One" in text
    assert "You are not" in house.visitor().home().text
    visitor.close(chat)
    assert "You are not" in visitor.home().text


@pytest.mark.requirement(42)
def test_the_window_opens_where_he_was(visitor, agent):
    assert 'data-view="home"' in visitor.get("/").text
    chat = visitor.begun()
    assert public_id_of(visitor.get("/").text) == chat


@pytest.mark.requirement(28)
def test_a_later_name_is_for_the_later_chat(visitor, agent):
    first = visitor.begun(name="Vera")
    second = visitor.begun(name="Vera Volt")
    shown = {row.public_id: row.requester for row in rows_of(agent.requests().text)}
    assert shown == {first: "active Vera", second: "active Vera Volt"}


@pytest.mark.requirement(12)
def test_open_chats_are_limited_for_one_person(visitor: Guest):
    setting("ChatEngine::OpenLimit", 2)
    visitor.begun()
    visitor.begun()
    answer = visitor.begin("Keep me")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert typed(answer)["text"] == "Keep me"
    assert count(Chat) == 2


@pytest.mark.requirement(28)
def test_starts_are_limited_for_one_address(house, agent):
    setting("ChatEngine::StartLimit", 2)
    codes = [house.visitor().begin("Keep me").status_code for _ in range(4)]
    if codes == [200, 200, 200, 200] or 429 not in codes[:3]:  # the minute ended in between
        codes = [house.visitor().begin("Keep me").status_code for _ in range(4)]
    assert codes[-1] == 429


@pytest.mark.requirement(20)
def test_a_new_request_is_told_to_those_with_a_level_and_to_nobody_else(visitor, house, hearing):
    outsider, observer = house.agent("admin"), house.agent("agent3")
    other = house.customer("customer2")
    hearing.clear()
    chat = visitor.begun("Secret words")
    content = hearing.content(f"channel:{house.channel('Support')}", "channel")
    assert f"request-{chat}" in content
    assert hearing.topics("content") == {f"channel:{house.channel('Support')}"}
    assert any("Secret words" in str(told) for told in hearing.by(observer.person_id))
    for stranger in (outsider.person_id, house.id_of("customer2"), house.id_of("customer1")):
        assert "Secret words" not in str(hearing.by(stranger))
    assert other.read(chat).status_code == 404


@pytest.mark.requirement(20)
def test_the_pushed_row_is_the_row_of_a_fresh_page(visitor, agent, house, hearing):
    visitor.begun()
    hearing.clear()
    chat = visitor.begun("Hello <b>you</b>")
    pushed = find(hearing.content(f"channel:{house.channel('Support')}", "channel"), f"request-{chat}")
    assert same(pushed) == same(find(agent.get("/chats").text, f"request-{chat}"))


@pytest.mark.requirement(20)
def test_a_refused_start_is_told_to_nobody(visitor, hearing):
    hearing.clear()
    assert visitor.begin("").status_code == 422
    assert visitor.begin("Hello", channel=999).status_code == 409
    assert not hearing.topics("content")
