"""People are made with a user name of their own and a password that can be used."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.accounts import passwords, people
from helpdesk.accounts.models import UNAVAILABLE, Company, Person
from helpdesk.database import db, transaction
from helpdesk.web import Invalid, NotFound
from tests.accounts.conftest import PASSWORD, MakePerson
from tests.accounts.helpers import at_once

pytestmark = pytest.mark.requirement(3)


def refused_field(login: str = "ada", name: str = "Ada", password: str = PASSWORD, email: str = "") -> str:
    with pytest.raises(Invalid) as raised, transaction() as tx:
        people.create_agent(tx, login, name, password, email=email)
    return raised.value.field


def test_a_new_agent_is_unavailable_and_valid(app: Flask, make_agent: MakePerson) -> None:
    person_id = make_agent("Ada")
    person = db.session.execute(select(Person).where(Person.id == person_id)).scalar_one()
    assert (person.kind, person.login, person.name) == ("agent", "ada", "Ada")
    assert person.availability == UNAVAILABLE
    assert person.is_valid


def test_customers_of_one_company_share_it(app: Flask, make_customer: MakePerson) -> None:
    make_customer("carl")
    make_customer("cleo")
    assert db.session.execute(select(Company.name)).scalars().all() == ["Acme Ltd"]
    assert len(set(db.session.execute(select(Person.company_id)).scalars())) == 1


def test_a_company_made_at_once_is_made_once(app: Flask) -> None:
    def make(number: int) -> int:
        with transaction() as tx:
            return people.create_customer(tx, f"carl{number}", "Carl", company="Acme Ltd")

    assert len(set(at_once(app, 8, make))) == 8
    assert db.session.execute(select(func.count()).select_from(Company)).scalar_one() == 1


def test_a_user_name_is_taken_however_it_is_written(app: Flask, make_agent: MakePerson) -> None:
    make_agent("ada")
    for login in ("ada", "ADA", " Ada ", "ａｄａ", "a\0da", "a\u200eda"):
        assert refused_field(login=login) == "login"


def test_an_agent_and_a_customer_may_have_the_same_user_name(
    make_agent: MakePerson, make_customer: MakePerson
) -> None:
    assert make_agent("same") != make_customer("same")


def test_a_user_name_taken_at_once_is_taken_once(app: Flask, make_agent: MakePerson) -> None:
    results = at_once(app, 8, lambda n: make_agent("ada", password=None))
    assert len([result for result in results if isinstance(result, int)]) == 1
    assert {result.field for result in results if isinstance(result, Invalid)} == {"login"}


def test_a_bad_user_name_or_name_is_refused(app: Flask) -> None:
    for login in ("", "  ", "\0", "\u200b", "x" * 101, "\ufdfa" * 20, "x" * 10_000):
        assert refused_field(login=login) == "login"
    for name in ("", "\ud800", "SYSTEM", "You", "x" * 101):
        assert refused_field(name=name) == "name"


def test_a_password_has_from_8_to_1024_characters(app: Flask, make_agent: MakePerson) -> None:
    assert refused_field(password="seven77") == "password"
    assert refused_field(password="x" * 1025) == "password"
    for number, password in enumerate(
        ["eight888", "x" * 1024, "é" * 1024, "\0" * 8, "\ud800" * 8, "pass wörd\n "]
    ):
        make_agent(f"ada{number}", password=password)


def test_a_password_fits_however_the_keyboard_composes_it() -> None:
    hashed = passwords.make_hash("Ra\u0308tsel und mehr")
    assert passwords.is_right(hashed, "R\u00e4tsel und mehr")
    assert not passwords.is_right(hashed, "Ratsel und mehr")
    assert not passwords.is_right("no hash at all", "R\u00e4tsel und mehr")
    assert not passwords.is_outdated(hashed)


def test_nobody_is_changed_who_is_not_there(app: Flask) -> None:
    with pytest.raises(NotFound), transaction() as tx:
        people.set_password(tx, 999, PASSWORD)
    with pytest.raises(NotFound), transaction() as tx:
        people.invalidate(tx, 999)
