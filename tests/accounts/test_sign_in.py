"""Signing in: the right pair comes in, every wrong one gets the same answer, guessing is limited."""

import json
import logging
import re
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, update

from helpdesk.accounts import passwords, people
from helpdesk.accounts.models import Person, SignIn
from helpdesk.database import db, now, transaction
from helpdesk.events import Event
from tests.accounts.conftest import PASSWORD, MakePerson
from tests.accounts.helpers import WRONG, post_sign_in, token_of, who
from tests.support.clients import Clients
from tests.support.databases import configuration as config

pytestmark = pytest.mark.requirement(61)

FORM_TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


def test_the_page_has_what_password_managers_and_screen_readers_need(clients: Clients) -> None:
    for door in ("agent", "external"):
        text = clients.new().get(f"/{door}/sign-in").text
        assert '<label class="field" for="sign-in-login">User name</label>' in text
        assert '<label class="field" for="sign-in-password">Password</label>' in text
        assert 'autocomplete="username"' in text
        assert 'autocomplete="current-password"' in text
        assert 'role="alert"' not in text


def test_an_agent_comes_in_at_the_agents_door(app: Flask, clients: Clients, make_agent: MakePerson) -> None:
    person_id = make_agent("ada")
    client = clients.new()
    response = post_sign_in(client, "ada")
    assert (response.status_code, response.headers["Location"]) == (303, "/agent/")
    identity = who(app, "/agent/", ("helpdesk_agent", token_of(client) or ""))
    assert identity is not None
    assert (identity.person_id, identity.kind, identity.name) == (person_id, "agent", "Ada")
    session_id = db.session.execute(select(SignIn.id)).scalar_one()
    assert identity.session_key == f"s{session_id}"


def test_a_customer_comes_in_at_the_customers_door(
    app: Flask, clients: Clients, make_customer: MakePerson
) -> None:
    make_customer("carl")
    client = clients.new()
    response = post_sign_in(client, "carl", door="external")
    assert (response.status_code, response.headers["Location"]) == (303, "/external/")
    identity = who(app, "/external/", ("helpdesk_external", token_of(client, "external") or ""))
    assert identity is not None
    assert identity.is_customer
    assert identity.company_id is not None


def test_nobody_comes_in_at_the_other_door(
    clients: Clients, make_agent: MakePerson, make_customer: MakePerson
) -> None:
    make_agent("ada")
    make_customer("carl")
    assert post_sign_in(clients.new(), "ada", door="external").status_code == 422
    assert post_sign_in(clients.new(), "carl", door="agent").status_code == 422


def test_one_browser_can_be_agent_and_customer_at_once(
    app: Flask, clients: Clients, make_agent: MakePerson, make_customer: MakePerson
) -> None:
    make_agent("same")
    make_customer("same")
    client = clients.new()
    assert post_sign_in(client, "same").status_code == 303
    assert post_sign_in(client, "same", door="external").status_code == 303
    agent, customer = token_of(client), token_of(client, "external")
    assert who(app, "/agent/", ("helpdesk_agent", agent or "")) is not None
    assert who(app, "/external/", ("helpdesk_external", customer or "")) is not None
    assert who(app, "/external/", ("helpdesk_external", agent or "")) is None
    assert who(app, "/agent/", ("helpdesk_agent", customer or "")) is None
    assert who(app, "/window/", ("helpdesk_window", agent or "")) is None


def test_a_user_name_is_found_however_it_is_written(clients: Clients, make_agent: MakePerson) -> None:
    make_agent("Ada")
    for typed in ("ADA", " ada ", "Ａｄａ", "a\0da", "\u200fada"):
        assert post_sign_in(clients.new(), typed).status_code == 303


def test_a_wrong_pair_is_told_in_place_and_keeps_the_name(clients: Clients, make_agent: MakePerson) -> None:
    make_agent("ada")
    response = post_sign_in(clients.new(), "ada", "wrong password", next="/agent/chats")
    assert response.status_code == 422
    assert f'role="alert" id="sign-in-alert">{WRONG}</p>' in response.text
    assert 'name="login" value="ada"' in response.text
    assert 'value="/agent/chats"' in response.text
    assert "wrong password" not in response.text
    assert "Set-Cookie" not in response.headers or "helpdesk_agent" not in response.headers["Set-Cookie"]


