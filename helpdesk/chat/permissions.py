"""Who may do what with a chat: one table, read by menus, routes, sockets and tests.

A right is granted when all predicates of any of its rows hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.chat.models import (
    ACTIVE,
    AGENT,
    CLOSED,
    GUEST,
    IN_CHARGE,
    INVITED,
    JOINED,
    OBSERVER,
    PARTICIPANT,
    REQUEST,
)
from helpdesk.chat.reasons import REASONS
from helpdesk.web import NotFound, Refusal

OWNER_RANK, PARTICIPANT_RANK, OBSERVER_RANK = 3, 2, 1


class Forbidden(Refusal):
    """The person sees the chat but may not do this with it."""

    status = 403


class ChatClosed(Refusal):
    """The person sees the chat, but it was over when he wanted to do this."""

    def __init__(self) -> None:
        super().__init__("This chat has been closed.")


@dataclass(frozen=True, slots=True)
class Relation:
    """What one person is to one chat. `rank` is his level on the channel now: 3 owner … 0 none.

    Who is in an internal chat, and an agent who asked a customer, needs no level: there it is 3. `mode`
    and `state` are None for who was never in it. `is_invited` is of who accepted an invitation to it,
    `is_offered` of whom it is handed over to if he wants.
    """

    identity: Identity
    chat: Any
    mode: str | None
    state: str | None
    name: str
    rank: int
    is_invited: bool = False
    is_offered: bool = False

    def may(self, right: str) -> bool:
        """Tell whether the person has this right on this chat."""
        return any(all(holds(self) for holds in row) for row in RIGHTS[right])

    def require(self, right: str) -> None:
        """Raise NotFound when the chat is not his to see, ChatClosed or Forbidden when `right` is not his."""
        if self.may(right):
            return
        if not self.may("chat.read"):
            raise NotFound()
        if is_closed(self):
            raise ChatClosed()
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


def is_general(r: Relation) -> bool:
    """Asks a channel, not a person."""
    return r.chat.target_id is None


def is_external(r: Relation) -> bool:
    """With a customer user or visitor."""
    return bool(r.chat.direction != AGENT)


def is_internal(r: Relation) -> bool:
    """Between agents."""
    return bool(r.chat.direction == AGENT)


def was_in(r: Relation) -> bool:
    """In the chat now, or was once."""
    return r.mode is not None


def is_requester(r: Relation) -> bool:
    """This person asked."""
    return bool(r.chat.requester_id == r.identity.person_id)


def is_target(r: Relation) -> bool:
    """This person is asked, and has not answered yet."""
    return r.state == INVITED and r.chat.target_id == r.identity.person_id


def is_guest(r: Relation) -> bool:
    """The customer user or visitor of this chat."""
    return r.mode == GUEST


def is_customer(r: Relation) -> bool:
    """A signed-in customer user."""
    return r.identity.is_customer


def was_accepted(r: Relation) -> bool:
    """It became a chat; a request that was declined or withdrawn never did."""
    return r.chat.accepted_at is not None


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


def is_observing(r: Relation) -> bool:
    """In the chat, unseen by its guest."""
    return r.state == JOINED and r.mode == OBSERVER


def is_participant(r: Relation) -> bool:
    """In the chat and seen in it, but it is somebody else's."""
    return r.state == JOINED and r.mode == PARTICIPANT


def is_taking_part(r: Relation) -> bool:
    """In the chat, and seen in it."""
    return r.state == JOINED and r.mode != OBSERVER


def is_outside(r: Relation) -> bool:
    """Not in the chat now."""
    return r.state != JOINED


def is_invited(r: Relation) -> bool:
    """Is in the internal chat in which he was invited to this one, and it runs."""
    return r.is_invited


def is_offered(r: Relation) -> bool:
    """Handed over to him if he wants."""
    return r.is_offered


def owns_channel(r: Relation) -> bool:
    """Owner level on the channel."""
    return r.rank >= OWNER_RANK


