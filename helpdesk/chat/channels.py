"""Channels: made, offered to customers and public, chosen by agents."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from helpdesk import realtime, settings
from helpdesk.accounts import permissions
from helpdesk.accounts.models import EXTERNAL, Person
from helpdesk.accounts.permissions import GROUP_LEVELS
from helpdesk.chat.models import CUSTOMER, PUBLIC, TO_CUSTOMER, Channel, ChannelChoice
from helpdesk.chat.permissions import OWNER_RANK
from helpdesk.database import announce, db, now
from helpdesk.web import Invalid, clean_text

CHOSEN_AFTER_S = 1
# Whose channels a chat of each external direction may be in.
AUDIENCE = {PUBLIC: PUBLIC, CUSTOMER: CUSTOMER, TO_CUSTOMER: CUSTOMER}
_KINDS = {CUSTOMER: "Customer", PUBLIC: "Public"}
_CHOOSE = text(
    "INSERT INTO channel_choice (person_id, channel_id, is_chosen) VALUES (:person, :channel, :chosen)"
    " ON CONFLICT (person_id, channel_id) DO UPDATE SET is_chosen = excluded.is_chosen"
)


def create(
    tx: Session,
    name: str,
    group_id: int,
    *,
    is_for_customers: bool,
    is_for_public: bool,
    is_default: bool = False,
) -> int:
    """Add a channel and return its id."""
    channel = Channel(
        name=clean_text(name, field="name", most=200),
        group_id=group_id,
        is_for_customers=is_for_customers,
        is_for_public=is_for_public,
        is_default=is_default,
    )
    tx.add(channel)
    tx.flush()
    return channel.id


def ensure_default(tx: Session, group_id: int, *, is_offered: bool = True) -> int:
    """Return the id of *Default channel*; made on a fresh system, offered to customers and public (row 2)."""
    found = tx.scalar(select(Channel.id).where(Channel.is_default))
    if found is not None:
        return found
    return create(
        tx,
        "Default channel",
        group_id,
        is_for_customers=is_offered,
        is_for_public=is_offered,
        is_default=True,
    )


def default_id(session: Any) -> int:
    """Return the id of *Default channel*: what names no channel is in it (row 5)."""
    return int(session.scalar(select(Channel.id).where(Channel.is_default)))


def levels_of(person_id: int) -> dict[int, int]:
    """Return the agent's rank per channel id: 3 owner, 2 participant, 1 observer. One query, never cached."""
    rows = db.session.execute(
        select(Channel.id, func.max(GROUP_LEVELS.c.rank))
        .join(GROUP_LEVELS, GROUP_LEVELS.c.group_id == Channel.group_id)
        .where(GROUP_LEVELS.c.person_id == person_id)
        .group_by(Channel.id)
    )
    return dict(list(rows))


def choices_of(person_id: int, session: Any = None) -> list[Any]:
    """Return rows (id, name, rank, is_chosen) of the channels an agent has a level on, by name.

    Inside a transaction pass it as `session`: the read session would keep its older view behind it.
    """
    chosen = func.coalesce(ChannelChoice.is_chosen, func.max(GROUP_LEVELS.c.rank) == OWNER_RANK)
    return list(
        (session or db.session).execute(
            select(
                Channel.id,
                Channel.name,
                func.max(GROUP_LEVELS.c.rank).label("rank"),
                chosen.label("is_chosen"),
            )
            .join(GROUP_LEVELS, GROUP_LEVELS.c.group_id == Channel.group_id)
            .outerjoin(
                ChannelChoice,
                and_(ChannelChoice.channel_id == Channel.id, ChannelChoice.person_id == person_id),
            )
            .where(GROUP_LEVELS.c.person_id == person_id)
            .group_by(Channel.id, Channel.name, ChannelChoice.is_chosen)
            .order_by(Channel.name)
        )
    )


