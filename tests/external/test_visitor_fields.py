"""What a visitor is asked for besides a name, as the settings say."""

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Person
from helpdesk.database import db
from tests.chat.people import House
from tests.chat.reading import tree
from tests.chat.test_begin import setting

ODD = ["a@b..example", "x" * 65 + "@b.example", f"a@{'b' * 64}.example", "a\u200bb@b.example", "a@.b.example"]
FIELDS = {"name": "Vera", "text": "Hello", "client_id": "5f0c7a52-0f0b-4c53-9d8e-3d0b2f6f4f10"}


@pytest.fixture
def house(app):
    return House(app)


@pytest.fixture
def visitor(house):
    house.agent("agent1")
    return house.visitor()


def fields_of(html: str) -> dict[str, dict[str, str]]:
    return {
        each.attrib["name"]: dict(each.attrib) for each in tree(html).iter("input") if "name" in each.attrib
    }


def start(visitor):
    return visitor.client.get("/window/start", htmx=True).text


def begin(visitor, **fields: str):
    return visitor.client.post("/window/chats", data=FIELDS | fields, htmx=True)


@pytest.mark.requirement(28)
def test_an_address_is_optional_at_first_and_kept_when_it_is_given(visitor):
    assert "required" not in fields_of(start(visitor))["email"]
    assert begin(visitor, email="vera@example.com").status_code == 200
    assert db.session.scalar(select(Person.email).where(Person.name == "Vera")) == "vera@example.com"


@pytest.mark.requirement(28)
@pytest.mark.parametrize(
    "typed", ["vera", "a@b", "a b@example.com", "a@b.example\r\nBcc: x@b.example", "@.", *ODD]
)
def test_what_cannot_be_an_address_is_refused_where_it_was_typed(visitor, typed):
    answer = begin(visitor, email=typed)
    assert answer.status_code == 422
    assert "Please enter an e-mail address like name@example.com." in answer.text
    assert fields_of(answer.text)["name"]["value"] == "Vera"
    assert "aria-invalid" in fields_of(answer.text)["email"]


@pytest.mark.requirement(28)
def test_it_can_be_required_or_not_asked_for_at_all(visitor):
    setting("ChatEngine::PublicEmail", "required")
    assert "required" in fields_of(start(visitor))["email"]
    assert "Please enter your e-mail address." in begin(visitor).text
    setting("ChatEngine::PublicEmail", "off")
    assert "email" not in fields_of(start(visitor))
    assert begin(visitor, email="not asked for").status_code == 200


@pytest.mark.requirement(28)
def test_a_consent_text_with_a_link_stands_above_send(visitor):
    assert "consent" not in start(visitor)
    setting("ChatEngine::ConsentText", "We keep <b>what</b> you write.")
    setting("ChatEngine::ConsentLink", "https://example.com/privacy")
    html = start(visitor)
    assert "We keep &lt;b&gt;what&lt;/b&gt; you write." in html
    assert html.index("https://example.com/privacy") < html.index('type="submit"')
