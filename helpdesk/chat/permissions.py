"""Who may do what with a chat: one table, read by menus, routes, sockets and tests.

A right is granted when all predicates of any of its rows hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpdesk.accounts.identity import Identity
from helpdesk.chat.models import ACTIVE, CLOSED, IN_CHARGE, JOINED, REQUEST
from helpdesk.web import NotFound, Refusal

OWNER_RANK, PARTICIPANT_RANK, OBSERVER_RANK = 3, 2, 1


class Forbidden(Refusal):
    """The person sees the chat but may not do this with it."""

    status = 403


@dataclass(frozen=True, slots=True)
class Relation:
    """What one person is to one chat. `rank` is his level on the channel now: 3 owner … 0 none."""

    identity: Identity
    chat: Any
    mode: str | None
    state: str | None
    name: str
    rank: int

    def may(self, right: str) -> bool:
        """Tell whether the person has this right on this chat."""
        return any(all(holds(self) for holds in row) for row in RIGHTS[right])

    def require(self, right: str) -> None:
        """Raise NotFound when the chat is not his to see, Forbidden when it is but `right` is not his."""
        if self.may(right):
            return
        if not self.may("chat.read"):
            raise NotFound()
        raise Forbidden(REASONS[right])


Predicate = Callable[[Relation], bool]


def is_request(r: Relation) -> bool:
    """Nobody has accepted yet."""
    return bool(r.chat.state == REQUEST)


def is_running(r: Relation) -> bool:
    """Accepted and not closed."""
    return bool(r.chat.state == ACTIVE)


def is_open(r: Relation) -> bool:
    """Not closed."""
    return bool(r.chat.state != CLOSED)


def is_closed(r: Relation) -> bool:
    """Over."""
    return bool(r.chat.state == CLOSED)


def is_requester(r: Relation) -> bool:
    """This person asked."""
    return bool(r.chat.requester_id == r.identity.person_id)


def is_agent(r: Relation) -> bool:
    """Staff."""
    return r.identity.is_agent


def is_joined(r: Relation) -> bool:
    """In the chat now."""
    return r.state == JOINED


def is_in_charge(r: Relation) -> bool:
    """Accepted it, and is still in it."""
    return r.state == JOINED and r.mode == IN_CHARGE


def is_not_in_charge(r: Relation) -> bool:
    """In the chat, but it is somebody else's."""
    return r.state == JOINED and r.mode != IN_CHARGE


def owns_channel(r: Relation) -> bool:
    """Owner level on the channel."""
    return r.rank >= OWNER_RANK


def may_participate(r: Relation) -> bool:
    """Participant level on the channel, or more."""
    return r.rank >= PARTICIPANT_RANK


def has_level(r: Relation) -> bool:
    """Any level on the channel."""
    return r.rank >= OBSERVER_RANK


RIGHTS: dict[str, list[list[Predicate]]] = {
    "chat.read": [
        [is_requester],
        [is_agent, is_joined, has_level],
        [is_agent, is_request, has_level],
    ],
    "chat.write": [[is_open, is_requester], [is_running, is_in_charge, may_participate]],
    "chat.take": [[is_request, owns_channel]],
    "chat.move": [[is_request, owns_channel]],
    "chat.withdraw": [[is_request, is_requester]],
    "chat.close": [[is_running, is_requester], [is_running, is_in_charge, has_level]],
    "chat.leave": [[is_running, is_agent, is_not_in_charge, has_level]],
    "chat.dismiss": [[is_closed, is_agent, is_joined]],
}

REASONS = {
    "chat.read": "This chat is not yours to see.",
    "chat.write": "You cannot write in this chat.",
    "chat.take": "Only agents with owner level on this channel can accept.",
    "chat.move": "Only agents with owner level on this channel can change it.",
    "chat.withdraw": "This request cannot be withdrawn any more.",
    "chat.close": "Only the agent in charge or the requester can close this chat.",
    "chat.leave": "You cannot leave this chat.",
    "chat.dismiss": "Only a closed chat can be dismissed.",
}
