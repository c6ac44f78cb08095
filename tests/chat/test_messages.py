"""Lines: both ways, in order, once; read in pages; refused where they must be."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from helpdesk.chat.models import Message
from helpdesk.database import db, transaction
from helpdesk.settings import put
from tests.chat.reading import alerts_of, find, lines_of, same, tree


@pytest.fixture
def chat(visitor, agent):
    chat = visitor.begun("Hello?")
    assert agent.accept(chat).status_code == 200
    return chat


def stored():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Message).where(Message.kind == "line"))


@pytest.mark.requirement(31)
@pytest.mark.requirement(32)
def test_both_sides_read_both_sides(visitor, agent, chat):
    assert agent.post(chat, "How can I help?").status_code == 200
    assert visitor.post(chat, "Like this.").status_code == 200
    expected = ["Hello?", "Agent One has joined this chat.", "How can I help?", "Like this."]
    assert visitor.words(chat) == agent.words(chat) == expected
    names = [(line.name, line.author) for line in agent.lines(chat)]
    me, system = str(agent.person_id), ""
    assert [name for name, _ in names] == ["Vera", system, "Agent One", "Vera"]
    assert names[2][1] == me != names[0][1]
    assert [line.author for line in visitor.lines(chat)] == ["guest", "agent", "agent", "guest"]


@pytest.mark.requirement(33)
def test_the_answer_to_a_line_is_all_that_was_missed(visitor, agent, chat):
    agent.post(chat, "One")
    agent.post(chat, "Two")
    answer = visitor.post(chat, "Three", after=2)
    assert [line.text for line in lines_of(answer.text)] == ["One", "Two", "Three"]


@pytest.mark.requirement(33)
def test_the_same_line_again_is_acknowledged_and_not_repeated(visitor, agent, chat):
    for person, client_id in ((visitor, uuid4()), (agent, uuid4())):
        first = person.post(chat, "Once", client_id, after=2)
        again = person.post(chat, "Once", client_id, after=2)
        assert (again.status_code, again.text) == (200, first.text)
    assert visitor.words(chat)[2:] == ["Once", "Once"]
    assert [line.n for line in visitor.lines(chat)] == [1, 2, 3, 4]


@pytest.mark.requirement(33)
def test_one_id_of_two_people_is_two_lines(visitor, agent, chat):
    client_id = uuid4()
    visitor.post(chat, "mine", client_id)
    agent.post(chat, "mine too", client_id)
    assert agent.words(chat)[2:] == ["mine", "mine too"]


@pytest.mark.requirement(33)
def test_an_id_counts_in_any_spelling(visitor, chat):
    client_id = uuid4()
    for spelling in (str(client_id), str(client_id).upper(), client_id.hex, f"{{{client_id}}}"):
        assert visitor.post(chat, "Once", spelling).status_code == 200
    assert visitor.words(chat)[2:] == ["Once"]


@pytest.mark.requirement(33)
@pytest.mark.parametrize("client_id", [" ", "x", "0", "1" * 33, "\x00", "null", "' OR 1=1 --", "é" * 36])
def test_a_wrong_id_is_refused_with_a_reason(visitor, chat, client_id):
    answer = visitor.post(chat, "Text", client_id)
    assert answer.status_code == 422
    assert alerts_of(answer.text) == ["This page is out of date. Please reload it; your text is kept."]
    assert stored() == 1


@pytest.mark.requirement(34)
@pytest.mark.parametrize(
    "text", ["", "  \n\t ", "\u200b\u200d\u2060", "\x00\x07", "\u0301\u0301", "\u202e\u2069"]
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_line_without_anything_to_see_is_refused(visitor, agent, chat, text):
    for person in (visitor, agent):
        answer = person.post(chat, text)
        assert answer.status_code == 422
        assert alerts_of(answer.text) == ["Please write a message."]
    assert stored() == 1


@pytest.mark.requirement(34)
def test_four_thousand_characters_go_and_one_more_does_not(visitor, agent, chat):
    assert visitor.post(chat, "ü" * 4000).status_code == 200
    answer = visitor.post(chat, "x" * 4001)
    assert answer.status_code == 422
    assert alerts_of(answer.text) == ["Please use at most 4,000 characters; this has 4,001."]
    assert agent.lines(chat)[-1].text == "ü" * 4000


@pytest.mark.requirement(32)
def test_lines_in_a_line_and_its_spaces_are_kept(visitor, agent, chat):
    visitor.post(chat, "one\r\ntwo\rthree\n\n   four")
    assert agent.lines(chat)[-1].text == "one\ntwo\nthree\n\n   four"


@pytest.mark.requirement(34)
def test_addresses_become_links_and_nothing_else_is_interpreted(visitor, agent, chat):
    visitor.post(chat, 'see https://a.example/?q="<b>" and www.b.com, not javascript:alert(1) or <a href=x>')
    for person in (visitor, agent):
        links = list(tree(person.read(chat, 2).text).iter("a"))
        assert [link.attrib["href"].partition("?")[0] for link in links] == [
            "https://a.example/",
            "http://www.b.com",
        ]
        assert {link.attrib["rel"] for link in links} == {"noopener nofollow"}
    assert "javascript:alert(1) or <a href=x>" in agent.lines(chat)[-1].text


@pytest.mark.requirement(33)
def test_many_lines_come_in_pages(visitor, agent, chat):
    for number in range(120):
        assert visitor.post(chat, f"line {number}").status_code == 200
    first = agent.read(chat, 0)
    assert len(lines_of(first.text)) == 50
    assert first.headers["X-More"] == "1"
    assert [line.n for line in agent.lines(chat)] == list(range(1, 123))
    rest = agent.read(chat, 72)
    assert len(lines_of(rest.text)) == 50
    assert "X-More" not in rest.headers
    assert [line.n for line in lines_of(agent.get("/chats").text)] == list(range(73, 123))
    assert [line.n for line in lines_of(visitor.get("/").text)] == list(range(73, 123))


@pytest.mark.requirement(33)
@pytest.mark.parametrize("after", [122, 10**17])
def test_nothing_new_is_answered_with_nothing(visitor, chat, after):
    answer = visitor.read(chat, after)
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.requirement(33)
@pytest.mark.parametrize("after", ["", "-1", "x", "1.5", "%00", "%F0%9F", "٣", "9" * 5000, 2**70])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_number_that_is_none_reads_from_the_beginning(visitor, chat, after):
    answer = visitor.read(chat, after)
    assert answer.status_code == 200
    assert [line.n for line in lines_of(answer.text)] == [1, 2]


@pytest.mark.requirement(37)
def test_a_closed_chat_takes_no_line_but_owns_up_to_one_it_has(visitor, agent, chat):
    client_id, hers = uuid4(), uuid4()
    agent.post(chat, "Before the end", client_id)
    visitor.post(chat, "Mine", hers)
    visitor.close(chat)
    for person in (visitor, agent):
        answer = person.post(chat, "After the end")
        assert answer.status_code == 409
        assert alerts_of(answer.text) == ["This chat has been closed."]
    assert agent.post(chat, "Before the end", client_id).status_code == 200, (
        "its answer was lost, not the line"
    )
    assert visitor.post(chat, "Mine", hers).status_code == 200
    assert "After the end" not in visitor.words(chat)


@pytest.mark.requirement(7)
def test_other_peoples_chats_are_not_there(visitor, house, chat):
    other, customer, colleague = house.visitor(), house.customer("customer2"), house.agent("agent2")
    other.begun()
    for stranger in (other, customer, colleague):
        missing = stranger.read("x" * 22)
        assert missing.status_code == 404
        for answer in (stranger.read(chat), stranger.post(chat, "Hi"), stranger.close(chat)):
            assert (answer.status_code, answer.text) == (404, missing.text)
    assert house.visitor().read(chat).status_code == 401
    assert visitor.words(chat) == ["Hello?", "Agent One has joined this chat."]


@pytest.mark.requirement(7)
def test_who_falls_below_participant_only_reads(agent, house, chat):
    house.revoke("agent1", "Support", "chat_owner")
    house.grant("agent1", "Support", "chat_observer")
    assert agent.post(chat, "Hi").status_code == 403
    assert agent.read(chat).status_code == 200
    assert "readonly" in agent.get("/chats").text
    house.revoke("agent1", "Support", "chat_observer")
    assert agent.read(chat).status_code == 404
    assert agent.active(have=chat).text.count(f'hx-target="#chat-{chat}" hx-swap="delete"') == 1


@pytest.mark.requirement(33)
def test_a_flood_is_stopped_and_says_when_it_may_go_on(visitor, agent, chat):
    with transaction() as tx:
        put(tx, "ChatEngine::MessageLimit", 3, None)
    codes = [visitor.post(chat, f"{n}").status_code for n in range(8)]
    assert 429 in codes
    answer = next(a for a in (visitor.post(chat, "more") for _ in range(5)) if a.status_code == 429)
    assert int(answer.headers["Retry-After"]) > 0
    assert "your text is kept" in answer.text
    assert agent.post(chat, "One of us may").status_code == 200


@pytest.mark.requirement(20)
@pytest.mark.requirement(33)
def test_a_line_is_told_once_to_each_side_as_a_fresh_page_shows_it(visitor, agent, chat, house, hearing):
    hearing.clear()
    client_id = uuid4()
    visitor.post(chat, "Live <i>words</i> https://a.example", client_id)
    number = house.chat(chat).id
    topics = {"agents": agent.get("/chats").text, "guests": visitor.get("/").text}
    assert hearing.topics("n") == {f"chat:{number}:{audience}" for audience in topics}
    for audience, page in topics.items():
        [frame] = hearing.on(f"chat:{number}:{audience}")
        assert (frame["chat"], frame["n"]) == (chat, 3)
        dom_id = f"line-{chat}-3"
        assert same(find(frame["content"], dom_id)) == same(find(page, dom_id))
    visitor.post(chat, "Live again", client_id)
    assert len(hearing.on(f"chat:{number}:agents")) == 1, "what is there already is told to nobody"


@pytest.mark.requirement(20)
def test_who_is_not_in_it_hears_nothing_of_it(visitor, agent, chat, house, hearing):
    colleague, stranger = house.agent("agent2"), house.id_of("customer2")
    hearing.clear()
    agent.post(chat, "Between us")
    assert "Between us" in str(hearing.by(agent.person_id))
    assert "Between us" not in str(hearing.by(colleague.person_id))
    assert "Between us" not in str(hearing.by(stranger))


@pytest.mark.requirement(33)
def test_a_refused_line_is_told_to_nobody(visitor, chat, hearing):
    hearing.clear()
    assert visitor.post(chat, "").status_code == 422
    visitor.close(chat)
    hearing.clear()
    assert visitor.post(chat, "Late").status_code == 409
    assert not hearing.topics("n")
