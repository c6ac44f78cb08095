"""What people choose for themselves; what is not chosen is as it was made."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask import g
from sqlalchemy import JSON, bindparam, select, text
from sqlalchemy.orm import Session

from helpdesk.accounts.identity import identity_or_none
from helpdesk.accounts.models import Preference
from helpdesk.database import db
from helpdesk.web import Invalid

SOUNDS = ("off", "once", "repeat")
# In which English times, dates and numbers are written: it is the one language of the pages so far.
LANGUAGES = {
    "en-AU": "English (Australia)",
    "en-CA": "English (Canada)",
    "en-IN": "English (India)",
    "en-IE": "English (Ireland)",
    "en-NZ": "English (New Zealand)",
    "en-ZA": "English (South Africa)",
    "en-GB": "English (United Kingdom)",
    "en-US": "English (United States)",
}
LOUDEST = 100
ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
_KEEP = text(
    "INSERT INTO preference (person_id, choices) VALUES (:person, :choices)"
    " ON CONFLICT (person_id) DO UPDATE SET choices = excluded.choices"
).bindparams(bindparam("choices", type_=JSON))


@dataclass(frozen=True, slots=True)
class Preferences:
    """The first four say of what he is told; `volume` is in percent; `monitoring` is where new chats start.

    `time_zone` is an IANA name and `language` a key of LANGUAGES, "" for that of each browser.
    """

    requests: bool = True
    personal: bool = True
    answers: bool = True
    monitored: bool = True
    sound: str = "once"
    volume: int = 50
    monitoring: int = 0
    time_zone: str = ""
    language: str = ""

    @property
    def told(self) -> list[str]:
        """Return the names of what he is told of."""
        return [name for name in TOLD if getattr(self, name)]


TOLD = ("requests", "personal", "answers", "monitored")
_NAMES = frozenset(each.name for each in fields(Preferences))


def of(session: Any, person_id: int) -> Preferences:
    """Return a person's preferences; `session` is the read session, or the transaction he acts in."""
    kept: dict[str, Any] | None = session.scalar(
        select(Preference.choices).where(Preference.person_id == person_id)
    )
    return Preferences(**{name: value for name, value in (kept or {}).items() if name in _NAMES})


def own() -> Preferences:
    """Return those of who is asking, read once per request."""
    if "preferences" not in g:
        who = identity_or_none()
        g.preferences = of(db.session, who.person_id) if who else Preferences()
    found: Preferences = g.preferences
    return found


def keep(tx: Session, person_id: int, chosen: Preferences) -> None:
    """Store a person's preferences."""
    tx.execute(_KEEP, {"person": person_id, "choices": asdict(chosen)})


def typed(form: Mapping[str, str]) -> Preferences:
    """Return what a form says, a missing tick being a no; raises Invalid with the field that is odd."""
    return Preferences(
        **{name: name in form for name in TOLD},
        sound=_one_of("sound", form.get("sound", "once"), SOUNDS),
        volume=_number("volume", form.get("volume", "50"), LOUDEST),
        monitoring=_number("monitoring", form.get("monitoring", "0"), 2),
        time_zone=_one_of("time_zone", form.get("time_zone", ""), ("", *zones())),
        language=_one_of("language", form.get("language", ""), ("", *LANGUAGES)),
    )


@cache
def zones() -> tuple[str, ...]:
    """Return the time zones to choose from, by name: those of a place, and UTC."""
    return tuple(sorted(zone for zone in available_timezones() if _is_place(zone)))


def own_zone(named: str) -> ZoneInfo:
    """Return the time zone of who is asking: his choice, else what his browser names, else UTC."""
    return zone_of(own().time_zone or named)


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that name; UTC for anything that is none."""
    try:
        return ZoneInfo(name if ZONE.fullmatch(name) else "UTC")
    except (OSError, ValueError, KeyError):
        return ZoneInfo("UTC")


def for_pages() -> dict[str, str]:
    """Give the layout of every page its reader's time zone and language."""
    who = identity_or_none()
    found = own() if who is not None and who.is_agent else Preferences()
    return {"time_zone": found.time_zone, "language": found.language}


def _is_place(zone: str) -> bool:
    return zone == "UTC" or ("/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix", "right")))


def _one_of(field: str, typed: str, offered: tuple[str, ...]) -> str:
    if typed not in offered:
        raise Invalid(field, "Please choose one of those offered.")
    return typed


def _number(field: str, typed: str, most: int) -> int:
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else most + 1
    if number > most:
        raise Invalid(field, f"Please choose a number from 0 to {most}.")
    return number
