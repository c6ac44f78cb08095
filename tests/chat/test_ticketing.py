"""A chat becomes a ticket, or an article of one (row 35, 37, 58): all of it, once, and it is over."""

from functools import partial
from typing import Any

import pytest
from flask import Flask

from tests.chat.hearing import Hearing
from tests.chat.people import Agent, Guest, House
from tests.chat.storing import chat_articles, said, stored, ticket_of, tickets
from tests.chat.test_ticketing_forms import append, make
from tests.chat.together import at_once
from tests.tickets.desk import Desk


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


@pytest.mark.requirement(37, 58)
def test_agents_and_the_customer_who_store_it_at_once_make_one_ticket(
    app: Flask, house: House, agent: Agent, colleague: Agent, customer: Guest
) -> None:
    chat = customer.begun("Hello", channel=house.channel("Support"))
    agent.accept(chat)
    customer.close(chat)
    number = Desk().make()
    deeds: list[Any] = [partial(house.customer().send, f"/chats/{chat}/ticket") for _ in range(2)]
    deeds += [partial(append, house.agent("agent2"), chat, number) for _ in range(2)]
    deeds += [partial(make, house.agent("agent1"), chat, customer=house.id_of("customer1")) for _ in range(2)]
    answers = at_once(app, deeds)
    assert {answer.status_code for answer in answers} <= {200, 409}
    held = next(each.number for each in tickets() if each.id == ticket_of(house, chat))
    assert [held in answer.text for answer in answers] == [True] * 6
    assert sum(len(chat_articles(each.id)) for each in tickets()) == 1
