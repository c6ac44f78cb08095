"""At the same moment: one wins, nothing is lost, nothing is done twice, nobody gets a 5xx."""

from collections import Counter
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from helpdesk.accounts import people
from helpdesk.accounts.models import Person
from helpdesk.chat.models import Chat, Message, Participation
from helpdesk.database import db, transaction
from tests.chat.reading import alerts_of, lines_of, public_id_of
from tests.chat.together import at_once

ROUNDS = 3


def codes(answers):
    return Counter(answer.status_code for answer in answers)


@pytest.fixture
def owners(house):
    """Eight agents who own Support."""
    with transaction() as tx:
        for number in range(8):
            people.create_agent(tx, f"owner{number}", f"Owner {number}")
    for number in range(8):
        house.grant(f"owner{number}", "Support", "chat_owner")
    return [house.agent(f"owner{number}") for number in range(8)]


@pytest.mark.requirement(19)
def test_of_eight_who_accept_one_wins_and_the_others_are_told_who(app, visitor, owners):
    for _ in range(ROUNDS):
        chat = visitor.begun()
        answers = at_once(app, [partial(owner.accept, chat) for owner in owners])
        assert codes(answers) == {200: 1, 409: 7}
        winner = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
        for answer in answers:
            if answer.status_code == 409:
                assert alerts_of(answer.text) == [f"Owner {winner} has already accepted this chat."]
        assert visitor.words(chat) == ["Hello?", f"Owner {winner} has joined this chat."]
        for number, owner in enumerate(owners):
            assert owner.read(chat).status_code == (200 if number == winner else 404)
        joined = db.session.scalar(
            select(func.count()).select_from(Participation).join(Chat).where(Chat.public_id == chat)
        )
        assert joined == 2, "who came too late was never in it"
        visitor.close(chat)


@pytest.mark.requirement(33)
def test_twenty_identical_lines_are_one_and_all_are_acknowledged(app, visitor, agent):
    chat = visitor.begun()
    client_id = uuid4()
    answers = at_once(app, [lambda: visitor.post(chat, "Once", client_id, after=1)] * 20)
    assert codes(answers) == {200: 20}
    assert {answer.text for answer in answers} == {answers[0].text}
    assert agent.words(chat) == ["Hello?", "Once"]
    assert visitor.post(chat, "Next").status_code == 200
    assert [line.n for line in visitor.lines(chat)] == [1, 2, 3], "a conflict draws no number"


@pytest.mark.requirement(33)
def test_different_lines_of_both_sides_get_numbers_without_holes(app, visitor, agent):
    chat = visitor.begun()
    agent.accept(chat)
    deeds = [
        partial(who.post, chat, f"{name} {n}")
        for n in range(4)
        for name, who in (("v", visitor), ("a", agent))
    ]
    assert codes(at_once(app, deeds)) == {200: 8}
    for reader in (visitor, agent):
        lines = reader.lines(chat)
        assert [line.n for line in lines] == list(range(1, 11))
        assert {line.text for line in lines[2:]} == {f"{name} {n}" for name in "va" for n in range(4)}


@pytest.mark.requirement(37)
def test_a_line_against_the_end_is_in_the_log_or_refused(app, visitor, agent):
    for number in range(ROUNDS * 2):
        chat = visitor.begun()
        agent.accept(chat)
        sender, closer = (visitor, agent) if number % 2 else (agent, visitor)
        sent, closed = at_once(app, [partial(sender.post, chat, "Late?"), partial(closer.close, chat)])
        assert closed.status_code in (200, 204)
        words = visitor.words(chat)
        if sent.status_code == 200:
            assert words[2] == "Late?"
            assert words[3].endswith("has left this chat.")
        else:
            assert sent.status_code == 409
            assert "This chat has been closed." in sent.text
            assert "Late?" not in words
        assert sender.post(chat, "Too late").status_code in (404, 409)


