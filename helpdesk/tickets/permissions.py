"""Who may do what with a ticket: one table, read by screens, routes and tests.

A right is granted when all predicates of any of its rows hold. Source of the permissions: OTRS's groups.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.tickets.models import CLOSED, MERGED, STATES
from helpdesk.web import NotFound, Refusal


class Forbidden(Refusal):
    """The person sees the ticket but may not do this with it."""

    status = 403


@dataclass(frozen=True, slots=True)
class Relation:
    """What one person is to one ticket; `granted` are his permissions on the group of its queue."""

    identity: Identity
    ticket: Any
    granted: frozenset[str]

    def may(self, right: str) -> bool:
        """Tell whether the person has this right on this ticket."""
        return any(all(holds(self) for holds in row) for row in RIGHTS[right])

    def require(self, right: str) -> None:
        """Raise NotFound when the ticket is not his to see, Forbidden when `right` is not his."""
        if self.may(right):
            return
        if not self.may("ticket.read"):
            raise NotFound()
        raise Forbidden(MERGED_REASON if is_merged(self) else REASONS[right])


Predicate = Callable[[Relation], bool]


def granted(permission: str) -> Predicate:
    """Return the predicate: granted on the group of the queue, by itself or with rw."""

    def holds(r: Relation) -> bool:
        return r.identity.is_agent and not r.granted.isdisjoint({permission, "rw"})

    return holds


def is_own(r: Relation) -> bool:
    """Of this customer user."""
    return r.identity.is_customer and bool(r.ticket.customer_id == r.identity.person_id)


def is_of_company(r: Relation) -> bool:
    """Of somebody of this customer user's company, and such tickets are shown."""
    return bool(
        r.identity.is_customer
        and r.identity.company_id is not None
        and r.ticket.company_id == r.identity.company_id
        and settings.get("Ticket::CompanyTickets")
    )


def is_live(r: Relation) -> bool:
    """Not merged into another one."""
    return not is_merged(r)


def is_merged(r: Relation) -> bool:
    """Its work goes on in another ticket."""
    return STATES[r.ticket.state] == MERGED


def is_not_closed(r: Relation) -> bool:
    """There is work left."""
    return STATES[r.ticket.state] not in (CLOSED, MERGED)


RO, NOTE, CREATE, MOVE_INTO = granted("ro"), granted("note"), granted("create"), granted("move_into")
OWNER, PRIORITY, RW = granted("owner"), granted("priority"), granted("rw")

RIGHTS: dict[str, list[list[Predicate]]] = {
    "ticket.read": [[RO], [is_own], [is_of_company]],
    "ticket.history": [[RO]],
    "ticket.print": [[RO], [is_own], [is_of_company]],
    "ticket.note": [[RO, NOTE, is_live]],
    "ticket.mail": [[RW, is_live]],
    "ticket.owner": [[RO, OWNER, is_live]],
    "ticket.priority": [[RO, PRIORITY, is_live]],
    "ticket.state": [[RW, is_live]],
    "ticket.queue": [[RW, is_live]],
    "ticket.lock": [[RW, is_live]],
    "ticket.title": [[RW, is_live]],
    "ticket.link": [[RW, is_live]],
    "ticket.merge": [[RW, is_live]],
    "ticket.answer": [[is_own, is_live], [is_of_company, is_live]],
    "ticket.close": [[is_own, is_not_closed], [is_of_company, is_not_closed]],
}
MERGED_REASON = "This ticket was merged into another one."
REASONS = {
    "ticket.history": "You may not see the history of this ticket.",
    "ticket.print": "You may not print this ticket.",
    "ticket.note": "You may not add notes to tickets of this queue.",
    "ticket.mail": "You may not answer tickets of this queue.",
    "ticket.owner": "You may not change the owner of tickets of this queue.",
    "ticket.priority": "You may not change the priority of tickets of this queue.",
    "ticket.state": "You may not change the state of tickets of this queue.",
    "ticket.queue": "You may not move tickets out of this queue.",
    "ticket.lock": "You may not lock tickets of this queue.",
    "ticket.title": "You may not change the title of tickets of this queue.",
    "ticket.link": "You may not link tickets of this queue.",
    "ticket.merge": "You may not merge tickets of this queue.",
    "ticket.answer": "You cannot answer here.",
    "ticket.close": "This ticket is closed already.",
}