def test_the_answer_never_tells_whether_a_name_exists(
    clients: Clients, make_agent: MakePerson, make_customer: MakePerson
) -> None:
    make_agent("ada")
    make_agent("eve", password=None)
    gone = make_agent("bob")
    with transaction() as tx:
        people.invalidate(tx, gone)
    make_customer("carl")
    bodies, headers = set(), set()
    for login in ("ada", "eve", "bob", "carl", "nobody"):
        response = post_sign_in(clients.new(), login, "wrong password")
        bodies.add((response.status_code, FORM_TOKEN.sub("", response.text).replace(f'"{login}"', '"…"')))
        headers.add(tuple(sorted(name for name, _ in response.headers)))
    assert len(bodies) == 1
    assert len(headers) == 1


@pytest.mark.usefixtures("real_hasher")
def test_a_name_without_an_account_costs_the_same_work(
    app: Flask, clients: Clients, make_agent: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agent("ada")
    verified = []
    real = passwords._hasher.verify

    class Counting:
        def verify(self, hashed: str, password: bytes) -> bool:
            verified.append(hashed.rsplit("$", 2)[0])
            return real(hashed, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for login in ("ada", "nobody", "x" * 5_000):
        assert post_sign_in(clients.new(), login, "wrong password").status_code == 422
    assert post_sign_in(clients.new(), "ada", "x" * 5_000).status_code == 422
    assert len(verified) == 4
    assert set(verified) == {"$argon2id$v=19$m=19456,t=2,p=1"}


def test_an_over_long_password_is_wrong_even_if_its_beginning_is_right(
    clients: Clients, make_agent: MakePerson
) -> None:
    make_agent("ada", password="p" * 1024)
    assert post_sign_in(clients.new(), "ada", "p" * 1025).status_code == 422
    assert post_sign_in(clients.new(), "ada", "p" * 1024).status_code == 303


def test_a_form_without_its_token_or_from_elsewhere_is_refused(
    clients: Clients, make_agent: MakePerson
) -> None:
    make_agent("ada")
    client = clients.new()
    data = {"login": "ada", "password": PASSWORD}
    assert client.post("/agent/sign-in", data=data, is_forged=True).status_code == 403
    elsewhere = client.post("/agent/sign-in", data=data, headers={"Origin": "https://elsewhere.example"})
    assert elsewhere.status_code == 403
    assert token_of(client) is None


def test_signing_in_again_ends_the_session_this_browser_had(
    app: Flask, clients: Clients, make_agent: MakePerson
) -> None:
    make_agent("ada")
    client = clients.new()
    post_sign_in(client, "ada")
    first = token_of(client)
    post_sign_in(client, "ada")
    second = token_of(client)
    assert first != second
    assert who(app, "/agent/", ("helpdesk_agent", first or "")) is None
    assert who(app, "/agent/", ("helpdesk_agent", second or "")) is not None
    assert db.session.execute(select(func.count()).select_from(SignIn)).scalar_one() == 1


def test_who_is_signed_in_is_sent_on_from_the_page(clients: Clients, make_agent: MakePerson) -> None:
    make_agent("ada")
    client = clients.new()
    post_sign_in(client, "ada")
    response = client.get("/agent/sign-in?next=/agent/chats")
    assert (response.status_code, response.headers["Location"]) == (303, "/agent/chats")


def test_the_cookie_is_for_its_door_and_no_script(
    app: Flask, clients: Clients, make_agent: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agent("ada")
    cookie = post_sign_in(clients.new(), "ada").headers["Set-Cookie"]
    assert re.fullmatch(r"helpdesk_agent=[\w-]{43}; HttpOnly; Path=/agent; SameSite=Lax", cookie)
    plain = app.config["HELPDESK"]
    secure = config(plain.database_url, plain.instance, public_url="https://help.example.com")
    monkeypatch.setitem(app.config, "HELPDESK", secure)
    assert "; Secure" in post_sign_in(clients.new(), "ada").headers["Set-Cookie"]


def test_the_token_is_stored_hashed_and_the_browser_is_noted(
    app: Flask, clients: Clients, make_agent: MakePerson
) -> None:
    make_agent("ada")
    client = clients.new()
    browser = {"User-Agent": "Browser\t" + "x" * 5_000}
    client.post("/agent/sign-in", data={"login": "ada", "password": PASSWORD}, headers=browser)
    row = db.session.execute(select(SignIn.token_hash, SignIn.address, SignIn.browser)).one()
    assert token_of(client) not in row
    assert len(row.token_hash) == 64
    assert (row.address, row.browser) == ("127.0.0.1", "Browser" + "x" * 193)


def test_a_password_changed_while_signing_in_lets_nobody_in(
    app: Flask, clients: Clients, make_agent: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    person_id = make_agent("ada")
    real = passwords.is_right

    def change_after(password_hash: str | None, password: str) -> bool:
        is_right = real(password_hash, password)
        with transaction() as tx:
            people.set_password(tx, person_id, "another good password")
        return is_right

    monkeypatch.setattr(passwords, "is_right", change_after)
    assert post_sign_in(clients.new(), "ada").status_code == 422
    assert db.session.execute(select(func.count()).select_from(SignIn)).scalar_one() == 0


@pytest.mark.usefixtures("real_hasher")
def test_a_hash_of_older_costs_is_renewed(app: Flask, clients: Clients, make_agent: MakePerson) -> None:
    person_id = make_agent("ada")
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with transaction() as tx:
        tx.execute(update(Person).where(Person.id == person_id).values(password_hash=weak))
    assert post_sign_in(clients.new(), "ada").status_code == 303
    stored = db.session.execute(select(Person.password_hash)).scalar_one() or ""
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    db.session.rollback()
    assert post_sign_in(clients.new(), "ada").status_code == 303


def test_what_happened_is_recorded_and_logged_without_what_was_typed(
    clients: Clients, make_agent: MakePerson, caplog: pytest.LogCaptureFixture
) -> None:
    person_id = make_agent("ada")
    client = clients.new()
    with caplog.at_level(logging.INFO, "helpdesk.security"):
        post_sign_in(client, "ada", "a wrong secret")
        post_sign_in(client, "Somebody's password", "a wrong secret")
        post_sign_in(client, "ada")
        client.post("/agent/sign-out")
    lines = [
        json.loads(record.getMessage()) for record in caplog.records if record.name == "helpdesk.security"
    ]
    assert [(line["event"], line["person"]) for line in lines] == [
        ("sign_in.failed", person_id),
        ("sign_in.failed", None),
        ("sign_in.succeeded", person_id),
        ("sign_out", person_id),
    ]
    events = db.session.scalars(select(Event).where(Event.action.like("sign%")).order_by(Event.id)).all()
    assert [(event.action, event.subject_id) for event in events] == [
        (line["event"], line["person"]) for line in lines
    ]
    everything = caplog.text + "".join(json.dumps(event.details) for event in events)
    assert not any(secret in everything for secret in ("Somebody", "secret", PASSWORD, str(token_of(client))))
    assert all("\n" not in record.getMessage() for record in caplog.records)


def test_time_passing_between_looks_does_not_disturb(clients: Clients, make_agent: MakePerson) -> None:
    """The reading transaction of the page before must not be upgraded: SQLite would refuse at once."""
    make_agent("ada")
    client = clients.new()
    for _ in range(3):
        assert client.get("/agent/sign-in").status_code == 200
    assert post_sign_in(client, "ada").status_code == 303
    with transaction() as tx:
        tx.execute(update(SignIn).values(last_used_at=now() - timedelta(minutes=5)))
    assert client.get("/agent/sign-in").status_code == 303
