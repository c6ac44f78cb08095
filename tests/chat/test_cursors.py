"""How far people got: cursors that only rise, the marks made of them, and who hears of what."""

import json
from itertools import pairwise

import pytest
from sqlalchemy import select

from helpdesk.chat import personal
from helpdesk.chat.models import JOINED, OBSERVER, PARTICIPANT, Participation
from helpdesk.chat.reach import chat_of
from helpdesk.chat.subscriptions import ready_of
from helpdesk.database import db, transaction
from helpdesk.realtime import topics
from tests.chat.reading import all_with, lines_of, tree


@pytest.fixture
def chat(visitor, agent):
    """Runs, with two lines: hers, and that he has joined."""
    chat = visitor.begun("Hello?")
    assert agent.accept(chat).status_code == 200
    return chat


@pytest.fixture
def tell(app):
    """Says something over the socket of a person, and has the worker handle it."""

    def tell(person_id, **frame):
        said = app.extensions["helpdesk_realtime"].said
        said.hear(person_id, json.loads(json.dumps(frame)))
        for key in frame:
            said.handle(key)
        db.session.rollback()

    return tell


@pytest.fixture
def vera(house, chat):
    """Her id."""
    return house.chat(chat).requester_id


def far(chat, person_id):
    """Return what is stored of how far somebody got."""
    db.session.rollback()
    columns = (Participation.delivered_seq, Participation.seen_seq)
    of = (Participation.chat_id == chat.id, Participation.person_id == person_id)
    row = db.session.execute(select(*columns).where(*of)).one()
    db.session.rollback()
    return tuple(row)


def marks(page):
    """Return delivered, seen and read of the only log in a page."""
    [log] = all_with(tree(page.text), "data-read")
    return tuple(int(log.attrib[f"data-{name}"]) for name in ("delivered", "seen", "read"))


def join(house, chat, login, mode):
    """Have another agent in the chat."""
    with transaction() as tx:
        number, person_id = house.chat(chat).id, house.id_of(login)
        tx.add(Participation(chat_id=number, person_id=person_id, mode=mode, state=JOINED, name=login))
    return house.agent(login)


@pytest.mark.requirement(39)
def test_what_one_side_reads_stands_at_the_others_log_and_is_pushed_as_a_fresh_page_shows_it(
    visitor, agent, chat, house, vera, tell, hearing
):
    agent.post(chat, "one")
    visitor.post(chat, "two")
    number = house.chat(chat).id
    hearing.clear()
    tell(vera, read={chat: [4, 3]})
    tell(agent.person_id, read={chat: [4, 4]})
    assert hearing.on(f"chat:{number}:agents") == [{"marks": chat, "delivered": 4, "seen": 3}]
    assert hearing.on(f"chat:{number}:guests") == [{"marks": chat, "delivered": 4, "seen": 4}]
    assert hearing.on(f"person:{vera}") == [{"read": chat, "seen": 3}]
    assert hearing.on(f"person:{agent.person_id}") == [{"read": chat, "seen": 4}]
    assert marks(agent.get("/chats")) == (4, 3, 4)
    assert marks(visitor.get("/")) == (4, 4, 3)
    assert agent.read(chat).headers["X-Marks"] == agent.read(chat, 9).headers["X-Marks"] == "4 3 4"
    assert visitor.read(chat).headers["X-Marks"] == "4 4 3"
    for person_id, expected in ((vera, (4, 4, 3)), (agent.person_id, (4, 3, 4))):
        assert ready_of(who(person_id))["marks"][chat] == expected


@pytest.mark.requirement(39)
def test_cursors_only_rise_and_not_above_what_there_is(agent, chat, house, tell):
    row = house.chat(chat)
    for said, stored in (
        ([2, 1], (2, 1)),
        ([1, 0], (2, 1)),
        ([0, 2], (2, 2)),
        ([10**15, 10**15], (2, 2)),
    ):
        tell(agent.person_id, read={chat: said})
        assert far(row, agent.person_id) == stored
    agent.post(chat, "one more")
    tell(agent.person_id, read={chat: [0, 10**15]})
    assert far(row, agent.person_id) == (3, 3), "seen is delivered, too"


@pytest.mark.requirement(39)
def test_what_is_known_is_told_to_nobody_again(agent, chat, tell, hearing):
    tell(agent.person_id, read={chat: [2, 2]})
    hearing.clear()
    tell(agent.person_id, read={chat: [2, 2]})
    tell(agent.person_id, read={chat: [1, 1]})
    assert hearing.told == []


