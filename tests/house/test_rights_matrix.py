"""A change of rights is a difference in a file that is read: every address, person, state; sockets too."""

import os
import socket
import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.serving import make_server

from helpdesk.database import db
from tests.house.actions import AGENTS, DEEDS, EXCUSED, menu_of, tried
from tests.house.rights import STATES, WHO, World, rules, table
from tests.support.databases import PUBLIC_URL

FILE = Path(__file__).with_name("rights.txt")
TABLES = ("chat", "message", "participation", "channel_choice", "request_filter", "event", "sign_in")
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c29ja2V0cyBpbiB0ZXN0cw==\r\n{headers}\r\n"
)

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


OWN_DOOR = {"VISIT": "/window/", "CUST": "/external/", "OWNER": "/agent/"}


@pytest.fixture
def rights_world(app: Flask, database_url: str) -> World:
    return World(app, Path(database_url.removeprefix("sqlite:///")))


@pytest.mark.requirement(7)
@pytest.mark.requirement(18)
@pytest.mark.requirement(35)
def test_everybody_gets_what_the_file_says(rights_world: World) -> None:
    found = table(rights_world)
    if os.environ.get("HELPDESK_REWRITE_RIGHTS"):
        FILE.write_text(found)
    known = FILE.read_text().splitlines()
    assert found.splitlines() == known
    assert " 500" not in found


@pytest.mark.requirement(7)
def test_every_address_has_its_rows(app: Flask) -> None:
    known = {tuple(line.split()[:2]) for line in FILE.read_text().splitlines()}
    assert not [f"{method} {rule.rule}" for rule, method in rules(app) if (method, rule.rule) not in known]


@pytest.mark.requirement(18)
def test_what_is_only_read_changes_nothing(rights_world: World) -> None:
    def everything() -> dict[str, list]:
        db.session.rollback()
        rows = {name: list(db.session.execute(text(f"SELECT * FROM {name}"))) for name in TABLES}
        db.session.rollback()
        return rows

    before = everything()
    for rule, method in rules(rights_world.app):
        if method == "GET":
            for who in ("VISIT", "CUST", "OWNER"):
                rights_world.attempt(rule, method, who, "active")
    assert everything() == before


@pytest.mark.requirement(35)
@pytest.mark.parametrize("kind", ["public", "internal"])
def test_what_is_absent_from_the_menu_is_refused_when_posted_by_hand(rights_world: World, kind: str) -> None:
    wrong = []
    for who in AGENTS:
        for state in STATES:
            if (kind, state) not in rights_world.chats:
                continue
            chat = rights_world.chats[kind, state]
            may = menu_of(rights_world, who, chat)
            for right, deed in DEEDS.items():
                status = tried(rights_world, who, chat, deed)
                is_refused = status in (401, 403, 404, 409)
                if is_refused is (right in may) and (right, status) not in EXCUSED:
                    wrong.append(f"{right} {state} {who}: {status}, {'' if right in may else 'not '}his")
    assert not wrong, "\n".join(wrong)


@pytest.mark.requirement(7)
def test_no_deed_is_done_for_a_foreign_page(rights_world: World) -> None:
    for rule, method in rules(rights_world.app):
        if method == "GET":
            continue
        for who in ("VISIT", "CUST", "OWNER"):
            public_id = rights_world.chat_for(who, "request")
            path = rule.rule.replace("<public_id>", public_id).replace("<id:number>", "2")
            client = rights_world.people[who].client
            is_out_anyway = path.endswith("/sign-out") and not path.startswith(OWN_DOOR[who])
            refusals = (303, 401, 403) if is_out_anyway else (401, 403)
            status = client.open(path, method=method, is_forged=True, htmx=True).status_code
            assert status in refusals, f"{path} {who} {status}"
            foreign = {"Origin": "https://evil.example", "X-Helpdesk-Window": "1"}
            status = client.open(path, method=method, headers=foreign, htmx=True).status_code
            assert status in (401, 403), f"{path} {who} {status}"


@pytest.mark.requirement(7)
def test_sockets_open_for_their_own_door_only(rights_world: World) -> None:
    opens = {"/window/live": {"visit", "VISIT"}, "/external/live": {"cust", "CUST"}}
    opens["/agent/live"] = set(WHO) - {"none", "visit", "VISIT", "cust", "CUST"}
    app = rights_world.app
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        for path, welcome in opens.items():
            for who in WHO:
                cookie = cookie_of(rights_world.people[who].client, path)
                expected = "ready" if who in welcome else "4001"
                assert first_frame(server.port, path, cookie) == expected, f"{path} {who}"
            inside = cookie_of(rights_world.people[sorted(welcome)[0]].client, path)
            assert first_frame(server.port, path, inside, "https://evil.example") == "403"
            assert first_frame(server.port, path, inside, "") == "403"
    finally:
        app.extensions["helpdesk_realtime"].stop()
        server.shutdown()
        thread.join()
        server.server_close()


def cookie_of(client, path: str) -> str:
    """Return the Cookie header a browser sends to this path."""
    door = f"/{path.split('/')[1]}"
    return "; ".join(
        f"{each.key}={each.value}" for each in client._cookies.values() if each.path in ("/", door)
    )


def first_frame(port: int, path: str, cookie: str, origin: str = PUBLIC_URL) -> str:
    """Return "ready", a close code, or the status of a refused handshake."""
    headers = f"Cookie: {cookie}\r\n" if cookie else ""
    headers += f"Origin: {origin}\r\n" if origin else ""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(HANDSHAKE.format(path=path, headers=headers).encode())
        stream = connection.makefile("rb")
        status = stream.readline().split()[1].decode()
        if status != "101":
            return status
        while stream.readline() not in (b"\r\n", b""):
            pass
        kind = 0
        while kind not in (1, 8):
            head = stream.read(2)
            kind, length = head[0] & 15, head[1]
            content = stream.read(int.from_bytes(stream.read(2)) if length == 126 else length)
        return str(int.from_bytes(content[:2])) if kind == 8 else content[2:7].decode()


def test_the_legend_names_every_state(rights_world: World) -> None:
    for state in STATES:
        for who in WHO:
            assert rights_world.house.chat(rights_world.chat_for(who, state)).state == state
