"""The availability button (row 8): the agent's stated intent, which nothing but the agent changes."""

import json
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk import events, realtime
from helpdesk.accounts.models import EXTERNAL, UNAVAILABLE, Person
from helpdesk.chat import channels, tell
from helpdesk.chat.permissions import OWNER_RANK
from helpdesk.database import announce, db, now
from helpdesk.realtime.models import Presence

NAMES = {0: "unavailable", 1: "internal", 2: "internal and external"}


def set_to(tx: Session, person_id: int, availability: int) -> None:
    """Store the position and announce it to the agent's tabs and to all who see his circle."""
    tx.execute(
        update(Person)
        .where(Person.id == person_id, Person.availability != availability)
        .values(availability=availability, availability_changed_at=now())
        .execution_options(synchronize_session=False)
    )
    tx.execute(
        update(Presence)
        .where(Presence.person_id == person_id)
        .values(version=Presence.version + 1)
        .execution_options(synchronize_session=False)
    )
    events.record(tx, person_id, "availability.changed", "person", person_id, to=NAMES[availability])
    announce(tx, lambda: realtime.publish(f"person:{person_id}", json.dumps({"self": True})))
    announce(tx, lambda: tell.circles_of([person_id]))


def step(tx: Session, person_id: int) -> None:
    """Go to the next of the three positions."""
    current = tx.scalar(select(Person.availability).where(Person.id == person_id)) or UNAVAILABLE
    set_to(tx, person_id, (current + 1) % 3)


def notice(choices: list[Any], availability: int) -> str:
    """Return why customers cannot reach the agent of these channels, or "" when they can or never could."""
    owned = [row for row in choices if row.rank == OWNER_RANK]
    if not owned:
        return ""
    if availability != EXTERNAL:
        return f"Customers cannot reach you: you are set to {NAMES[availability]}."
    if not any(row.is_chosen for row in owned):
        return "Customers cannot reach you: none of your channels is among My Chat Channels."
    return ""


def mend(tx: Session, person_id: int) -> None:
    """Make the agent reachable: external, with every channel he owns among his own if none was."""
    set_to(tx, person_id, EXTERNAL)
    rows = channels.choices_of(person_id, tx)
    if not any(row.is_chosen and row.rank == OWNER_RANK for row in rows):
        chosen = {row.id for row in rows if row.is_chosen or row.rank == OWNER_RANK}
        channels.choose(tx, person_id, chosen)


def current(person_id: int) -> int:
    """Return the agent's position: 0 unavailable, 1 internal, 2 internal and external."""
    return db.session.scalar(select(Person.availability).where(Person.id == person_id)) or UNAVAILABLE