@pytest.mark.requirement(39)
def test_without_a_socket_one_says_it_by_a_request(visitor, agent, chat, house, vera):
    assert agent.send(f"/chats/{chat}/cursor", delivered=2, seen=1).status_code == 204
    assert visitor.send(f"/chats/{chat}/cursor", delivered=1).status_code == 204
    assert far(house.chat(chat), agent.person_id) == (2, 1)
    assert far(house.chat(chat), vera) == (1, 0)
    for odd in ({}, {"seen": "-1"}, {"seen": "x"}, {"seen": 2**70, "delivered": "1" * 5000}):
        assert agent.send(f"/chats/{chat}/cursor", **odd).status_code == 204
    assert far(house.chat(chat), agent.person_id) == (2, 1)
    for stranger in (house.agent("agent2"), house.customer("customer2")):
        assert stranger.send(f"/chats/{chat}/cursor", seen=2).status_code == 404
    assert agent.get(f"/chats/{chat}/cursor").status_code == 405


@pytest.mark.requirement(38, 39)
def test_a_guest_counts_in_his_own_numbers_and_no_mark_of_his_moves_by_a_note(
    visitor, agent, chat, house, vera, tell, hearing
):
    agent.send(f"/chats/{chat}/messages", text="a note", client_id="1" * 32, note=1)
    agent.post(chat, "an answer")
    row = house.chat(chat)
    assert (row.last_seq, row.last_guest_seq) == (4, 3)
    hearing.clear()
    tell(agent.person_id, read={chat: [2, 2]})
    tell(agent.person_id, read={chat: [3, 3]})
    assert hearing.on(f"chat:{row.id}:guests") == [{"marks": chat, "delivered": 2, "seen": 2}]
    assert marks(visitor.get("/")) == (2, 2, 0)
    tell(vera, read={chat: [3, 2]})
    assert far(row, vera) == (4, 2)
    assert hearing.on(f"chat:{row.id}:agents") == [{"marks": chat, "delivered": 4, "seen": 2}]
    assert hearing.on(f"person:{vera}") == [{"read": chat, "seen": 2}]
    tell(vera, read={chat: [0, 3]})
    assert marks(agent.get("/chats"))[:2] == (4, 4)
    assert marks(visitor.get("/")) == (2, 2, 3)


@pytest.mark.requirement(37, 39)
def test_no_mark_moves_in_the_log_of_a_guest_who_has_left_and_hears_nothing_any_more(
    visitor, agent, chat, house, tell, hearing
):
    visitor.post(chat, "Goodbye")
    visitor.close(chat)
    before = marks(visitor.get(f"/?chat={chat}"))
    hearing.clear()
    tell(agent.person_id, read={chat: [4, 4]})
    assert far(house.chat(chat), agent.person_id) == (4, 4)
    assert hearing.topics("marks") == set()
    assert marks(visitor.get(f"/?chat={chat}")) == before


@pytest.mark.requirement(35, 38, 39)
def test_an_observer_reads_for_himself_and_nobody_notices(visitor, agent, chat, house, tell, hearing):
    observer = join(house, chat, "agent2", OBSERVER)
    visitor.post(chat, "Is somebody there?")
    before = visitor.get("/").text, visitor.status(chat).text, visitor.read(chat).headers["X-Marks"]
    hearing.clear()
    tell(observer.person_id, read={chat: [3, 3]}, typing=chat)
    observer.send(f"/chats/{chat}/cursor", delivered=3, seen=3)
    assert [told.topic for told in hearing.told] == [f"person:{observer.person_id}"]
    assert far(house.chat(chat), observer.person_id) == (3, 3)
    after = visitor.get("/").text, visitor.status(chat).text, visitor.read(chat).headers["X-Marks"]
    assert before == after
    assert marks(agent.get("/chats"))[:2] == (0, 0)


@pytest.mark.requirement(39)
def test_a_guests_line_is_seen_when_any_agent_who_takes_part_has_seen_it(
    visitor, agent, chat, house, tell, hearing
):
    colleague = join(house, chat, "agent2", PARTICIPANT)
    visitor.post(chat, "Hello again")
    hearing.clear()
    tell(agent.person_id, read={chat: [3, 2]})
    tell(colleague.person_id, read={chat: [2, 2]})
    tell(colleague.person_id, read={chat: [3, 3]})
    frames = hearing.on(f"chat:{house.chat(chat).id}:guests")
    assert [(f["delivered"], f["seen"]) for f in frames] == [(3, 2), (3, 3)]
    with transaction() as tx:
        tx.get_one(Participation, (house.chat(chat).id, colleague.person_id)).mode = OBSERVER
    assert marks(visitor.get("/"))[:2] == (3, 3), "what was told is not taken back"