def choose(tx: Session, person_id: int, channel_ids: Iterable[int]) -> None:
    """Store the agent's *My Chat Channels*: every channel he has a level on is ticked or unticked."""
    wanted = set(channel_ids)
    mine = tx.scalars(
        select(Channel.id)
        .join(GROUP_LEVELS, GROUP_LEVELS.c.group_id == Channel.group_id)
        .where(GROUP_LEVELS.c.person_id == person_id)
    )
    rows = [{"person": person_id, "channel": each, "chosen": each in wanted} for each in sorted(set(mine))]
    if rows:
        tx.execute(_CHOOSE, rows)
    announce(tx, lambda: realtime.publish(f"person:{person_id}", '{"refresh": true}'))


def offered(session: Any, audience: str) -> list[Any]:
    """Return rows (id, name) of the channels on offer to "customer" or "public" now (row 12), by name.

    `session` is the read session, or the transaction that is about to create the request.
    """
    if not may_ask(audience):
        return []
    statement = _of_audience(audience)
    if settings.get(f"ChatEngine::AvailabilityCheck::{_KINDS[audience]}"):
        statement = statement.where(_is_somebody_there())
    return list(session.execute(statement))


def of_audience(session: Any, audience: str) -> list[Any]:
    """Return rows (id, name) of the channels of "customer" or "public" whoever is there, by name."""
    return list(session.execute(_of_audience(audience)))


def may_ask(audience: str) -> bool:
    """Tell whether this audience may turn to agents at all (row 4)."""
    return bool(settings.get(f"ChatEngine::ChatDirection::{_KINDS[audience]}ToAgent"))


def _of_audience(audience: str) -> Any:
    flag = Channel.is_for_customers if audience == CUSTOMER else Channel.is_for_public
    return select(Channel.id, Channel.name).where(Channel.validity == "valid", flag).order_by(Channel.name)


def name_on_offer(session: Any, direction: str, channel_id: int) -> str:
    """Return the name of a channel that a chat of this direction may go to now (row 12); raises Invalid."""
    names = {row.id: row.name for row in offered(session, AUDIENCE[direction])}
    if channel_id not in names:
        raise Invalid("channel", "This channel is not available at the moment.")
    return str(names[channel_id])


def choice_for(session: Any, chat: Any) -> list[tuple[int, str]]:
    """Return (id, name) of the chat's own channel and those on offer to its guest now, by name."""
    names = {row.id: row.name for row in offered(session, AUDIENCE[chat.direction])}
    names[chat.channel_id] = chat.channel_name
    return sorted(names.items(), key=lambda each: each[1])


def has_level(person_id: Any, channel_id: Any, least: int) -> ColumnElement[bool]:
    """Return SQL that is true where the person has at least this rank; takes values and columns."""
    channel = aliased(Channel)
    levels = permissions.has_level(person_id, channel.group_id, least)
    return exists(select(channel.id).where(channel.id == channel_id, levels).correlate_except(channel))


def _is_somebody_there() -> Any:
    """An owner who has the channel among his own, is external and connected; from 1 s after the click."""
    levels = GROUP_LEVELS
    choice = select(ChannelChoice.is_chosen).where(
        ChannelChoice.person_id == Person.id, ChannelChoice.channel_id == Channel.id
    )
    settled = now() - timedelta(seconds=CHOSEN_AFTER_S)
    return exists(
        select(Person.id)
        .join(levels, levels.c.person_id == Person.id)
        .where(
            levels.c.group_id == Channel.group_id,
            levels.c.rank == OWNER_RANK,
            Person.is_valid,
            Person.availability == EXTERNAL,
            or_(Person.availability_changed_at.is_(None), Person.availability_changed_at <= settled),
            func.coalesce(choice.correlate(Person, Channel).scalar_subquery(), True),
            realtime.is_connected(Person.id),
        )
        .correlate(Channel)
    )


def hold(tx: Session, channel_ids: Iterable[int]) -> None:
    """Lock these channels in one order: of two requests that cross, one waits for the other."""
    rows = select(Channel.id).where(Channel.id.in_(list(channel_ids))).order_by(Channel.id)
    tx.execute(rows.with_for_update(key_share=True)).all()


def touch(tx: Session, channel_id: int) -> int:
    """Move the version of a channel's request lists and return it; the row lock puts changes in order."""
    moved = tx.execute(
        update(Channel)
        .where(Channel.id == channel_id)
        .values(version=Channel.version + 1)
        .returning(Channel.version)
    )
    return int(moved.scalar_one())
