"""The first administrator is made once, by whoever holds the code printed at the start."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.accounts import first_admin, people, permissions
from helpdesk.accounts.models import FirstAdminCode, Person
from helpdesk.database import db, transaction
from helpdesk.events import Event
from tests.accounts.conftest import PASSWORD
from tests.accounts.helpers import at_once, post_sign_in, token_of, who
from tests.support.clients import Clients

pytestmark = pytest.mark.requirement(61)


@pytest.fixture
def code(app: Flask) -> str:
    made = first_admin.make_code()
    assert made is not None
    return made


def form(good: str, **changes: str) -> dict[str, str]:
    filled = {"code": good, "login": "ada", "name": "Ada", "password": PASSWORD, "again": PASSWORD}
    return filled | changes


def people_count() -> int:
    db.session.rollback()
    return db.session.execute(select(func.count()).select_from(Person)).scalar_one()


def test_the_code_makes_an_administrator_and_signs_him_in(app: Flask, clients: Clients, code: str) -> None:
    client = clients.new()
    assert client.get("/agent/first-admin").status_code == 200
    response = client.post("/agent/first-admin", data=form(code))
    assert (response.status_code, response.headers["Location"]) == (303, "/agent/")
    identity = who(app, "/agent/", ("helpdesk_agent", token_of(client) or ""))
    assert identity is not None
    with transaction() as tx:
        groups = people.ensure_groups(tx)
    assert permissions.may(identity.person_id, groups["admin"], "rw")
    assert permissions.levels(identity.person_id) == {groups["users"]: "owner"}
    assert post_sign_in(clients.new(), "ada").status_code == 303


def test_a_used_code_is_gone_and_so_is_the_page(clients: Clients, code: str) -> None:
    clients.new().post("/agent/first-admin", data=form(code))
    again = clients.new().post("/agent/first-admin", data=form(code, login="eve"))
    assert again.status_code == 422
    assert "This code is wrong or was used already." in again.text
    assert clients.new().get("/agent/first-admin").status_code == 404
    assert people_count() == 1


def test_used_by_eight_at_once_it_makes_one_administrator(app: Flask, clients: Clients, code: str) -> None:
    browsers = [clients.new() for _ in range(8)]

    def use(number: int) -> int:
        return browsers[number].post("/agent/first-admin", data=form(code, login=f"ada{number}")).status_code

    assert sorted(at_once(app, 8, use)) == [303] + [422] * 7
    assert people_count() == 1


def test_a_newer_code_replaces_the_older(clients: Clients, code: str) -> None:
    newer = first_admin.make_code() or ""
    assert clients.new().post("/agent/first-admin", data=form(code)).status_code == 422
    assert clients.new().post("/agent/first-admin", data=form(newer)).status_code == 303


def test_there_is_no_code_once_there_is_an_administrator(clients: Clients, code: str) -> None:
    clients.new().post("/agent/first-admin", data=form(code))
    assert first_admin.make_code() is None
    with transaction() as tx:
        people.invalidate(tx, db.session.execute(select(Person.id)).scalar_one())
    assert first_admin.make_code() is not None


def test_an_administrator_by_role_is_one_too(app: Flask, code: str, clients: Clients) -> None:
    with transaction() as tx:
        role = people.create_role(tx, "Chiefs")
        permissions.grant_role(tx, role, people.ensure_groups(tx)["admin"], "rw")
        permissions.add_to_role(tx, people.create_agent(tx, "bob", "Bob"), role)
    assert first_admin.make_code() is None
    assert clients.new().post("/agent/first-admin", data=form(code)).status_code == 422
    assert people_count() == 1


def test_the_code_is_taken_as_people_type_it(clients: Clients, code: str) -> None:
    typed = f" {code.replace('-', ' ').upper()} "
    assert clients.new().post("/agent/first-admin", data=form(typed)).status_code == 303


UNUSABLE = [
    ("code", ""),
    ("code", "\0"),
    ("code", "x" * 10_000),
    ("code", "<script>alert(1)</script>"),
    ("login", ""),
    ("login", "\u200b"),
    ("login", "x" * 10_000),
    ("name", ""),
    ("name", "System"),
    ("again", "something else"),
    ("password", "short"),
]


def test_what_cannot_be_used_is_told_at_its_field_and_the_code_stays_good(
    clients: Clients, code: str
) -> None:
    for field, value in UNUSABLE:
        changes = {field: value, "again": value} if field == "password" else {field: value}
        response = clients.new().post("/agent/first-admin", data=form(code, **changes))
        assert response.status_code == 422
        assert f'id="first-admin-{field}-wrong"' in response.text
        assert f'aria-describedby="first-admin-{field}-wrong"' in response.text
        assert PASSWORD not in response.text
    assert people_count() == 0
    assert clients.new().post("/agent/first-admin", data=form(code)).status_code == 303


def test_an_empty_or_doubled_form_is_answered(clients: Clients, code: str) -> None:
    for body in (b"", b"code=a&code=b&login=c&login=d", b"\xff=\xfe"):
        response = clients.new().post(
            "/agent/first-admin", data=body, content_type="application/x-www-form-urlencoded"
        )
        assert response.status_code == 422


def test_the_code_is_stored_hashed_and_recorded_nowhere(clients: Clients, code: str) -> None:
    stored = db.session.execute(select(FirstAdminCode.code_hash)).scalar_one()
    assert len(stored) == 64
    clients.new().post("/agent/first-admin", data=form(code))
    details = [str(event.details) for event in db.session.scalars(select(Event))]
    assert not any(part in detail for detail in details for part in code.split("-"))
    assert "first_admin.made" in set(db.session.scalars(select(Event.action)))
