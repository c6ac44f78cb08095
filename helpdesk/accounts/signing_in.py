"""Signing in and out: limited, recorded, with the same answer and work for every wrong pair."""

import json
import logging
import re
from dataclasses import dataclass
from typing import Any, TextIO, cast

from flask.logging import has_level_handler, wsgi_errors_stream
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk import events, settings
from helpdesk.access import Door
from helpdesk.accounts import limits, passwords, people, sessions
from helpdesk.accounts.models import Person
from helpdesk.database import db, now, transaction
from helpdesk.web import Refusal, TooMany

security_log = logging.getLogger("helpdesk.security")

WRONG = "User name or password is wrong."
TOO_MANY = "Too many wrong sign-ins."
LONGEST_NEXT = 500
# Plain segments only: no "//", no backslash, no percent sign, no dot at the beginning of a segment.
SAFE_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+/?(?:\?[A-Za-z0-9_.~=&-]*)?")

Found = tuple[int, str | None]


class WrongPair(Refusal):
    """User name and password do not fit; which of them is wrong is not told."""

    status = 422


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from; `token` is the session this browser has now, which will end."""

    address: str
    agent: str
    token: str | None


@dataclass(frozen=True, slots=True)
class Counter:
    """One limit as it stands for one attempt."""

    name: str
    subject: str
    most: int
    window_s: int


def sign_in(door: Door, typed: str, password: str, browser: Browser) -> str:
    """Return the token of a new session; raises WrongPair, TooMany. Commits."""
    kind, login = sessions.KINDS[door], people.login_typed(typed)
    counters = _counters(f"{kind} {login}", browser)
    _count(counters, browser)
    found = _find(kind, login)
    is_right = passwords.is_right(found[1] if found else None, password)
    token = _succeed(found, password, browser, counters) if found and is_right else None
    if token is None:
        _fail(found, f"{kind} {login}", browser)
        raise WrongPair(WRONG)
    return token


def begin(tx: Session, person_id: int, browser: Browser) -> str:
    """Start a session in place of the one this browser had, and record it; return its token."""
    if browser.token:
        sessions.end(tx, browser.token)
    events.record(tx, person_id, "sign_in.succeeded", "person", person_id)
    return sessions.start(tx, person_id, browser.address, browser.agent)


def sign_out(browser: Browser) -> None:
    """End the browser's session, at once and everywhere; harmless when there is none. Commits, announces."""
    person_id = None
    with transaction() as tx:
        if browser.token:
            person_id = sessions.end(tx, browser.token)
        if person_id is not None:
            events.record(tx, person_id, "sign_out", "person", person_id)
    if person_id is not None:
        log_event("sign_out", browser, person=person_id)


def safe_next(raw: str | None, door: Door) -> str:
    """Return a path of this door to go on to: `raw` if it plainly is one, else the door's first page."""
    home = f"/{door.value}/"
    if not raw or len(raw) > LONGEST_NEXT or not raw.startswith(home) or not SAFE_PATH.fullmatch(raw):
        return home
    is_about_signing = raw.startswith((f"{home}sign-in", f"{home}sign-out", f"{home}first-admin"))
    return home if is_about_signing else raw


def log_event(event: str, browser: Browser, **details: Any) -> None:
    """Write one security event as one line of JSON; `details` hold nothing that was typed and no token."""
    line = {"at": now().isoformat(), "event": event, "address": browser.address, **details}
    security_log.info(json.dumps(line))


def prepare_log() -> None:
    """See that security events are written even where nobody configured logging."""
    security_log.setLevel(logging.INFO)
    if not has_level_handler(security_log):
        security_log.addHandler(logging.StreamHandler(cast(TextIO, wsgi_errors_stream)))


def _counters(name: str, browser: Browser) -> list[Counter]:
    window_s = settings.get("SignIn::Period") * 60
    address = limits.network(browser.address)
    return [
        Counter("sign-in-name", name, settings.get("SignIn::WrongPerName"), window_s),
        Counter("sign-in-address", address, settings.get("SignIn::WrongPerAddress"), window_s),
    ]


def _count(counters: list[Counter], browser: Browser) -> None:
    """Count before the password is looked at: a thousand guesses at once must not all be first."""
    try:
        with transaction() as tx:
            for counter in counters:
                limits.take(tx, counter.name, counter.subject, counter.most, counter.window_s, why=TOO_MANY)
    except TooMany:
        log_event("sign_in.limited", browser)
        raise


def _find(kind: str, login: str) -> Found | None:
    is_it = (Person.kind == kind) & (Person.login == login) & Person.is_valid
    found = db.session.execute(select(Person.id, Person.password_hash).where(is_it)).first()
    db.session.rollback()
    return (found[0], found[1]) if found else None


def _succeed(found: Found, password: str, browser: Browser, counters: list[Counter]) -> str | None:
    """Return the token, or None when the password was changed or the person made invalid meanwhile."""
    person_id, password_hash = found
    renewed = passwords.make_hash(password) if passwords.is_outdated(password_hash or "") else password_hash
    is_still_so = (Person.id == person_id) & (Person.password_hash == password_hash) & Person.is_valid
    with transaction() as tx:
        if tx.execute(select(Person.id).where(is_still_so).with_for_update()).first() is None:
            return None
        if renewed != password_hash:
            tx.execute(update(Person).where(Person.id == person_id).values(password_hash=renewed))
        for counter in counters:
            limits.give_back(tx, counter.name, counter.subject, counter.window_s)
        token = begin(tx, person_id, browser)
    log_event("sign_in.succeeded", browser, person=person_id)
    return token


def _fail(found: Found | None, name: str, browser: Browser) -> None:
    person_id, login = (found[0] if found else None), limits.keyed("login", name)
    with transaction() as tx:
        events.record(tx, None, "sign_in.failed", "person", person_id, login=login)
    log_event("sign_in.failed", browser, person=person_id, login=login)
