"""Presence circles (row 9): pink, black, red, yellow, green, in this order of precedence."""

from dataclasses import dataclass
from typing import Any

from helpdesk import settings
from helpdesk.accounts.models import AGENT, EXTERNAL, INTERNAL
from helpdesk.realtime.models import ACTIVE, AWAY, OFFLINE

INACTIVE, UNAVAILABLE = "inactive", "unavailable"


@dataclass(frozen=True, slots=True)
class Circle:
    """What is shown before a name: `state` with `label` as its reason; `key` finds it again."""

    key: str
    state: str
    label: str
    version: int


def of_guest(person_id: int, shown: str | None, version: int | None) -> Circle:
    """The circle of a customer user or visitor, for agents."""
    limit = settings.get("ChatEngine::CustomerOnlineThreshold")
    return Circle(str(person_id), shown or OFFLINE, _label(shown or OFFLINE, limit), version or 0)


def of_agent(
    key: str, shown: str | None, version: int | None, availability: int, *, for_guests: bool
) -> Circle:
    """The circle of an agent; to guests an agent on *internal* is unavailable too."""
    state = shown or OFFLINE
    least = EXTERNAL if for_guests else INTERNAL
    if state != OFFLINE and availability < least:
        state = UNAVAILABLE
    limit = settings.get("ChatEngine::AgentOnlineThreshold")
    return Circle(key, state, _label(state, limit), version or 0)


def of_person(person_id: int, row: Any) -> Circle:
    """The circle of anybody, for agents; `row` has kind, availability, shown and presence_version."""
    if row.kind == AGENT:
        facts = (row.shown, row.presence_version, row.availability)
        return of_agent(str(person_id), *facts, for_guests=False)
    return of_guest(person_id, row.shown, row.presence_version)


def gone(version: int | None = 0) -> Circle:
    """The circle of somebody who left the chat."""
    return Circle("", INACTIVE, "inactive: has left this chat", version or 0)


def not_yet(version: int | None = 0) -> Circle:
    """The circle of somebody who has not accepted yet."""
    return Circle("", INACTIVE, "inactive: has not accepted yet", version or 0)


def frame(circle: Circle) -> dict[str, Any]:
    """Return the socket frame that brings a circle up to date on every page that shows it."""
    return {"presence": circle.key, "state": circle.state, "label": circle.label, "version": circle.version}


def _label(state: str, limit_minutes: int) -> str:
    return {
        ACTIVE: "active",
        AWAY: f"away: no activity for more than {limit_minutes} min",
        OFFLINE: "offline: not connected",
        UNAVAILABLE: "unavailable",
    }[state]
