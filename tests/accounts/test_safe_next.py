"""After signing in somebody goes on to where he wanted to be, never to another site or door."""

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.access import Door
from helpdesk.accounts.signing_in import safe_next
from tests.accounts.conftest import MakePerson
from tests.accounts.helpers import post_sign_in
from tests.support.clients import Clients

pytestmark = pytest.mark.requirement(61)

ORIGIN = "https://help.example.com"
PIECES = [
    "/",
    "//",
    "\\",
    "agent",
    "external",
    "chats",
    ".",
    "..",
    ":",
    "@",
    "%2f",
    "%5c",
    "%2e",
    "%0d%0a",
    "%",
    "?",
    "#",
    "&",
]
PIECES += [
    "http",
    "https:",
    "javascript:",
    "data:",
    "evil.example",
    "\t",
    "\n",
    "\r",
    "\0",
    " ",
    "\u2028",
    "／",
    "ａ",
    "\ud800",
]
paths = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=40)


@settings(max_examples=1_000, deadline=None)
@given(tail=paths, door=st.sampled_from([Door.AGENT, Door.EXTERNAL]))
def test_whatever_is_asked_for_stays_on_the_door(tail: str, door: Door) -> None:
    for raw in (tail, f"/{door.value}/{tail}", f"/{door.value}{tail}"):
        target = safe_next(raw, door)
        for seen in (target, unquote(target), unquote(unquote(target))):
            url = urlsplit(urljoin(f"{ORIGIN}/agent/sign-in", seen))
            assert f"{url.scheme}://{url.netloc}" == ORIGIN
            assert url.path.startswith(f"/{door.value}/")
        assert target.isascii()
        assert target.isprintable()
        assert not set(target) & set('\\"<>% ')
        assert "//" not in target


@pytest.mark.parametrize(
    "raw",
    [
        "/agent/chats",
        "/agent/chats/aB3_-xyz",
        "/agent/",
        "/agent/preferences?tab=1&x=a-b",
        "/agent/tickets/12.pdf",
    ],
)
def test_a_plain_path_of_the_door_is_kept(raw: str) -> None:
    assert safe_next(raw, Door.AGENT) == raw


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "/",
        "/agent",
        "agent/chats",
        "/external/",
        "//evil.example",
        "/\\evil.example",
        "/agent//evil.example",
        "/agent/../external/",
        "/agent/..%2fexternal",
        "/agent/%2e%2e/",
        "https://evil.example/agent/",
        "javascript:alert(1)",
        "/agent/chats#x",
        "/agent/chats\n",
        "/agent/x\r\nSet-Cookie: a=b",
        "/agent/é",
        "/agent/" + "x" * 10_000,
        "/agent/sign-in",
        "/agent/sign-in?next=/agent/sign-in",
        "/agent/sign-out",
    ],
)
def test_anything_else_leads_to_the_first_page(raw: str | None) -> None:
    assert safe_next(raw, Door.AGENT) == "/agent/"


def test_the_form_leads_there(app: Flask, clients: Clients, make_agent: MakePerson) -> None:
    make_agent("ada")
    assert 'name="next" value="/agent/chats"' in clients.new().get("/agent/sign-in?next=/agent/chats").text
    assert 'name="next" value="/agent/"' in clients.new().get("/agent/sign-in?next=//evil.example").text
    assert post_sign_in(clients.new(), "ada", next="/agent/chats").headers["Location"] == "/agent/chats"
    assert post_sign_in(clients.new(), "ada", next="https://evil.example/").headers["Location"] == "/agent/"
