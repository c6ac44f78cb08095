"""A chat becomes a ticket, or an article of one (row 35, 37, 58): all of it, once, and it is over."""

from functools import partial

import pytest
from flask import Flask

from tests.chat.hearing import Hearing
from tests.chat.people import Agent, Guest, House
from tests.chat.storing import chat_articles, said, stored, ticket_of, tickets
from tests.chat.together import at_once


@pytest.mark.requirement(35)
@pytest.mark.requirement(58)
def test_the_ticket_holds_every_line_and_the_chat_is_over_for_everybody(
    house: House, agent: Agent, visitor: Guest, running: str, hearing: Hearing
) -> None:
    visitor.post(running, "It is broken")
    agent.post(running, "I see")
    assert stored(agent, running).is_new
    chat = house.chat(running)
    words = [*visitor.words(running)]
    assert words[-1] == "Agent One has left this chat."
    assert said(ticket_of(house, running)) == said(ticket_of(house, running), True) == words
    assert chat.state == "closed"
    assert visitor.post(running, "Wait").status_code == 409
    assert "This chat has been closed." in visitor.status(running).text
    assert {"changed": running} in hearing.on(f"chat:{chat.id}:guests")
    [article] = chat_articles(chat.ticket_id or 0)
    assert (article.is_visible, article.subject, article.author_name) == (True, "Chat with Vera", "Agent One")


@pytest.mark.requirement(37)
def test_a_chat_is_stored_once_whoever_comes_second(
    house: House, agent: Agent, colleague: Agent, running: str
) -> None:
    first = stored(agent, running)
    for other in (agent, colleague):
        again = stored(other, running)
        assert (again.ticket_id, again.is_new) == (first.ticket_id, False)
    assert len(tickets()) == 1


@pytest.mark.requirement(58)
def test_eight_who_press_at_once_make_one_ticket(
    app: Flask, house: House, agent: Agent, running: str
) -> None:
    answers = at_once(app, [lambda: stored(agent, running)] * 8)
    assert sorted(each.is_new for each in answers) == [False] * 7 + [True]
    assert {each.ticket_id for each in answers} == {ticket_of(house, running)}
    [ticket] = tickets()
    assert len(chat_articles(ticket.id)) == 1


@pytest.mark.requirement(58)
def test_a_line_sent_at_the_same_moment_is_in_the_article_or_refused(
    app: Flask, house: House, agent: Agent, visitor: Guest, running: str
) -> None:
    def deed(n: int) -> int:
        return visitor.post(running, f"line {n}").status_code if n < 6 else stored(agent, running).is_new

    statuses = at_once(app, [partial(deed, n) for n in range(7)])
    kept = {f"line {n}" for n, status in enumerate(statuses[:6]) if status == 200}
    assert set(statuses[:6]) <= {200, 409}
    assert {text for text in said(ticket_of(house, running)) if text.startswith("line")} == kept
