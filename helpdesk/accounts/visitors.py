"""Visitors: public users without a login, recognised by a capability of their own browser."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import Response, after_this_request, current_app, request
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from helpdesk.access import AUTOMATIC_HEADER, Door, is_socket
from helpdesk.accounts import tokens
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import VISITOR, Person, VisitorToken
from helpdesk.accounts.sessions import IDENTITY, RIGHTS, log
from helpdesk.config import Config
from helpdesk.database import db, now, transaction
from helpdesk.web import clean_name, clean_text

LASTS = timedelta(days=30)
SLIDE_AFTER = timedelta(days=1)
HEADER = "X-Visitor"
SUBPROTOCOL = "visitor."

_person, _visit = Person.__table__, VisitorToken.__table__
LOAD = (
    select(_visit.c.id, _visit.c.last_used_at, *IDENTITY, *RIGHTS)
    .select_from(_visit.join(_person, _visit.c.person_id == _person.c.id))
    .where(
        _visit.c.token_hash == bindparam("hash"),
        _person.c.kind == VISITOR,
        _person.c.is_valid,
        _visit.c.expires_at > bindparam("now"),
    )
)


def create(tx: Session, name: str, email: str | None = None) -> tuple[int, str]:
    """Add a visitor; return the person's id and the token for his browser. Raises Invalid (field "name")."""
    person = Person(
        kind=VISITOR,
        name=clean_name(name, field="name"),
        email=clean_text(email, field="email", most=254) or None,
        created_at=now(),
    )
    tx.add(person)
    tx.flush()
    return person.id, add_token(tx, person.id)


def add_token(tx: Session, person_id: int) -> str:
    """Add one more capability for this visitor and return it."""
    token, at = tokens.make(), now()
    tx.execute(
        insert(VisitorToken).values(
            token_hash=tokens.hash_of(token),
            person_id=person_id,
            created_at=at,
            last_used_at=at,
            expires_at=at + LASTS,
        )
    )
    return token


def load() -> Identity | None:
    """Return the visitor behind the request's cookie, else its header, else its socket's subprotocol."""
    for token in _offered():
        at = now()
        row = db.session.connection().execute(LOAD, {"hash": tokens.hash_of(token), "now": at}).first()
        if row is not None:
            key, used_at, person_id, kind, name, company_id, access_version, availability = row
            if used_at < at - SLIDE_AFTER and not is_socket() and AUTOMATIC_HEADER not in request.headers:
                _slide(key, at, token)
            return Identity(person_id, kind, name, company_id, f"v{key}", access_version, availability)
    return None


def set_cookie(response: Response, token: str) -> None:
    """Give the visitor's browser its capability, for as long as it is good."""
    config: Config = current_app.config["HELPDESK"]
    response.set_cookie(
        Door.WINDOW.cookie,
        token,
        max_age=LASTS,
        path=f"{request.script_root}/{Door.WINDOW.value}",
        secure=config.is_https,
        httponly=True,
        samesite="Lax",
    )


def _offered() -> Iterator[str]:
    """A stale cookie must not hide a good token, so all are tried; there are at most three."""
    protocols = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    socket = next((p.strip() for p in protocols if p.strip().startswith(SUBPROTOCOL)), "")
    offered = (
        request.cookies.get(Door.WINDOW.cookie),
        request.headers.get(HEADER),
        socket.removeprefix(SUBPROTOCOL),
    )
    yield from dict.fromkeys(token for token in offered if token and tokens.is_plausible(token))


def _slide(key: int, at: datetime, token: str) -> None:
    """A database that takes no writes just now must not keep people from reading."""
    is_due = (VisitorToken.id == key) & (VisitorToken.last_used_at < at - SLIDE_AFTER)
    try:
        with transaction() as tx:
            tx.execute(update(VisitorToken).where(is_due).values(last_used_at=at, expires_at=at + LASTS))
    except OperationalError as error:
        log.warning("the use of a visitor's token was not noted: %s", error.orig)
        return
    if request.cookies.get(Door.WINDOW.cookie) == token:
        after_this_request(lambda response: _with_cookie(response, token))


def _with_cookie(response: Response, token: str) -> Response:
    set_cookie(response, token)
    return response
