"""A visitor is known by a capability of his browser: cookie, header or subprotocol, never an address."""

import re
from datetime import timedelta

import pytest
from flask import Flask, Response
from sqlalchemy import select, update

from helpdesk import accounts
from helpdesk.accounts import people, visitors
from helpdesk.accounts.models import Person, VisitorToken
from helpdesk.database import db, now, transaction
from helpdesk.web import Invalid
from tests.accounts.helpers import who
from tests.support.databases import PUBLIC_URL

pytestmark = pytest.mark.requirement(46)


@pytest.fixture
def vera(app: Flask) -> tuple[int, str]:
    """A visitor: id and token."""
    with transaction() as tx:
        return visitors.create(tx, "Vera", "vera@example.com")


def cookie(token: str) -> tuple[str, str]:
    return ("helpdesk_window", token)


def shift(**columns: timedelta) -> None:
    with transaction() as tx:
        tx.execute(update(VisitorToken).values({name: now() + by for name, by in columns.items()}))


def test_a_visitor_is_known_by_cookie_header_or_subprotocol(app: Flask, vera: tuple[int, str]) -> None:
    person_id, token = vera
    found = [
        who(app, "/window/", cookie(token)),
        who(app, "/window/", X_Visitor=token),
        who(app, "/window/live", Sec_WebSocket_Protocol=f"visitor.{token}"),
        who(app, "/window/live", Sec_WebSocket_Protocol=f"chat, visitor.{token}"),
        who(app, "/window/", cookie("stale"), X_Visitor=token),
    ]
    key = db.session.execute(select(VisitorToken.id)).scalar_one()
    for identity in found:
        assert identity is not None
        assert identity.is_visitor
        assert (identity.person_id, identity.name, identity.session_key) == (person_id, "Vera", f"v{key}")


def test_the_token_works_at_no_other_door_and_in_no_address(app: Flask, vera: tuple[int, str]) -> None:
    _, token = vera
    for door in ("agent", "external"):
        assert who(app, f"/{door}/", (f"helpdesk_{door}", token), X_Visitor=token) is None
    assert who(app, f"/window/?visitor={token}&X-Visitor={token}&helpdesk_window={token}") is None
    assert who(app, f"/window/{token}") is None


def test_a_made_up_token_is_nobody(app: Flask, vera: tuple[int, str]) -> None:
    for token in ("", "\0", "x" * 43, "x" * 100_000, "é", "visitor.", ",,,", "' OR 1=1 --"):
        assert who(app, "/window/", cookie(token)) is None
        assert who(app, "/window/live", Sec_WebSocket_Protocol=f"visitor.{token}") is None
        assert who(app, "/window/", X_Visitor=token) is None


def test_the_token_has_256_bits_and_is_stored_hashed(app: Flask, vera: tuple[int, str]) -> None:
    _, token = vera
    assert re.fullmatch(r"[\w-]{43}", token)
    stored = db.session.execute(select(VisitorToken.token_hash)).scalar_one()
    assert token not in stored
    assert len(stored) == 64


def test_a_visitor_may_have_several_tokens(app: Flask, vera: tuple[int, str]) -> None:
    person_id, first = vera
    with transaction() as tx:
        second = visitors.add_token(tx, person_id)
    one, two = who(app, "/window/", cookie(first)), who(app, "/window/", cookie(second))
    assert one is not None
    assert two is not None
    assert one.person_id == two.person_id
    assert one.session_key != two.session_key


def test_a_token_lasts_thirty_days_from_its_last_use(app: Flask, vera: tuple[int, str]) -> None:
    _, token = vera
    shift(expires_at=timedelta(minutes=-1))
    assert who(app, "/window/", cookie(token)) is None
    shift(expires_at=timedelta(days=2), last_used_at=timedelta(days=-2))
    assert who(app, "/window/", cookie(token), X_Helpdesk_Automatic="1") is not None
    assert left() < timedelta(days=3)
    assert who(app, "/window/", cookie(token)) is not None
    assert left() > timedelta(days=29)


def left() -> timedelta:
    db.session.rollback()
    return db.session.execute(select(VisitorToken.expires_at)).scalar_one() - now()


def test_it_slides_at_most_once_a_day(app: Flask, vera: tuple[int, str]) -> None:
    shift(expires_at=timedelta(days=5), last_used_at=timedelta(hours=-23))
    assert who(app, "/window/", cookie(vera[1])) is not None
    assert left() < timedelta(days=6)


def test_an_invalid_visitor_is_nobody_and_his_end_is_announced(app: Flask, vera: tuple[int, str]) -> None:
    person_id, token = vera
    heard: list[tuple[int, str]] = []

    def listen(person_id: int, session_key: str) -> None:
        heard.append((person_id, session_key))

    key = db.session.execute(select(VisitorToken.id)).scalar_one()
    accounts.on_sign_out(listen)
    try:
        with transaction() as tx:
            people.invalidate(tx, person_id)
    finally:
        del accounts.listeners._on_sign_out[listen]
    assert who(app, "/window/", cookie(token)) is None
    assert heard == [(person_id, f"v{key}")]


def test_the_cookie_is_for_the_window_and_no_script(app: Flask) -> None:
    with app.test_request_context("/window/", base_url=PUBLIC_URL):
        response = Response()
        visitors.set_cookie(response, "token")
    text = response.headers["Set-Cookie"]
    assert re.fullmatch(
        r"helpdesk_window=token; Expires=[^;]+; Max-Age=2592000; HttpOnly; Path=/window; SameSite=Lax", text
    )


def test_a_name_is_required_and_poses_as_nobody(app: Flask) -> None:
    for name in ("", " ", "\0\u200b", "System", "ｓｙｓｔｅｍ.", "x" * 101):
        with pytest.raises(Invalid) as raised, transaction() as tx:
            visitors.create(tx, name)
        assert raised.value.field == "name"
    assert db.session.execute(select(Person.id)).first() is None
