"""The order of My Active Chats: where new cards go, how they are rearranged, and who hears of it."""

import pytest

from helpdesk.chat import cards
from tests.chat.reading import all_with, cards_of, tree
from tests.chat.test_begin import setting

pytestmark = pytest.mark.requirement(22)


@pytest.fixture
def three(visitor, agent):
    chats = [visitor.begun(f"{n}") for n in range(3)]
    for chat in chats:
        agent.accept(chat)
    return chats


def arrange(agent, *chats):
    return agent.send("/chats/order", order=",".join(chats))


def order_of(answer):
    [found] = [each.attrib["data-order"] for each in all_with(tree(answer.text), "data-order")]
    return found.split()


def test_the_order_is_remembered_and_told_to_his_own_tabs_alone(three, agent, house, hearing):
    first, second, third = three
    hearing.clear()
    assert arrange(agent, third, first, second).status_code == 204
    assert [(told.topic, told.frame) for told in hearing.told] == [
        (f"person:{agent.person_id}", {"active": True})
    ]
    page = house.agent("agent1").get("/chats")
    assert cards_of(page.text) == order_of(page) == [third, first, second]
    tab = agent.active(have=",".join(three))
    assert (cards_of(tab.text), order_of(tab)) == ([], [third, first, second])
    assert agent.active(have=",".join([third, first, second])).status_code == 204


@pytest.mark.parametrize("where", ["last", "first"])
def test_a_new_chat_goes_where_the_setting_says(three, visitor, agent, where):
    first, second, third = three
    arrange(agent, third, second, first)
    setting("ChatEngine::ChatOrder", where)
    new, newer = visitor.begun(), visitor.begun()
    for chat in (new, newer):
        answer = agent.accept(chat)
        assert order_of(answer) == cards_of(agent.get("/chats").text)
    kept = [third, second, first]
    expected = [newer, new, *kept] if where == "first" else [*kept, new, newer]
    assert cards_of(agent.get("/chats").text) == expected


def test_a_chat_that_comes_while_the_others_are_moved_is_not_lost(three, visitor, agent):
    new = visitor.begun()
    agent.accept(new)
    first, second, third = three
    arrange(agent, second, first, third)
    assert cards_of(agent.get("/chats").text) == [second, first, third, new]
    setting("ChatEngine::ChatOrder", "first")
    arrange(agent, third)
    assert cards_of(agent.get("/chats").text) == [second, first, new, third]


def test_nobody_moves_the_cards_of_another(three, house, agent):
    other = house.agent("agent2")
    assert arrange(other, *reversed(three)).status_code == 204
    assert cards_of(agent.get("/chats").text) == three
    assert cards_of(other.get("/chats").text) == []


@pytest.mark.parametrize("order", ["", ",,,", "x", "\x00", "'; DROP TABLE chat --", "a" * 9_000])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_odd_words_about_an_order_are_passed_over(three, agent, order):
    assert agent.send("/chats/order", order=order).status_code == 204
    assert cards_of(agent.get("/chats").text) == three


@pytest.mark.requirement(21)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_lists_say_when_a_request_has_waited_too_long(agent):
    for minutes in (5, 0, 30):
        setting("ChatEngine::WaitingLimit", minutes)
        for kind in ("customer", "public", "personal"):
            assert f'data-limit="{minutes}"' in agent.requests(kind).text


@pytest.mark.requirement(22, 37)
def test_closed_chats_that_nobody_dismissed_keep_no_running_one_from_the_screen(visitor, agent, monkeypatch):
    monkeypatch.setattr(cards, "_FIRST", cards._FIRST.limit(2))
    closed = []
    for _ in range(2):
        closed.append(visitor.begun())
        agent.accept(closed[-1])
        visitor.close(closed[-1])
    runs = visitor.begun()
    agent.accept(runs)
    assert cards_of(agent.active().text) == [closed[1], runs]
