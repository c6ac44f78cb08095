"""The demo's people and queues, as the tickets room knows them."""

from typing import Any

from sqlalchemy import select

from helpdesk.accounts import permissions
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Group, Person
from helpdesk.database import db, transaction
from helpdesk.tickets import articles, creating
from helpdesk.tickets.models import NOTE, Queue, Ticket
from helpdesk.tickets.permissions import Relation
from helpdesk.tickets.reach import ticket_of


class Desk:
    """Makes tickets and says what people are to them."""

    def who(self, login: str) -> Identity:
        """Return somebody as the doors know him."""
        row = db.session.execute(select(Person).where(Person.login == login)).scalar_one()
        db.session.rollback()
        return Identity(row.id, row.kind, row.name, row.company_id, "", row.access_version, row.availability)

    def queue(self, name: str) -> int:
        """Return the id of a queue."""
        return self._one(select(Queue.id).where(Queue.name == name))

    def grant(self, login: str, queue: str, permission: str) -> None:
        """Grant somebody a permission on the group of a queue."""
        self._change(permissions.grant, login, queue, permission)

    def revoke(self, login: str, queue: str, permission: str) -> None:
        """Take it back."""
        self._change(permissions.revoke, login, queue, permission)

    def make(self, title: str = "No paper", queue: str = "Support", text: str = "Help", **wanted: Any) -> str:
        """Make a ticket of Customer One, its first article visible, and return its number."""
        one = self.who("customer1")
        wanted = {"customer_id": one.person_id, "by_id": one.person_id} | wanted
        with transaction() as tx:
            draft = articles.typed(one, NOTE, title, text, is_visible=True)
            ticket = creating.Wanted(title=title, queue_id=self.queue(queue), **wanted)
            return creating.create(tx, ticket, draft).number

    def relation(self, login: str, number: str, right: str = "ticket.read") -> Relation:
        """Return what somebody is to a ticket."""
        found = ticket_of(self.who(login), number, right)
        db.session.rollback()
        return found

    def ticket(self, number: str) -> Any:
        """Return the row of a ticket."""
        row = db.session.execute(select(Ticket).where(Ticket.number == number)).scalar_one()
        db.session.expunge_all()
        db.session.rollback()
        return row

    def _change(self, deed: Any, login: str, queue: str, permission: str) -> None:
        group_id = self._one(
            select(Group.id).join(Queue, Queue.group_id == Group.id).where(Queue.name == queue)
        )
        person_id = self.who(login).person_id
        with transaction() as tx:
            deed(tx, person_id, group_id, permission)

    def _one(self, statement: Any) -> int:
        found = int(db.session.execute(statement).scalar_one())
        db.session.rollback()
        return found
