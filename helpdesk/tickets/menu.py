"""What an agent is offered of tickets, customers and administration; read once per request."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import g, has_request_context
from sqlalchemy import and_, select

from helpdesk.accounts.identity import Identity, identity_or_none
from helpdesk.accounts.models import Group
from helpdesk.accounts.permissions import CHAT, GRANTED
from helpdesk.database import db
from helpdesk.tickets.models import Queue

_IS_ADMIN = and_(GRANTED.c.permission == "rw", Group.name == "admin").label("is_admin")


@dataclass(frozen=True, slots=True)
class Menu:
    """Tickets he may read or create in any queue; customers if he has a permission there, or a chat level.

    `on_queues` are the permissions, of those of tickets, that he has on some queue.
    """

    may_read_tickets: bool = False
    may_create_tickets: bool = False
    sees_customers: bool = False
    is_admin: bool = False
    on_queues: frozenset[str] = frozenset()


def of(identity: Identity) -> Menu:
    """Return what this agent is offered; one query, and one only in a request."""
    if not identity.is_agent:
        return Menu()
    if not has_request_context():
        return _read(identity)
    if g.get("ticket_menu_of") != identity.person_id:
        g.ticket_menu_of, g.ticket_menu = identity.person_id, _read(identity)
    menu: Menu = g.ticket_menu
    return menu


def for_layout() -> dict[str, Any]:
    """Give the layout of agent pages what its menu offers; pages of other doors have none."""
    who = identity_or_none()
    return asdict(of(who) if who is not None else Menu())


def _read(identity: Identity) -> Menu:
    granted = GRANTED.c
    rows = db.session.execute(
        select(granted.permission, Queue.id.is_not(None).label("is_on_queue"), _IS_ADMIN)
        .join(Group, Group.id == granted.group_id)
        .outerjoin(Queue, Queue.group_id == granted.group_id)
        .where(granted.person_id == identity.person_id)
        .distinct()
    ).all()
    on_queues = {row.permission for row in rows if row.is_on_queue}.difference(CHAT)
    return Menu(
        may_read_tickets=not on_queues.isdisjoint({"ro", "rw"}),
        may_create_tickets=not on_queues.isdisjoint({"create", "rw"}),
        sees_customers=bool(on_queues) or any(row.permission in CHAT for row in rows),
        is_admin=any(row.is_admin for row in rows),
        on_queues=frozenset(on_queues),
    )
