"""Internal notes: written for agents only, and nothing of them ever reaches a guest."""

from uuid import uuid4

import pytest

from helpdesk.chat.models import JOINED, OBSERVER, Participation
from helpdesk.database import transaction
from tests.chat.reading import alerts_of, all_with, tree
from tests.chat.sending import PNG, addresses, fetch, send

WORDS = "Between ourselves: offer ten per cent"


@pytest.fixture
def chat(visitor, agent):
    chat = visitor.begun("Hello?")
    assert agent.accept(chat).status_code == 200
    return chat


def note(person, chat, text=WORDS, client_id=None, **fields):
    return person.send(f"/chats/{chat}/messages", text=text, client_id=client_id or uuid4(), note=1, **fields)


@pytest.mark.requirement(38)
def test_an_agent_writes_a_note_which_only_agents_read(agent, chat):
    answer = note(agent, chat, after=2)
    assert answer.status_code == 200
    [line] = all_with(tree(answer.text), "data-seq")
    assert "note" in line.attrib["class"].split()
    assert "Internal note" in answer.text
    for page in (agent.get("/chats").text, agent.read(chat).text):
        assert WORDS in page
        assert "Internal note" in page


@pytest.mark.requirement(38)
def test_a_guest_gets_the_same_bytes_and_frames_with_a_note_and_without(visitor, agent, chat, house, hearing):
    def everything():
        pages = (visitor.get("/"), visitor.get(f"/chats/{chat}"), visitor.status(chat), visitor.read(chat))
        return [(page.text, page.headers.get("ETag"), page.headers.get("X-Marks")) for page in pages]

    row, before = house.chat(chat), everything()
    hearing.clear()
    note(agent, chat)
    agent.send(f"/chats/{chat}/cursor", delivered=0, seen=0)
    assert everything() == before
    heard = hearing.by(row.requester_id)
    assert heard == []
    after = house.chat(chat)
    assert (after.last_guest_seq, after.guest_version) == (row.last_guest_seq, row.guest_version)
    assert after.description == row.description
    visitor.post(chat, "three")
    assert [line.n for line in visitor.lines(chat)] == [1, 2, 3]


@pytest.mark.requirement(38)
def test_a_note_is_pushed_to_agents_as_a_fresh_page_shows_it(agent, chat, house, hearing):
    hearing.clear()
    note(agent, chat)
    topic = f"chat:{house.chat(chat).id}:agents"
    assert hearing.topics("n") == {topic}
    assert WORDS in hearing.content(topic, "n")


@pytest.mark.requirement(33, 38)
def test_a_note_sent_again_is_one_note(agent, chat):
    client_id = uuid4()
    for _ in range(2):
        assert note(agent, chat, client_id=client_id).status_code == 200
    assert agent.words(chat).count(WORDS) == 1


@pytest.mark.requirement(35, 38)
def test_a_guest_an_observer_and_an_outsider_write_none(visitor, agent, chat, house):
    answer = note(visitor, chat)
    assert (answer.status_code, alerts_of(answer.text)) == (
        403,
        ["You cannot write internal notes in this chat."],
    )
    colleague = house.agent("agent2")
    assert note(colleague, chat).status_code == 404
    with transaction() as tx:
        of = {"chat_id": house.chat(chat).id, "person_id": colleague.person_id}
        tx.add(Participation(**of, mode=OBSERVER, state=JOINED, name="Agent Two"))
    assert note(colleague, chat).status_code == 403
    assert "data-may-note" not in colleague.header(chat).text
    assert "data-may-note" in agent.header(chat).text
    visitor.close(chat)
    assert note(agent, chat).status_code == 409
    assert WORDS not in agent.words(chat)


@pytest.mark.requirement(38, 40)
def test_a_file_in_a_note_is_for_agents_only(visitor, agent, chat):
    answer = send(agent, chat, PNG, "their contract.png", note=1)
    assert answer.status_code == 200
    assert "Internal note" in answer.text
    [address] = addresses(agent, chat)
    assert fetch(agent, address).data == PNG
    assert visitor.words(chat) == ["Hello?", "Agent One has joined this chat."]
    for number in (2, 3, 4):
        assert fetch(visitor, f"/window/chats/{chat}/attachments/{number}").status_code == 404
    assert send(visitor, chat, PNG, "mine.png", note=1).status_code == 403
