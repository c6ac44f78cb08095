"""Styles and scripts: joined, named by their content, kept for ever, sent small."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk import assets

STATIC = Path(assets.__file__).parent.parent / "static"
LAST_VENDOR = (STATIC / "vendor/htmx@4.0.1/hx-upsert.min.js").read_text()
Unpack = Callable[[bytes], bytes]
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def database_kind() -> str:
    """No database is asked; one kind is enough."""
    return "sqlite"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def fetch(app: Flask, client: FlaskClient, face: str, **headers: str) -> TestResponse:
    with app.test_request_context():
        path = assets.asset(face)
    return client.get(path, headers=headers or PLAIN)


@pytest.mark.parametrize("face", assets.FACES)
def test_a_face_is_one_file_with_the_hash_of_its_content_in_the_name(
    app: Flask, client: FlaskClient, face: str
) -> None:
    with app.test_request_context():
        path = assets.asset(face)
    answer = client.get(path, headers=PLAIN)
    assert answer.status_code == 200
    assert hashlib.sha256(answer.data).hexdigest().startswith(path.rpartition("-")[2].partition(".")[0])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] in assets.TYPES.values()


@pytest.mark.parametrize(
    ("taken", "encoding", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
        ("gzip;q=0", None, bytes),
    ],
)
@pytest.mark.parametrize("face", assets.FACES)
def test_a_face_is_sent_as_small_as_its_reader_takes_it(
    app: Flask, client: FlaskClient, face: str, taken: str, encoding: str | None, unpack: Unpack
) -> None:
    sent = fetch(app, client, face, **{"Accept-Encoding": taken})
    assert sent.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in sent.headers["Vary"]
    assert unpack(sent.data) == fetch(app, client, face).data


def test_vendor_files_come_first_and_unchanged(app: Flask, client: FlaskClient) -> None:
    body = fetch(app, client, "agent.js").data
    assert body.startswith((STATIC / "vendor/htmx@4.0.1/htmx.min.js").read_bytes())


def test_own_files_are_sent_without_comments_and_indentation(app: Flask, client: FlaskClient) -> None:
    for face in ("agent.js", "external.css"):
        own = fetch(app, client, face).data.decode().rpartition(LAST_VENDOR)[2]
        idle = [line for line in own.splitlines() if line[:1] in (" ", "\t") or line.startswith(("//", "/*"))]
        assert idle == []


def test_no_text_or_comment_of_ours_spans_lines() -> None:
    """Lines are thinned one by one."""
    for file in (*(STATIC / "js").iterdir(), *(STATIC / "css").iterdir()):
        for line in map(str.strip, file.read_text().splitlines()):
            assert line.count("`") % 2 == 0, (file, line)
            assert not line.startswith("/*") or line.endswith("*/"), (file, line)


def test_every_own_file_belongs_to_a_face_or_a_page() -> None:
    """A behaviour nobody loads is a mistake; a page's own script is named by that page."""
    used = {part for parts in assets.FACES.values() for part in parts}
    pages = "".join(page.read_text() for page in (STATIC.parent / "templates").rglob("*.html"))
    own = {f"{file.parent.name}/{file.name}" for kind in ("js", "css") for file in (STATIC / kind).iterdir()}
    assert {name for name in own - used if name not in pages} == set()


def test_the_name_of_another_release_is_not_found(client: FlaskClient) -> None:
    assert client.get("/assets/agent-0000000000000000.css").status_code == 404
    assert client.get("/assets/agent.css").status_code == 404


def test_while_developing_an_edit_shows_at_once(app: Flask, tmp_path: Path) -> None:
    for part in {part for parts in assets.FACES.values() for part in parts}:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / part).write_text(part)
    app.static_folder = str(tmp_path)
    app.debug = True
    with app.test_request_context():
        before = assets.asset("theme.js")
        (tmp_path / "js/theme.js").write_text("changed")
        assert assets.asset("theme.js") != before


def test_static_files_are_for_everybody_and_vendor_files_are_kept_for_ever(client: FlaskClient) -> None:
    with (
        client.get("/static/vendor/htmx@4.0.1/htmx.min.js") as vendor,
        client.get("/static/icons.svg") as icons,
    ):
        assert (vendor.status_code, icons.status_code) == (200, 200)
        assert "immutable" in vendor.headers["Cache-Control"]
        assert icons.headers["Cache-Control"] == "public, max-age=86400"
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/nothing.css").status_code == 404
