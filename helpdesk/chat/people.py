"""Logged-In Users (row 24): who is connected now, and whom of them this agent can ask for a chat."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import AGENT, CUSTOMER, Company, Person
from helpdesk.chat import channels, circles, personal
from helpdesk.database import db
from helpdesk.realtime.models import OFFLINE, Presence

PAGE = 50
MOST_PEOPLE = 1000
LONGEST_WORDS = 100
TABS = {"agents": AGENT, "customers": CUSTOMER}


@dataclass(frozen=True, slots=True)
class Logged:
    """A person who is connected; `may_ask` says whether the reader can start a chat with him now."""

    person_id: int
    name: str
    company_name: str
    circle: circles.Circle
    may_ask: bool


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """One tab of the widget: at most `most` people by name; `counts` holds the figure of each tab."""

    tab: str
    words: str
    most: int
    people: list[Logged]
    has_more: bool
    counts: dict[str, int]
    etag: str


_IS_HERE = and_(Person.is_valid, Presence.shown != OFFLINE)
_PEOPLE = (
    select(
        Person.id.label("person_id"),
        Person.name,
        Person.kind,
        Person.availability,
        Company.name.label("company_name"),
        personal.is_able().label("is_able"),
        *circles.FACTS,
    )
    .join(Presence, Presence.person_id == Person.id)
    .outerjoin(Company, Company.id == Person.company_id)
    .where(_IS_HERE)
    .order_by(func.lower(Person.name), Person.id)
)


def logged_in(reader: Identity, tab: str, words: str, most: int) -> LoggedIn:
    """Return the people of `tab` whose name or company holds `words`; two queries, three with icons."""
    kind, askable = TABS[tab], _askable(reader)
    found = db.session.execute(_PEOPLE.where(Person.kind == kind, _holds(words)).limit(most + 1)).all()
    people = [_logged(row, askable, reader.person_id) for row in found[:most]]
    shown = (tab, words, most, people, len(found) > most, _counts())
    return LoggedIn(*shown, etag=hashlib.sha256(repr(shown).encode()).hexdigest()[:20])


def _askable(reader: Identity) -> frozenset[str]:
    """Return the directions in which this agent can ask; none without a level, or while chat is off."""
    if not settings.get("ChatEngine::Active") or not channels.levels_of(reader.person_id):
        return frozenset()
    return personal.directions()


def _holds(words: str) -> ColumnElement[bool]:
    wanted = words.lower()
    return or_(
        func.lower(Person.name).contains(wanted, autoescape=True),
        func.lower(Company.name).contains(wanted, autoescape=True),
    )


def _logged(row: Any, askable: frozenset[str], me: int) -> Logged:
    may_ask = row.is_able and personal.DIRECTIONS[row.kind] in askable and row.person_id != me
    circle = circles.of_person(row)
    return Logged(row.person_id, row.name, row.company_name or "", circle, may_ask)


def _counts() -> dict[str, int]:
    counted = select(Person.kind, func.count()).join(Presence, Presence.person_id == Person.id)
    found: dict[str, int] = dict(list(db.session.execute(counted.where(_IS_HERE).group_by(Person.kind))))
    return {tab: found.get(kind, 0) for tab, kind in TABS.items()}
