"""Presence circles (row 9): pink, black, red, yellow, green, in this order of precedence."""

from dataclasses import dataclass, replace
from typing import Any

from helpdesk import settings
from helpdesk.accounts.models import AGENT, EXTERNAL, INTERNAL
from helpdesk.realtime.models import ACTIVE, AWAY, OFFLINE, Presence
from helpdesk.web import iso

INACTIVE, UNAVAILABLE = "inactive", "unavailable"
LABELS = {
    ACTIVE: "active",
    AWAY: "away: last active {at}, limit {limit} min",
    OFFLINE: "offline: signed out or not connected",
    UNAVAILABLE: "unavailable: set so by the agent",
}
# Room for the changes of one circle in one version of a chat: with another agent in charge it never falls.
ROOM = 2**20
# What a statement selects to draw a circle, beside the person's id, kind and availability.
FACTS = (Presence.shown, Presence.active_at, Presence.version.label("presence_version"))


@dataclass(frozen=True, slots=True)
class Circle:
    """What is shown before a name: `state` with `label` as its reason; `key` finds it again.

    `active_at` (ISO 8601, or "") is when somebody who is away was last active: pages say how long ago.
    """

    key: str
    state: str
    label: str
    version: int
    active_at: str = ""


def of_person(row: Any, *, key: str = "", for_guests: bool = False) -> Circle:
    """The circle of anybody; `row` has person_id, kind, availability and FACTS.

    To guests an agent on *internal* is unavailable too.
    """
    state, limit = row.shown or OFFLINE, settings.get("ChatEngine::CustomerOnlineThreshold")
    if row.kind == AGENT:
        limit = settings.get("ChatEngine::AgentOnlineThreshold")
        if state != OFFLINE and row.availability < (EXTERNAL if for_guests else INTERNAL):
            state = UNAVAILABLE
    at = row.active_at if state == AWAY else None
    label = LABELS[state].format(limit=limit, at=f"{at:%H:%M} UTC" if at else "a while ago")
    return Circle(key or str(row.person_id), state, label, row.presence_version or 0, iso(at) if at else "")


def for_guest(row: Any, chat: Any) -> Circle:
    """The circle of the agent in charge as the guest of `chat` (public_id, guest_version) sees it."""
    circle = of_person(row, key=f"agent-{chat.public_id}", for_guests=True)
    return replace(circle, version=guest_version(chat, row))


def guest_version(chat: Any, agent: Any) -> int:
    """Return the version of what a guest sees of his chat and of the circle of who is in charge, if any."""
    return int(chat.guest_version) * ROOM + ((agent.presence_version or 0) if agent else 0)


def gone(version: int | None = 0) -> Circle:
    """The circle of somebody who left the chat."""
    return Circle("", INACTIVE, "inactive: has left this chat", version or 0)


def not_yet(version: int | None = 0) -> Circle:
    """The circle of somebody who has not accepted yet."""
    return Circle("", INACTIVE, "inactive: has not accepted yet", version or 0)


def frame(circle: Circle) -> dict[str, Any]:
    """Return the socket frame that brings a circle up to date on every page that shows it."""
    return {
        "presence": circle.key,
        "state": circle.state,
        "label": circle.label,
        "version": circle.version,
        "active_at": circle.active_at,
    }
