"""Tickets are only loaded through the person: what is not his does not exist."""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Company, Person
from helpdesk.accounts.permissions import GRANTED
from helpdesk.database import db
from helpdesk.tickets.models import Queue, Ticket
from helpdesk.tickets.permissions import Relation
from helpdesk.web import NotFound

NUMBER = re.compile(r"[0-9]{1,20}")

CUSTOMER_USER, OWNER = aliased(Person), aliased(Person)
FACTS = (
    Ticket.id,
    Ticket.number,
    Ticket.title,
    Ticket.queue_id,
    Ticket.state,
    Ticket.priority,
    Ticket.owner_id,
    Ticket.is_locked,
    Ticket.customer_id,
    Ticket.company_id,
    Ticket.merged_into_id,
    Ticket.pending_until,
    Ticket.last_n,
    Ticket.version,
    Ticket.created_at,
    Ticket.changed_at,
    Ticket.closed_at,
    Queue.name.label("queue_name"),
    Queue.group_id,
    OWNER.name.label("owner_name"),
    func.coalesce(CUSTOMER_USER.name, Ticket.customer_name).label("customer_name"),
    func.coalesce(CUSTOMER_USER.email, Ticket.customer_email).label("customer_email"),
    Company.name.label("company_name"),
)
ALL: Any = (
    select(*FACTS)
    .join(Queue, Queue.id == Ticket.queue_id)
    .outerjoin(OWNER, OWNER.id == Ticket.owner_id)
    .outerjoin(CUSTOMER_USER, CUSTOMER_USER.id == Ticket.customer_id)
    .outerjoin(Company, Company.id == Ticket.company_id)
)


def ticket_of(identity: Identity, number: str, right: str = "ticket.read") -> Relation:
    """Return the person's relation to the ticket of this number; raises as `Relation.require`."""
    if not NUMBER.fullmatch(number):
        raise NotFound()
    row = db.session.execute(ALL.where(Ticket.number == number)).first()
    if row is None:
        raise NotFound()
    relation = Relation(identity, row, granted_on(db.session(), identity, row.group_id))
    relation.require(right)
    return relation


def hold(tx: Session, relation: Relation, right: str) -> Relation:
    """Lock the ticket in `tx` and return the relation as it is now; raises as `Relation.require`."""
    tx.execute(select(Ticket.id).where(Ticket.id == relation.ticket.id).with_for_update())
    row = tx.execute(ALL.where(Ticket.id == relation.ticket.id)).one()
    held = Relation(relation.identity, row, granted_on(tx, relation.identity, row.group_id))
    held.require(right)
    return held


def granted_on(session: Any, identity: Identity, group_id: int) -> frozenset[str]:
    """Return the agent's permissions on a group; of anybody else none. One query."""
    if not identity.is_agent:
        return frozenset()
    mine = select(GRANTED.c.permission).where(
        GRANTED.c.person_id == identity.person_id, GRANTED.c.group_id == group_id
    )
    return frozenset(session.scalars(mine))


def may_read(identity: Identity) -> ColumnElement[bool]:
    """Return the condition on Ticket that this person may read it; the table of rights says the same."""
    if identity.is_agent:
        return Ticket.queue_id.in_(queues_with(identity.person_id, "ro"))
    if not identity.is_customer:
        return false()
    is_own = Ticket.customer_id == identity.person_id
    if identity.company_id is None or not settings.get("Ticket::CompanyTickets"):
        return is_own
    return or_(is_own, Ticket.company_id == identity.company_id)


def queues_with(person_id: int, permission: str) -> Any:
    """Return the query for the ids of the queues on whose group an agent has this permission."""
    granted = GRANTED.c
    is_it = and_(granted.person_id == person_id, granted.permission.in_((permission, "rw")))
    return select(Queue.id).join(GRANTED, granted.group_id == Queue.group_id).where(is_it)
