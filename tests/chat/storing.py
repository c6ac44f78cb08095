"""Chats that become tickets: at the desk of the rooms below, and what the ticket holds then."""

from typing import Any

from sqlalchemy import select

from helpdesk.accounts.identity import Identity
from helpdesk.chat import ticketing
from helpdesk.chat.reach import chat_of
from helpdesk.database import db
from helpdesk.realtime import topics
from helpdesk.tickets import articles
from helpdesk.tickets.creating import Wanted
from helpdesk.tickets.models import CHAT, Article, ArticleLine, Queue, Ticket
from tests.chat.people import Agent, House


def who(person_id: int) -> Identity:
    """Return somebody as the doors know him."""
    identity = topics.load(person_id, "")
    db.session.rollback()
    assert identity is not None
    return identity


def queue(name: str) -> int:
    """Return the id of a queue."""
    return int(db.session.scalars(select(Queue.id).where(Queue.name == name)).one())


def stored(agent: Agent, chat: str, **options: Any) -> ticketing.Stored:
    """Have an agent make a ticket of a chat, below the routes."""
    me = who(agent.person_id)
    relation = chat_of(me, chat)
    wanted = Wanted(title="From a chat", queue_id=queue("Support"), by_id=me.person_id)
    db.session.rollback()
    return ticketing.hand_over_to_new(relation, wanted, **options)


def tickets() -> list[Ticket]:
    """Return all tickets there are."""
    db.session.rollback()
    found = list(db.session.scalars(select(Ticket).order_by(Ticket.id)))
    db.session.rollback()
    return found


def chat_articles(ticket_id: int) -> list[Article]:
    """Return the articles of a ticket that were chats."""
    found = [each for each in articles.of_ticket(ticket_id, False) if each.channel == CHAT]
    db.session.rollback()
    return found


def said(ticket_id: int, is_for_customer: bool = False) -> list[str]:
    """Return what the lines of a ticket's chats say, to agents or to its customer."""
    found: dict[int, list[ArticleLine]] = articles.lines_of(ticket_id, is_for_customer)
    db.session.rollback()
    return [line.text for lines in found.values() for line in lines]


def ticket_of(house: House, chat: str) -> int:
    """Return the id of the ticket that holds a chat."""
    found = house.chat(chat).ticket_id
    assert found is not None
    return found