@pytest.mark.requirement(30)
def test_a_withdrawal_against_an_acceptance_is_exactly_one_of_them(app, visitor, agent, house):
    for _ in range(ROUNDS * 2):
        chat = visitor.begun()
        taken, gone = at_once(app, [partial(agent.accept, chat), partial(visitor.withdraw, chat)])
        state = house.chat(chat).state
        if taken.status_code == 200:
            assert (gone.status_code, state) == (403, "active")
        else:
            assert (taken.status_code, gone.status_code, state) == (409, 200, "closed")
            assert agent.header(chat).status_code == 404, "no card of it"
        visitor.close(chat)


@pytest.mark.requirement(33)
def test_an_identical_start_at_the_same_moment_is_one_chat_of_one_person(app, house, agent):
    for _ in range(ROUNDS):
        start = uuid4()
        tabs = [house.visitor() for _ in range(4)]
        answers = at_once(app, [partial(tab.begin, "Hello", client_id=start) for tab in tabs])
        assert codes(answers) == {200: 4}
        assert len({public_id_of(answer.text) for answer in answers}) == 1
        for tab in tabs:
            assert tab.words(public_id_of(answers[0].text)) == ["Hello"]
    made = db.session.scalar(select(func.count()).select_from(Person).where(Person.kind == "visitor"))
    assert made == ROUNDS, "a start that lost leaves no person behind"


@pytest.mark.requirement(18)
def test_requests_that_cross_between_channels_do_not_lock_each_other(app, customer, house, agent):
    support, billing = house.channel("Support"), house.channel("Billing")
    there, back = customer.begun(channel=support), customer.begun(channel=billing)
    for _ in range(ROUNDS * 2):
        deeds = [partial(agent.move, there, billing), partial(agent.move, back, support)]
        assert codes(at_once(app, deeds)) == {200: 2}
        support, billing = billing, support


@pytest.mark.requirement(18)
def test_a_move_against_an_acceptance_leaves_one_truth(app, customer, house, agent):
    for _ in range(ROUNDS):
        chat = customer.begun(channel=house.channel("Support"))
        other = house.agent("agent2")
        moved, taken = at_once(
            app, [partial(agent.move, chat, house.channel("Billing")), partial(other.accept, chat)]
        )
        assert {moved.status_code, taken.status_code} <= {200, 403, 409}
        stored = house.chat(chat)
        assert (stored.state == "active") == (taken.status_code == 200)
        assert (stored.channel_id == house.channel("Billing")) == (moved.status_code == 200)
        customer.close(chat)


@pytest.mark.requirement(16)
def test_the_same_choice_in_many_tabs_is_stored_once(app, agent, house):
    billing = house.channel("Billing")
    assert agent.send("/availability", to="2").status_code == 200
    for deed in (
        lambda: agent.filter("all"),
        lambda: agent.send("/preferences", channel=billing),
        lambda: agent.send("/availability", to="1"),
    ):
        assert set(codes(at_once(app, [deed] * 8))) <= {200, 303}


@pytest.mark.requirement(37)
def test_both_sides_close_at_once_and_one_line_says_so(app, visitor, agent):
    for _ in range(ROUNDS):
        chat = visitor.begun()
        agent.accept(chat)
        answers = at_once(app, [partial(visitor.close, chat), partial(agent.close, chat)])
        assert {answer.status_code for answer in answers} <= {200, 204, 409}
        assert sum("has left" in words for words in visitor.words(chat)) == 1


@pytest.mark.requirement(33)
def test_each_answer_holds_the_line_it_acknowledges(app, visitor, agent):
    chat = visitor.begun()
    answers = at_once(app, [partial(visitor.post, chat, f"line {n}") for n in range(6)])
    for number, answer in enumerate(answers):
        assert f"line {number}" in [line.text for line in lines_of(answer.text)]
    stored = db.session.scalar(
        select(func.count()).select_from(Message).join(Chat).where(Chat.public_id == chat)
    )
    assert stored == 7
