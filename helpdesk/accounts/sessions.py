"""Signed-in sessions of agents and customer users: rows, named by a random token in the door's cookie."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, request
from sqlalchemy import ColumnElement, bindparam, delete, insert, literal, select, union_all, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from helpdesk import settings
from helpdesk.access import AUTOMATIC_HEADER, Door, door_of, is_socket
from helpdesk.accounts import listeners, tokens
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import AGENT, CUSTOMER, Person, SignIn, VisitorToken
from helpdesk.config import Config
from helpdesk.database import db, now, transaction

log = logging.getLogger(__name__)

KINDS = {Door.AGENT: AGENT, Door.EXTERNAL: CUSTOMER}
TOUCH_AFTER = timedelta(minutes=1)
MOST_AT_ONCE = 1_000

# Core on the tables, not the mapped classes: this runs before every request.
_session, _person, _visit = SignIn.__table__, Person.__table__, VisitorToken.__table__
_is_alive: list[ColumnElement[bool]] = [
    _person.c.is_valid,
    _session.c.expires_at > bindparam("now"),
    _session.c.created_at > bindparam("begun_after"),
    _session.c.last_used_at > bindparam("idle_after"),
]
IDENTITY = (_person.c.id, _person.c.kind, _person.c.name, _person.c.company_id)
RIGHTS = (_person.c.access_version, _person.c.availability)
LOAD = (
    select(_session.c.id, _session.c.last_used_at, *IDENTITY, *RIGHTS)
    .select_from(_session.join(_person))
    .where(_session.c.token_hash == bindparam("hash"), _person.c.kind == bindparam("kind"), *_is_alive)
)
ALIVE = union_all(
    select(_person.c.kind, literal("s"), _session.c.id)
    .select_from(_session.join(_person))
    .where(_session.c.id.in_(bindparam("sessions", expanding=True)), *_is_alive),
    select(_person.c.kind, literal("v"), _visit.c.id)
    .select_from(_visit.join(_person, _visit.c.person_id == _person.c.id))
    .where(
        _visit.c.id.in_(bindparam("visits", expanding=True)),
        _person.c.is_valid,
        _visit.c.expires_at > bindparam("now"),
    ),
)


def load() -> Identity | None:
    """Return who is behind the cookie of the request's door, in one query; None when nobody is.

    A deed (not a socket, not an automatic request) keeps the session alive, noted once a minute.
    """
    door = door_of(request.path)
    if door is None or door not in KINDS:
        return None
    token = request.cookies.get(door.cookie)
    if token is None or not tokens.is_plausible(token):
        return None
    at = now()
    values = {"hash": tokens.hash_of(token), "kind": KINDS[door], **_limits(at)}
    row = db.session.connection().execute(LOAD, values).first()
    if row is None:
        return None
    key, used_at, person_id, kind, name, company_id, access_version, availability = row
    if used_at < at - TOUCH_AFTER and not is_socket() and AUTOMATIC_HEADER not in request.headers:
        _touch(key, at)
    return Identity(person_id, kind, name, company_id, f"s{key}", access_version, availability)


def start(tx: Session, person_id: int, address: str, browser: str) -> str:
    """Add a session for this person and return its token, which is told nobody else."""
    token, at = tokens.make(), now()
    values = {
        "token_hash": tokens.hash_of(token),
        "person_id": person_id,
        "created_at": at,
        "last_used_at": at,
        "expires_at": at + timedelta(hours=settings.get("Session::AbsoluteLimit")),
        "address": address[:45],
        "browser": "".join(filter(str.isprintable, browser))[:200],
    }
    tx.execute(insert(SignIn).values(values))
    return token


def end(tx: Session, token: str) -> int | None:
    """End the session of this token and announce it; return whose it was, None when there was none."""
    return _end(tx, SignIn.token_hash == tokens.hash_of(token))


def end_others(tx: Session, person_id: int, session_key: str) -> None:
    """End every session of this person but the one of `session_key`, and announce each."""
    _end(tx, (SignIn.person_id == person_id) & (SignIn.id != int(session_key[1:])))


def end_all(tx: Session, person_id: int) -> None:
    """End every session and every visitor's capability of this person and announce each."""
    _end(tx, SignIn.person_id == person_id)
    gone = delete(VisitorToken).where(VisitorToken.person_id == person_id).returning(VisitorToken.id)
    for key in tx.scalars(gone).all():
        listeners.signed_out(tx, person_id, f"v{key}")


def is_valid(kind: str, session_key: str) -> bool:
    """Tell whether this session of a person of `kind` would still let in; one query."""
    return not invalid([(kind, session_key)])


def invalid(sessions: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of the pairs (kind, session key) that let nobody in any more; one query per 1,000."""
    asked = list(set(sessions))
    alive: set[tuple[str, str]] = set()
    with db.engine.connect() as connection:
        for first in range(0, len(asked), MOST_AT_ONCE):
            keys = [key for _, key in asked[first : first + MOST_AT_ONCE]]
            values = {"sessions": _numbers("s", keys), "visits": _numbers("v", keys), **_limits(now())}
            alive.update(
                (kind, f"{letter}{number}") for kind, letter, number in connection.execute(ALIVE, values)
            )
    return set(asked) - alive


def set_cookie(response: Response, door: Door, token: str) -> None:
    """Give the browser its session; it forgets it when it is closed."""
    response.set_cookie(door.cookie, token, **_cookie(door))


def clear_cookie(response: Response, door: Door) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(door.cookie, **_cookie(door))


def clean() -> None:
    """Delete sessions and visitors' capabilities that are over, and commit; `invalid` finds their sockets."""
    limits = _limits(now())
    with transaction() as tx:
        tx.execute(
            delete(SignIn).where(
                (SignIn.expires_at < limits["now"])
                | (SignIn.created_at < limits["begun_after"])
                | (SignIn.last_used_at < limits["idle_after"])
            )
        )
        tx.execute(delete(VisitorToken).where(VisitorToken.expires_at < limits["now"]))


def _limits(at: datetime) -> dict[str, datetime]:
    return {
        "now": at,
        "begun_after": at - timedelta(hours=settings.get("Session::AbsoluteLimit")),
        "idle_after": at - timedelta(minutes=settings.get("Session::IdleLimit")),
    }


def _touch(key: int, at: datetime) -> None:
    """A database that takes no writes just now must not keep people from reading."""
    is_due = (SignIn.id == key) & (SignIn.last_used_at < at - TOUCH_AFTER)
    try:
        with transaction() as tx:
            tx.execute(update(SignIn).where(is_due).values(last_used_at=at))
    except OperationalError as error:
        log.warning("the use of a session was not noted: %s", error.orig)


def _end(tx: Session, which: ColumnElement[bool]) -> int | None:
    person_id = None
    for key, person_id in tx.execute(
        delete(SignIn).where(which).returning(SignIn.id, SignIn.person_id)
    ).all():
        listeners.signed_out(tx, person_id, f"s{key}")
    return person_id


def _numbers(letter: str, keys: list[str]) -> list[int]:
    return [int(key[1:]) for key in keys if key[:1] == letter and key[1:].isdecimal()]


def _cookie(door: Door) -> dict[str, Any]:
    config: Config = current_app.config["HELPDESK"]
    path = f"{request.script_root}/{door.value}"
    return {"path": path, "secure": config.is_https, "httponly": True, "samesite": "Lax"}