@pytest.mark.requirement(25, 39)
def test_between_two_agents_each_hears_of_the_other(agent, house, tell, hearing):
    colleague = house.agent("agent2")
    chat = internal(agent, colleague)
    agent.post(chat, "look at this")
    hearing.clear()
    tell(colleague.person_id, read={chat: [3, 3]})
    assert hearing.on(f"person:{agent.person_id}") == [{"marks": chat, "delivered": 3, "seen": 3}]
    tell(agent.person_id, read={chat: [2, 2]})
    assert {"marks": chat, "delivered": 2, "seen": 2} in hearing.on(f"person:{colleague.person_id}")
    assert marks(agent.get("/chats")) == (3, 3, 2)
    assert marks(colleague.get("/chats")) == (2, 2, 3)


@pytest.mark.requirement(25, 39)
def test_who_joins_two_agents_hears_of_who_was_asked_as_the_asker_does(agent, house, tell, hearing):
    asked = house.agent("agent2")
    chat = internal(agent, asked)
    third = join(house, chat, "agent3", PARTICIPANT)
    third.post(chat, "May I?")
    hearing.clear()
    tell(asked.person_id, read={chat: [3, 3]})
    told = {"marks": chat, "delivered": 3, "seen": 3}
    assert told in hearing.on(f"person:{third.person_id}")
    assert told in hearing.on(f"person:{agent.person_id}")
    assert told not in hearing.on(f"person:{asked.person_id}")
    assert marks(third.get("/chats"))[:2] == (3, 3)


@pytest.mark.requirement(39)
def test_typing_is_told_to_the_other_side_and_to_colleagues(agent, chat, house, vera, tell, hearing):
    number = house.chat(chat).id
    hearing.clear()
    tell(vera, typing=chat)
    assert hearing.topics("typing") == {f"chat:{number}:agents"}
    assert hearing.on(f"chat:{number}:agents") == [{"typing": chat, "who": str(vera), "name": "Vera"}]
    hearing.clear()
    tell(agent.person_id, typing=chat)
    assert hearing.on(f"chat:{number}:guests") == [{"typing": chat, "who": "agent", "name": "Agent One"}]
    [frame] = hearing.on(f"chat:{number}:agents")
    assert frame["who"] == str(agent.person_id)


@pytest.mark.requirement(7, 39)
def test_in_chats_of_others_one_neither_types_nor_reads(visitor, agent, chat, house, vera, tell, hearing):
    stranger, colleague = house.visitor(), house.agent("agent3")
    theirs = stranger.begun()
    row = house.chat(chat)
    hearing.clear()
    for person_id in (house.chat(theirs).requester_id, colleague.person_id, house.id_of("customer2"), 10**9):
        tell(person_id, typing=chat, read={chat: [2, 2], "x" * 22: [1, 1], "'; --": [1, 1]})
    visitor.close(chat)
    hearing.clear()
    tell(vera, typing=chat, read={chat: [2, 2]})
    assert hearing.told == []
    assert (far(row, vera), house.chat(chat).ours_seen) == ((0, 0), 0)


@pytest.mark.requirement(39)
def test_older_lines_come_in_pages_ahead_of_a_number(visitor, agent, chat):
    for number in range(120):
        assert visitor.post(chat, f"line {number}").status_code == 200
    for person in (agent, visitor):
        pages, before = [], 73
        while before > 1:
            answer = person.get(f"/chats/{chat}/messages?before={before}")
            pages.append([line.n for line in lines_of(answer.text)])
            before = pages[-1][0]
        assert pages == [list(range(23, 73)), list(range(1, 23))]
        assert all(one < other for page in pages for one, other in pairwise(page))
        assert person.get(f"/chats/{chat}/messages?before=1").status_code == 204
        assert len(lines_of(person.get(f"/chats/{chat}/messages?before={10**17}").text)) == 50


@pytest.mark.requirement(38, 39)
def test_a_guest_scrolls_back_over_his_own_lines_only(visitor, agent, chat):
    agent.send(f"/chats/{chat}/messages", text="between us", client_id="2" * 32, note=1)
    visitor.post(chat, "three")
    answer = visitor.get(f"/chats/{chat}/messages?before=9")
    assert [line.text for line in lines_of(answer.text)] == [
        "Hello?",
        "Agent One has joined this chat.",
        "three",
    ]
    assert [line.n for line in lines_of(answer.text)] == [1, 2, 3]
    assert "between us" in agent.get(f"/chats/{chat}/messages?before=9").text


def who(person_id):
    """Return somebody as he is stored now."""
    found = topics.load(person_id, "")
    assert found
    return found


def internal(agent, colleague):
    """Begin a chat between two agents and return its public id."""
    made = personal.Ask(colleague.person_id, "have you a minute?", "3" * 32)
    chat = personal.ask(who(agent.person_id), made)
    personal.accept(chat_of(who(colleague.person_id), chat))
    db.session.rollback()
    return chat
