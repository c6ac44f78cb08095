"""Whatever is typed at a sign-in page gets a clear answer in place."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from helpdesk.accounts.models import Attempt
from helpdesk.database import transaction
from tests.accounts.conftest import MakePerson
from tests.accounts.helpers import WRONG
from tests.support.clients import Clients

pytestmark = pytest.mark.requirement(61)

HOSTILE = [
    "",
    "\0",
    "\ud800",
    "x" * 10_000,
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "%",
    "{{7*7}}",
    "a\r\nb",
    "\u202e",
]


def test_bad_input_gets_the_same_clear_answer(clients: Clients, make_agent: MakePerson) -> None:
    make_agent("ada")
    for raw in HOSTILE:
        sent = raw.encode("utf-8", "surrogatepass")
        for data in ({"login": sent, "password": b"x"}, {"login": b"ada", "password": sent}):
            response = clients.new().post("/agent/sign-in", data=data)
            assert response.status_code == 422
            assert WRONG in response.text
            assert "<script>alert" not in response.text


def test_missing_doubled_extra_and_strange_fields_get_the_same_clear_answer(clients: Clients) -> None:
    forms: list[tuple[bytes, str]] = [
        (b"", "application/x-www-form-urlencoded"),
        (b"login=a&login=b&password=c&password=d&is_admin=1", "application/x-www-form-urlencoded"),
        (b"login=%ff%fe&password=%zz&next=%", "application/x-www-form-urlencoded"),
        (b"login[]=a&password[x]=y", "application/x-www-form-urlencoded"),
        (b'{"login": "ada"}', "application/json"),
        (b"--b\r\nbroken", "multipart/form-data; boundary=b"),
        (b"\xff\xfe", "text/plain"),
    ]
    for body, content_type in forms:
        response = clients.new().post("/agent/sign-in", data=body, content_type=content_type)
        assert response.status_code == 422, (body, response.text)
        assert WRONG in response.text


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(login=st.text(max_size=200), password=st.text(max_size=200))
def test_whatever_is_typed_is_answered(clients: Clients, login: str, password: str) -> None:
    with transaction() as tx:
        tx.execute(update(Attempt).values(count=0))
    data = {
        "login": login.encode("utf-8", "surrogatepass"),
        "password": password.encode("utf-8", "surrogatepass"),
    }
    assert clients.new().post("/agent/sign-in", data=data).status_code == 422
