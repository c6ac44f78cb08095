"""Request lists: rows, counts and their versions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from helpdesk.accounts.models import AGENT, CUSTOMER, VISITOR, Company, Person
from helpdesk.chat import circles
from helpdesk.chat.models import ACTIVE, GUEST, PUBLIC, REQUEST, Channel, Chat, HandOver, Participation
from helpdesk.chat.models import AGENT as INTERNAL
from helpdesk.chat.models import CUSTOMER as FROM_CUSTOMER
from helpdesk.chat.reach import IS_FOR_ME
from helpdesk.realtime.models import Presence
from helpdesk.web import iso

MOST_ROWS = 50
TYPES = {AGENT: "Agent", CUSTOMER: "Customer", VISITOR: "Public"}  # by the requester's kind
KINDS = {CUSTOMER: FROM_CUSTOMER, VISITOR: PUBLIC}
PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Row:
    """A waiting request as the lists show it; `kind` names the widget it stands in.

    A chat on offer says so in its `note`, and when the offer lapses (`until`, ISO 8601; "" = not by itself).
    """

    public_id: str
    created_at: str
    type: str
    kind: str
    channel_id: int
    channel_name: str
    requester_name: str
    company_name: str
    circle: circles.Circle
    description: str
    version: int
    note: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many requests wait in a channel, by kind, and how many chats run; `version` is the channel's.

    Chats between agents are nobody else's business (row 5) and not counted.
    """

    channel_id: int
    customer: int
    public: int
    version: int
    name: str
    running: int


_COLUMNS = (
    select(
        Chat.public_id,
        Chat.created_at,
        Chat.target_id,
        Chat.channel_id,
        Chat.description,
        Chat.version,
        Channel.name.label("channel_name"),
        Participation.name.label("requester_name"),
        Person.kind,
        Person.availability,
        Company.name.label("company_name"),
        Person.id.label("person_id"),
        *circles.FACTS,
    )
    .join(Channel, Channel.id == Chat.channel_id)
    .join(Participation, Participation.chat_id == Chat.id)
    .join(Person, Person.id == Participation.person_id)
    .outerjoin(Company, Company.id == Person.company_id)
    .outerjoin(Presence, Presence.person_id == Person.id)
)
_ROW = _COLUMNS.where(Participation.person_id == Chat.requester_id)
_BY = aliased(Person)
_OFFERED = (
    _COLUMNS.add_columns(HandOver.offered_at, HandOver.until, _BY.name.label("by"))
    .join(HandOver, HandOver.chat_id == Chat.id)
    .join(_BY, _BY.id == HandOver.by_id)
    .where(Participation.mode == GUEST, Chat.state == ACTIVE, IS_FOR_ME)
    .order_by(HandOver.offered_at, Chat.id)
)


def row(session: Any, chat_id: int) -> Row:
    """Return the row of one request."""
    return _row(session.execute(_ROW.where(Chat.id == chat_id)).one())


def waiting(session: Any, kind: str, channel_ids: Iterable[int]) -> tuple[list[Row], bool]:
    """Return the requests of `kind` in these channels, oldest first, at most MOST_ROWS; and if more wait."""
    return _oldest(session, Chat.direction == kind, Chat.channel_id.in_(list(channel_ids)))


def personal(session: Any, person_id: int) -> tuple[list[Row], bool]:
    """Return what waits for this person alone: chats offered to him, then requests, in the same way."""
    offers = session.execute(_OFFERED.limit(MOST_ROWS), {"me": person_id}).all()
    rows, has_more = _oldest(session, Chat.target_id == person_id)
    return [*map(_offer, offers), *rows][:MOST_ROWS], has_more or len(offers) == MOST_ROWS


def count_personal(session: Any, person_id: int) -> int:
    """Return how many requests and offers wait for this person alone."""
    asked = select(func.count()).where(Chat.state == REQUEST, Chat.target_id == person_id)
    offers = (
        select(func.count())
        .select_from(HandOver)
        .join(Chat, Chat.id == HandOver.chat_id)
        .where(Chat.state == ACTIVE, IS_FOR_ME)
    )
    both = select(asked.scalar_subquery() + offers.scalar_subquery())
    return int(session.scalar(both, {"me": person_id}) or 0)


def circles_mark(session: Any, kind: str, channel_ids: Iterable[int]) -> str:
    """Return a text that moves when a circle in the list changes; cheap, for the version check."""
    mark = session.execute(
        select(func.count(), func.coalesce(func.sum(Presence.version), 0))
        .select_from(Chat)
        .outerjoin(Presence, Presence.person_id == Chat.requester_id)
        .where(Chat.state == REQUEST, Chat.direction == kind, Chat.channel_id.in_(list(channel_ids)))
    ).one()
    return f"{mark[0]}.{mark[1]}"


def counts(session: Any, channel_ids: Iterable[int]) -> list[Count]:
    """Return one count per channel, those without requests too, by channel id."""
    waits, runs = Chat.state == REQUEST, and_(Chat.state == ACTIVE, Chat.direction != INTERNAL)
    found = session.execute(
        select(
            Channel.id,
            func.count(Chat.id).filter(waits, Chat.direction == FROM_CUSTOMER).label("customer"),
            func.count(Chat.id).filter(waits, Chat.direction == PUBLIC).label("public"),
            Channel.version,
            Channel.name,
            func.count(Chat.id).filter(runs).label("running"),
        )
        .outerjoin(Chat, and_(Chat.channel_id == Channel.id, Chat.state.in_((REQUEST, ACTIVE))))
        .where(Channel.id.in_(list(channel_ids)))
        .group_by(Channel.id, Channel.version, Channel.name)
        .order_by(Channel.id)
    )
    return [Count(*each) for each in found]


def _oldest(session: Any, *conditions: Any) -> tuple[list[Row], bool]:
    waiting = _ROW.where(Chat.state == REQUEST, *conditions).order_by(Chat.created_at, Chat.id)
    found = session.execute(waiting.limit(MOST_ROWS + 1)).all()
    return [_row(each) for each in found[:MOST_ROWS]], len(found) > MOST_ROWS


def _row(found: Any) -> Row:
    return Row(
        public_id=found.public_id,
        created_at=iso(found.created_at),
        type=TYPES[found.kind],
        kind=PERSONAL if found.target_id else KINDS[found.kind],
        channel_id=found.channel_id,
        channel_name=found.channel_name,
        requester_name=found.requester_name,
        company_name=found.company_name or "",
        circle=circles.of_person(found),
        description=found.description,
        version=found.version,
    )


def _offer(found: Any) -> Row:
    """A chat on offer waits since it was offered, in the list of what is personal."""
    note = f"{found.by} offers you this chat." if found.until else f"The connection of {found.by} is lost."
    return replace(
        _row(found),
        kind=PERSONAL,
        created_at=iso(found.offered_at),
        note=note,
        until=iso(found.until) if found.until else "",
    )
