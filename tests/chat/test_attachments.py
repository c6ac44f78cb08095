"""Files: sent both ways, handed out as they came, to who may read the line; refused where they must be."""

from uuid import uuid4

import pytest

from helpdesk.chat.models import OBSERVER, Participation
from helpdesk.database import db, transaction
from tests.chat.hearing import Hearing
from tests.chat.reading import alerts_of, lines_of
from tests.chat.sending import PDF, PNG, addresses, fetch, send, stored

ONE = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def chat(visitor, agent):
    chat = visitor.begun("Hello?")
    assert agent.accept(chat).status_code == 200
    return chat


@pytest.mark.requirement(40)
def test_a_file_goes_both_ways_and_comes_out_byte_by_byte(visitor, agent, chat):
    for sender, content, name in ((visitor, PNG, "my picture.png"), (agent, PDF, "invoice.pdf")):
        answer = send(sender, chat, content, name, after=2)
        assert answer.status_code == 200, answer.text
        assert lines_of(answer.text)[-1].kind == "file"
    for reader in (visitor, agent):
        lines = reader.lines(chat)[2:]
        assert [(line.n, line.kind, line.text) for line in lines] == [
            (3, "file", "my picture.png 1 kB"),
            (4, "file", "invoice.pdf 15 bytes"),
        ]
        assert [line.name for line in lines] == ["Vera", "Agent One"]
        where = addresses(reader, chat)
        assert where == [f"{reader.base}/chats/{chat}/attachments/{n}" for n in (3, 4)]
        assert [fetch(reader, each).data for each in where] == [PNG, PDF]


@pytest.mark.requirement(40)
def test_a_customer_and_an_agent_exchange_files_too(house, customer, agent):
    chat = customer.begun(channel=house.channel("Billing"))
    assert send(customer, chat).status_code == 200
    assert agent.accept(chat).status_code == 200
    for reader in (customer, agent):
        (where,) = addresses(reader, chat)
        assert where.startswith(reader.base)
        assert fetch(reader, where).data == PNG


@ONE
@pytest.mark.requirement(40)
def test_it_is_handed_out_to_be_kept_and_never_to_be_shown(visitor, agent, chat):
    send(visitor, chat, PNG, "größe “x”.png")
    answer = fetch(agent, addresses(agent, chat)[0])
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"gr__e _x_.png\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%E2%80%9Cx%E2%80%9D.png"
    )


@pytest.mark.requirement(40)
def test_it_is_only_for_who_may_read_the_line(house, visitor, agent, chat):
    other = house.visitor()
    others = other.begun("Another")
    send(visitor, chat)
    for person, base, wanted in (
        (other, "/window", 404),
        (house.visitor(), "/window", 401),
        (house.customer("customer2"), "/external/window", 404),
        (house.agent("agent2"), "/agent", 404),
    ):
        assert fetch(person, f"{base}/chats/{chat}/attachments/3").status_code == wanted
    for number in (0, 1, 2, 4, 2**63, 2**70, -1):
        assert fetch(visitor, f"/window/chats/{chat}/attachments/{number}").status_code == 404
    assert fetch(other, f"/window/chats/{others}/attachments/3").status_code == 404
    for person, wanted in ((other, 404), (house.agent("agent2"), 404), (house.visitor(), 401)):
        assert send(person, chat).status_code == wanted
    assert stored() == 1


@ONE
@pytest.mark.requirement(40, 35)
def test_an_observer_reads_files_and_sends_none(house, visitor, agent, chat):
    observer = house.agent("agent2")
    with transaction() as tx:
        row = {"chat_id": house.chat(chat).id, "person_id": observer.person_id, "mode": OBSERVER}
        tx.add(Participation(**row, state="joined", name="O", monitoring=0, position=0))
    send(visitor, chat)
    assert fetch(observer, addresses(observer, chat)[0]).data == PNG
    assert send(observer, chat).status_code == 403
    assert len(visitor.lines(chat)) == 3


@ONE
@pytest.mark.requirement(40)
def test_a_guests_address_holds_his_own_number(house, visitor, agent, chat):
    with transaction() as tx:  # a line that only agents see
        db_chat = house.chat(chat)
        tx.execute(db.text("UPDATE chat SET last_seq = last_seq + 5 WHERE id = :id"), {"id": db_chat.id})
    send(visitor, chat)
    assert addresses(visitor, chat) == [f"/window/chats/{chat}/attachments/3"]
    agents = f"/agent/chats/{chat}/attachments/8"
    assert fetch(agent, agents).data == fetch(visitor, addresses(visitor, chat)[0]).data == PNG
    assert fetch(agent, f"/agent/chats/{chat}/attachments/3").status_code == 404
    assert fetch(visitor, f"/window/chats/{chat}/attachments/8").status_code == 404


@pytest.mark.requirement(40)
def test_what_is_heard_is_what_is_read_and_the_same_file_again_is_not_repeated(visitor, agent, chat, app):
    hearing, client_id = Hearing(app), uuid4()
    first = send(visitor, chat, client_id=client_id, after=2)
    pushed = {
        audience: hearing.content(f"chat:{db_id(chat)}:{audience}", "chat")
        for audience in ("agents", "guests")
    }
    hearing.clear()
    again = send(visitor, chat, client_id=client_id, after=2)
    assert (again.status_code, again.text) == (200, first.text)
    assert not hearing.told
    assert visitor.read(chat, 2).text == pushed["guests"]
    assert agent.read(chat, 2).text == pushed["agents"]
    assert "/agent/" not in pushed["guests"]
    assert stored() == 1


def db_id(chat):
    return db.session.scalar(db.text("SELECT id FROM chat WHERE public_id = :chat"), {"chat": chat})


@pytest.mark.requirement(38, 40)
def test_a_file_in_an_internal_note_is_for_agents_alone(app, visitor, agent, chat):
    hearing = Hearing(app)
    assert send(agent, chat, note="1").status_code == 200
    assert hearing.topics("chat") == {f"chat:{db_id(chat)}:agents"}
    assert fetch(agent, addresses(agent, chat)[0]).data == PNG
    assert addresses(visitor, chat) == []
    assert fetch(visitor, f"/window/chats/{chat}/attachments/3").status_code == 404
    assert send(visitor, chat, note="1").status_code == 403
    send(visitor, chat)
    assert addresses(visitor, chat) == [f"/window/chats/{chat}/attachments/3"]
    assert stored() == 2


@pytest.mark.requirement(40)
def test_a_closed_chat_takes_no_file_but_knows_one_that_came_before(visitor, agent, chat):
    client_id = uuid4()
    send(agent, chat, client_id=client_id)
    visitor.close(chat)
    for person in (visitor, agent):
        answer = send(person, chat)
        assert (answer.status_code, alerts_of(answer.text)) == (409, ["This chat has been closed."])
    assert send(agent, chat, client_id=client_id).status_code == 200
    assert fetch(visitor, addresses(visitor, chat)[0]).data == PNG
    assert stored() == 1
