"""Sessions end when they are told to, when nobody used them, and when their time is over."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from helpdesk import accounts
from helpdesk import settings as configuration
from helpdesk.accounts import people, sessions
from helpdesk.accounts.models import Person, SignIn
from helpdesk.database import db, now, transaction
from tests.accounts.conftest import MakePerson
from tests.accounts.helpers import at_once, post_sign_in, token_of, who
from tests.support.clients import Client, Clients

pytestmark = pytest.mark.requirement(61)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(clients: Clients, make_agent: MakePerson) -> Client:
    """The browser of a signed-in agent."""
    make_agent("ada")
    client = clients.new()
    post_sign_in(client, "ada")
    return client


def is_in(app: Flask, client: Client, **headers: str) -> bool:
    return who(app, "/agent/", ("helpdesk_agent", token_of(client) or ""), **headers) is not None


def shift(**columns: timedelta) -> None:
    """Move times of all sessions into the past."""
    with transaction() as tx:
        for name, by in columns.items():
            tx.execute(update(SignIn).values({name: now() - by}))


def used_ago() -> timedelta:
    db.session.rollback()
    return now() - db.session.execute(select(SignIn.last_used_at)).scalar_one()


def test_a_session_lets_in_until_it_is_signed_out(app: Flask, ada: Client) -> None:
    token = token_of(ada)
    assert ada.get("/agent/").status_code == 200
    response = ada.post("/agent/sign-out")
    assert (response.status_code, response.headers["Location"]) == (303, "/agent/sign-in")
    assert token_of(ada) is None
    assert who(app, "/agent/", ("helpdesk_agent", token or "")) is None
    ada.set_cookie("helpdesk_agent", token or "", path="/agent", domain="127.0.0.1")
    refused = ada.get("/agent/")
    assert (refused.status_code, unquote(refused.headers["Location"])) == (303, "/agent/sign-in?next=/agent/")


def test_htmx_is_told_to_sign_in_and_never_gets_the_page_into_a_widget(ada: Client) -> None:
    ada.post("/agent/sign-out")
    response = ada.get("/agent/", htmx=True)
    assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/agent/sign-in")


def test_signing_out_is_a_post_with_a_form_token(app: Flask, ada: Client) -> None:
    assert ada.get("/agent/sign-out").status_code == 405
    assert ada.post("/agent/sign-out", is_forged=True).status_code == 403
    assert is_in(app, ada)


def test_signing_out_twice_or_without_a_session_is_harmless(ada: Client, clients: Clients) -> None:
    for client in (ada, ada, clients.new()):
        assert client.post("/agent/sign-out").status_code == 303


def test_signing_out_leaves_the_other_browser_in(app: Flask, ada: Client, clients: Clients) -> None:
    other = clients.new()
    post_sign_in(other, "ada")
    ada.post("/agent/sign-out")
    assert is_in(app, other)


def test_signing_out_is_announced_with_the_session_key(ada: Client) -> None:
    heard = []

    def listen(person_id: int, session_key: str) -> None:
        db.session.rollback()
        assert not sessions.is_valid("agent", session_key)
        heard.append((person_id, session_key))

    row = db.session.execute(select(SignIn.person_id, SignIn.id)).one()
    accounts.on_sign_out(listen)
    try:
        ada.post("/agent/sign-out")
    finally:
        del accounts.listeners._on_sign_out[listen]
    assert heard == [(row.person_id, f"s{row.id}")]


def test_a_new_password_ends_all_sessions_at_once(app: Flask, ada: Client, clients: Clients) -> None:
    other = clients.new()
    post_sign_in(other, "ada")
    person_id = db.session.execute(select(Person.id)).scalar_one()
    with transaction() as tx:
        people.set_password(tx, person_id, "another good password")
    assert not is_in(app, ada)
    assert not is_in(app, other)
    assert post_sign_in(clients.new(), "ada").status_code == 422
    assert post_sign_in(clients.new(), "ada", "another good password").status_code == 303


def test_an_invalid_person_is_out_at_once(app: Flask, ada: Client, clients: Clients) -> None:
    person_id = db.session.execute(select(Person.id)).scalar_one()
    with transaction() as tx:
        people.invalidate(tx, person_id)
    assert not is_in(app, ada)
    assert post_sign_in(clients.new(), "ada").status_code == 422
    with transaction() as tx:
        tx.execute(update(Person).values(is_valid=True))
    assert not is_in(app, ada), "the session was ended, not only hidden"


def test_a_session_nobody_used_is_over(app: Flask, ada: Client) -> None:
    shift(last_used_at=timedelta(minutes=479))
    assert is_in(app, ada)
    shift(last_used_at=timedelta(minutes=481))
    assert not is_in(app, ada)


def test_a_session_is_over_after_its_absolute_time_however_much_it_is_used(app: Flask, ada: Client) -> None:
    shift(expires_at=-MINUTE, created_at=timedelta(hours=71))
    assert is_in(app, ada)
    shift(expires_at=MINUTE)
    assert not is_in(app, ada)


def test_lower_limits_act_at_once_on_sessions_that_are_open(app: Flask, ada: Client) -> None:
    shift(last_used_at=timedelta(minutes=10), created_at=timedelta(hours=2))
    with transaction() as tx:
        configuration.put(tx, "Session::IdleLimit", 5, None)
    assert not is_in(app, ada)
    with transaction() as tx:
        configuration.put(tx, "Session::IdleLimit", 60, None)
    assert is_in(app, ada, X_Helpdesk_Automatic="1")
    with transaction() as tx:
        configuration.put(tx, "Session::AbsoluteLimit", 1, None)
    assert not is_in(app, ada)


def test_use_is_noted_at_most_once_a_minute(app: Flask, ada: Client) -> None:
    shift(last_used_at=timedelta(seconds=50))
    assert is_in(app, ada)
    assert used_ago() > timedelta(seconds=49)
    shift(last_used_at=timedelta(seconds=70))
    assert is_in(app, ada)
    assert used_ago() < timedelta(seconds=30)


def test_a_page_that_only_watches_does_not_keep_its_session_alive(app: Flask, ada: Client) -> None:
    shift(last_used_at=timedelta(minutes=5))
    assert is_in(app, ada, X_Helpdesk_Automatic="1")
    assert used_ago() > timedelta(minutes=4)
    assert who(app, "/agent/live", ("helpdesk_agent", token_of(ada) or "")) is not None
    assert used_ago() > timedelta(minutes=4)


def test_a_made_up_token_is_nobody(app: Flask, ada: Client) -> None:
    for token in ("", "x", "\0", "x" * 43, "x" * 5_000, "é", "' OR 1=1 --", "%00"):
        assert who(app, "/agent/", ("helpdesk_agent", token)) is None


def test_no_cookie_but_the_doors_own_lets_in(app: Flask, ada: Client, clients: Clients) -> None:
    token = token_of(ada) or ""
    for name in ("session", "remember_token", "helpdesk_external", "helpdesk_form", "helpdesk_window"):
        assert who(app, "/agent/", (name, token)) is None
    assert who(app, "/agent/", X_Visitor=token) is None
    assert who(app, "/agent/", Authorization=f"Bearer {token}") is None
    assert who(app, "/healthz", ("helpdesk_agent", token)) is None


def test_loading_takes_one_query(app: Flask, ada: Client) -> None:
    statements: list[str] = []
    listen = lambda *arguments: statements.append(arguments[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        assert is_in(app, ada)
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert len([statement for statement in statements if not statement.startswith("BEGIN")]) == 1


def test_the_door_sets_no_cookie_of_its_own_after_signing_in(ada: Client) -> None:
    assert "Set-Cookie" not in ada.get("/agent/").headers


def test_invalid_sessions_are_found_in_one_query(app: Flask, ada: Client, make_customer: MakePerson) -> None:
    key = db.session.execute(select(SignIn.id)).scalar_one()
    customer = make_customer("carl")
    with transaction() as tx:
        sessions.start(tx, customer, "", "")
        visitor, _ = accounts.visitors.create(tx, "Vera")
        gone, _ = accounts.visitors.create(tx, "Gone")
    with transaction() as tx:
        people.invalidate(tx, gone)
    good = {("agent", f"s{key}"), ("customer", f"s{key + 1}"), ("visitor", "v1")}
    bad = {
        ("customer", f"s{key}"),
        ("agent", "s999"),
        ("visitor", "v2"),
        ("agent", ""),
        ("agent", "v1"),
        ("visitor", "sx"),
    }
    assert sessions.invalid(good | bad) == bad
    assert sessions.invalid([]) == set()
    assert sessions.is_valid("agent", f"s{key}")
    assert not sessions.is_valid("customer", f"s{key}")
    assert sessions.invalid({("agent", f"s{n}") for n in range(10_000, 12_500)} | good) == {
        ("agent", f"s{n}") for n in range(10_000, 12_500)
    }
    shift(last_used_at=timedelta(days=1))
    assert sessions.invalid(good) == {("agent", f"s{key}"), ("customer", f"s{key + 1}")}


def test_sessions_that_are_over_are_cleaned_away(app: Flask, ada: Client, clients: Clients) -> None:
    shift(last_used_at=timedelta(days=1))
    other = clients.new()
    post_sign_in(other, "ada")
    accounts.clean()
    assert db.session.execute(select(func.count()).select_from(SignIn)).scalar_one() == 1
    assert is_in(app, other)


def test_many_requests_at_once_of_one_session_all_come_in(app: Flask, ada: Client) -> None:
    shift(last_used_at=timedelta(minutes=5))
    token = token_of(ada) or ""
    seen = at_once(app, 8, lambda n: who(app, "/agent/", ("helpdesk_agent", token)))
    assert {getattr(identity, "name", identity) for identity in seen} == {"Ada"}
    assert used_ago() < MINUTE


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_reading_goes_on_while_the_database_takes_no_writes(app: Flask, ada: Client) -> None:
    shift(last_used_at=timedelta(minutes=5))
    with app.app_context():
        connection = db.engine.raw_connection()
        connection.execute("PRAGMA query_only=ON")
        connection.close()
    assert is_in(app, ada)
    assert used_ago() > timedelta(minutes=4)
