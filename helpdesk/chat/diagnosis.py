"""*Why can nobody chat?* For each channel: is it on offer, and which agent misses what (rows 12, 13)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from helpdesk import settings
from helpdesk.accounts.models import EXTERNAL, Person
from helpdesk.accounts.permissions import GROUP_LEVELS
from helpdesk.chat import channels
from helpdesk.chat.availability import NAMES
from helpdesk.chat.models import CUSTOMER, PUBLIC, Channel, ChannelChoice
from helpdesk.chat.permissions import OWNER_RANK
from helpdesk.database import db
from helpdesk.realtime.models import OFFLINE, Presence

PAGE = 25
MOST_OWNERS = 1000
AUDIENCES = {CUSTOMER: ("Customer", "customer users"), PUBLIC: ("Public", "public users")}


@dataclass(frozen=True, slots=True)
class Owner:
    """An agent with owner level; `missing` says what keeps customers from reaching him here."""

    name: str
    missing: list[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One channel: `reasons` by audience (its words → why it is not on offer; empty: it is)."""

    name: str
    reasons: dict[str, list[str]]
    owners: list[Owner]


def findings(page: int) -> tuple[list[Finding], bool]:
    """Return the channels of a page (from 0) by name with what is wrong there, and whether more follow."""
    listed = select(Channel).order_by(Channel.name).offset(page * PAGE).limit(PAGE + 1)
    found = list(db.session.scalars(listed))
    owners = _owners([channel.id for channel in found[:PAGE]])
    offered = {each: {row.id for row in channels.offered(db.session, each)} for each in AUDIENCES}
    return [_finding(each, owners.get(each.id, []), offered) for each in found[:PAGE]], len(found) > PAGE


def _finding(channel: Channel, owners: list[Owner], offered: dict[str, set[int]]) -> Finding:
    reasons = {
        words: [] if channel.id in offered[audience] else _reasons(channel, audience, owners)
        for audience, (_, words) in AUDIENCES.items()
    }
    return Finding(channel.name, reasons, owners)


def _reasons(channel: Channel, audience: str, owners: list[Owner]) -> list[str]:
    kind, words = AUDIENCES[audience]
    is_flagged = channel.is_for_customers if audience == CUSTOMER else channel.is_for_public
    is_checked = settings.get(f"ChatEngine::AvailabilityCheck::{kind}")
    nobody = "No agent has owner level here." if not owners else "No agent with owner level can be reached."
    wrong = {
        f"The channel is {channel.validity}.": channel.validity != "valid",
        f"It is not available to {words}.": not is_flagged,
        f"Setting ChatEngine::ChatDirection::{kind}ToAgent is off.": not settings.get(
            f"ChatEngine::ChatDirection::{kind}ToAgent"
        ),
        nobody: is_checked and all(owner.missing for owner in owners),
    }
    return [reason for reason, is_so in wrong.items() if is_so]


def _owners(channel_ids: list[int]) -> dict[int, list[Owner]]:
    chosen = func.coalesce(ChannelChoice.is_chosen, True).label("is_chosen")
    rows = db.session.execute(
        select(Channel.id, Person.name, Person.availability, chosen, Presence.shown)
        .join(GROUP_LEVELS, GROUP_LEVELS.c.group_id == Channel.group_id)
        .join(Person, Person.id == GROUP_LEVELS.c.person_id)
        .outerjoin(
            ChannelChoice,
            and_(ChannelChoice.channel_id == Channel.id, ChannelChoice.person_id == Person.id),
        )
        .outerjoin(Presence, Presence.person_id == Person.id)
        .where(Channel.id.in_(channel_ids), GROUP_LEVELS.c.rank == OWNER_RANK)
        .distinct()
        .order_by(Channel.id, Person.name)
        .limit(MOST_OWNERS)
    )
    found: dict[int, list[Owner]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(Owner(row.name, _missing(row)))
    return found


def _missing(row: Any) -> list[str]:
    wrong = {
        "is not connected": (row.shown or OFFLINE) == OFFLINE,
        f"is set to {NAMES[row.availability]}": row.availability != EXTERNAL,
        "has not ticked it in My Chat Channels": not row.is_chosen,
    }
    return [words for words, is_so in wrong.items() if is_so]
