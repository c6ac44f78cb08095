"""A start that is sent twice, by whomever: one chat, for the one who began it."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import VisitorToken
from helpdesk.chat.models import Chat, Message
from helpdesk.database import db, now, transaction
from helpdesk.external.starting import AGAIN_WITHIN
from tests.chat.reading import alerts_of, public_id_of
from tests.chat.test_begin import count, typed


@pytest.mark.requirement(33)
def test_the_same_start_sent_again_is_the_same_chat(visitor):
    start = uuid4()
    first = visitor.begun("Once", client_id=start)
    assert visitor.begun("Once", client_id=start) == first
    assert count(Chat) == 1
    assert count(Message) == 1


@pytest.mark.requirement(33)
def test_after_a_lost_answer_the_same_start_lets_the_same_person_in_again(house, visitor):
    start = uuid4()
    first = visitor.begun("Once", client_id=start)
    again = house.visitor()
    answer = again.begin("Once", client_id=start)
    assert public_id_of(answer.text) == first
    assert "helpdesk_window=" in answer.headers["Set-Cookie"]
    assert again.words(first) == visitor.words(first) == ["Once"]
    assert count(Chat) == 1
    people = db.session.scalars(select(VisitorToken.person_id)).all()
    assert len(people) == 2
    assert len(set(people)) == 1


@pytest.mark.requirement(33)
def test_a_start_is_not_for_others_nor_for_ever(house, visitor, customer):
    start = uuid4()
    chat = visitor.begun("Once", client_id=start)
    other = house.visitor()
    other.begun("Another")
    for stranger in (other, customer):
        answer = stranger.begin("Once", client_id=start)
        assert answer.status_code == 409
        assert alerts_of(answer.text) == ["This message was sent already."]
        assert typed(answer)["text"] == "Once"
        assert typed(answer)["client_id"] != str(start), "pressing Send again sends it"
    with transaction() as tx:
        tx.scalars(select(Chat).where(Chat.public_id == chat)).one().created_at = now() - AGAIN_WITHIN * 2
    late = house.visitor().begin("Once", client_id=start)
    assert late.status_code == 409
    assert "Set-Cookie" not in late.headers


@pytest.mark.requirement(33)
def test_agents_never_see_what_would_let_them_in_as_the_visitor(visitor, agent, house):
    """A start sent again is a way in: its id stays between the visitor's browser and us."""
    start = uuid4()
    chat = visitor.begun("Once", client_id=start)
    seen = [
        agent.preview(chat).text,
        agent.accept(chat).text,
        agent.read(chat).text,
        agent.get("/chats").text,
    ]
    assert not [text for text in seen if str(start) in text]
    assert str(start) in visitor.read(chat).text