def may_participate(r: Relation) -> bool:
    """Participant level on the channel, or more."""
    return r.rank >= PARTICIPANT_RANK


def has_level(r: Relation) -> bool:
    """Any level on the channel."""
    return r.rank >= OBSERVER_RANK


def may_ask_agents(r: Relation) -> bool:
    """Chats between agents are switched on."""
    return bool(settings.get("ChatEngine::ChatDirection::AgentToAgent"))


def is_not_stored(r: Relation) -> bool:
    """No ticket holds it yet."""
    return r.chat.ticket_id is None


# Ends the chat for everybody, as the agent in charge may; between agents both sides may everything (row 5).
_STORES: list[list[Predicate]] = [
    [is_running, is_external, is_in_charge, owns_channel],
    [is_running, is_internal, is_agent, is_taking_part, owns_channel],
    [is_closed, is_agent, is_external, owns_channel, is_not_stored],
    [is_closed, is_agent, is_internal, was_in, is_not_stored],
]

RIGHTS: dict[str, list[list[Predicate]]] = {
    "chat.read": [
        [is_guest, is_requester],
        [is_guest, was_accepted],
        [is_agent, is_joined, has_level],
        [is_agent, is_request, is_target],
        [is_agent, is_running, is_offered],
        [is_agent, is_request, is_general, has_level],
        [is_agent, is_closed, is_external, has_level],
        [is_agent, is_closed, is_internal, was_in],
    ],
    "chat.write": [
        [is_open, is_guest, is_joined],
        [is_request, is_requester, is_joined],
        [is_running, is_agent, is_taking_part, may_participate],
    ],
    "chat.attach": [
        [is_open, is_guest, is_joined],
        [is_request, is_requester, is_joined],
        [is_running, is_agent, is_taking_part, may_participate],
    ],
    "chat.note": [[is_running, is_external, is_agent, is_taking_part, may_participate]],
    "chat.take": [[is_request, is_general, owns_channel], [is_request, is_target]],
    "chat.decline": [[is_request, is_target]],
    "chat.move": [[is_request, is_general, owns_channel]],
    "chat.withdraw": [[is_request, is_requester]],
    "chat.close": [[is_running, is_guest, is_joined], [is_running, is_in_charge, has_level]],
    "chat.leave": [[is_running, is_agent, is_not_in_charge, has_level]],
    "chat.monitor": [[is_open, is_agent, is_joined, has_level]],
    "chat.hand_over": [[is_running, is_external, is_in_charge, may_participate]],
    "chat.take_over": [[is_running, is_offered]],
    "chat.dismiss": [[is_closed, is_agent, is_joined]],
    "chat.download": [
        [is_agent, is_joined, has_level],
        [is_agent, is_closed, is_external, has_level],
        [is_agent, is_closed, is_internal, was_in],
        [is_guest, is_closed],
    ],
    "chat.mail": [[is_guest, is_closed, was_accepted]],
    "chat.make_ticket": [[is_guest, is_customer, is_closed, is_not_stored]],
    "chat.phone_ticket": [*_STORES],
    "chat.append": [*_STORES],
    "chat.invite": [[is_running, is_agent, is_taking_part, may_participate, may_ask_agents]],
    "chat.change_channel": [[is_running, is_external, is_agent, is_in_charge, owns_channel]],
    "chat.window": [[is_agent, is_joined, has_level]],
    "chat.observe": [
        [is_running, is_external, is_agent, is_outside, is_invited, has_level],
        [is_running, is_external, is_agent, is_outside, owns_channel],
        [is_running, is_external, is_agent, is_participant, has_level],
        [is_running, is_internal, is_agent, is_outside, is_invited],
        [is_running, is_internal, is_agent, is_participant, is_invited],
    ],
    "chat.participate": [
        [is_running, is_external, is_agent, is_outside, is_invited, may_participate],
        [is_running, is_external, is_agent, is_outside, owns_channel],
        [is_running, is_agent, is_observing, may_participate],
        [is_running, is_internal, is_agent, is_outside, is_invited],
    ],
}
