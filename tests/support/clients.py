"""Test clients that come through a door as a browser does, and read every page they get like a strict one."""

import secrets
from typing import Any

import flask
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from helpdesk.access import WINDOW_HEADER, form_token
from helpdesk.database import db
from tests.support.databases import PUBLIC_URL
from tests.support.html import problems

PASSWORD = "helpdesk-demo"
SAFE = ("GET", "HEAD", "OPTIONS")


class Client(FlaskClient):
    """One browser. Unsafe requests carry Origin, and a form token or the window's header, as the door wants.

    Pass `is_forged=True` to send a request as a foreign page could: without token, header and Origin.
    `htmx=True` asks for a fragment. Every HTML answer is linted.
    """

    def open(self, *args: Any, is_forged: bool = False, htmx: bool = False, **kwargs: Any) -> TestResponse:
        """Send a request in a context of its own: nothing of another request's `g` or session is seen."""
        if args and isinstance(args[0], str):
            headers = dict(kwargs.pop("headers", None) or {})
            if htmx:
                headers = {"HX-Request": "true"} | headers
            if not is_forged:
                headers = self._manners(args[0], kwargs.get("method", "GET")) | headers
            kwargs["headers"] = headers
        kwargs.setdefault("base_url", PUBLIC_URL)
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        _end_reading()
        lint(response)
        return response

    def _manners(self, path: str, method: str) -> dict[str, str]:
        if method in SAFE:
            return {WINDOW_HEADER: "1"} if path.startswith("/window") else {}
        if path.startswith("/window"):
            return {"Origin": PUBLIC_URL, WINDOW_HEADER: "1"}
        return {"Origin": PUBLIC_URL, "X-CSRFToken": self.form_token(path)}

    def form_token(self, path: str) -> str:
        """Return a form token that belongs to this browser's cookie of the door, or to its unsent forms."""
        door = path.split("/")[1]
        cookie = self.get_cookie(f"helpdesk_{door}", "127.0.0.1", f"/{door}")
        if cookie is not None:
            return form_token(cookie.value, self.application.config["SECRET_KEY"])
        with self.session_transaction(base_url=PUBLIC_URL) as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        with self.application.app_context(), self.application.test_request_context():
            flask.session["csrf_token"] = raw
            return str(generate_csrf())


class Clients:
    """Makes browsers; each is a new one with an empty cookie jar."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        app.test_client_class = Client

    def new(self) -> Client:
        """Return the browser of a stranger; through /window/ a public visitor."""
        client = self.app.test_client()
        assert isinstance(client, Client)
        return client

    def agent(self, login: str, password: str = PASSWORD) -> Client:
        """Return the browser of a signed-in agent."""
        return sign_in(self.new(), "agent", login, password)

    def customer(self, login: str, password: str = PASSWORD) -> Client:
        """Return the browser of a signed-in customer user."""
        return sign_in(self.new(), "external", login, password)


def sign_in(client: Client, door: str, login: str, password: str = PASSWORD) -> Client:
    """Sign in through the form of `door` (agent or external); fails when it is refused."""
    response = client.post(f"/{door}/sign-in", data={"login": login, "password": password})
    assert response.status_code == 303, response.text
    return client


def lint(response: TestResponse) -> None:
    """Fail when an HTML answer would need repair, or could run what is not ours."""
    if response.mimetype != "text/html":
        return
    policy = response.headers.get("Content-Security-Policy", "")
    assert policy.startswith("default-src 'none'"), f"{response.request.path}: no strict policy"
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    if response.status_code not in (301, 302, 303, 307, 308) and response.text:
        found = problems(response.text)
        assert not found, f"{response.request.path}: {found}\n{response.text}"


def _end_reading() -> None:
    """What the test reads next is what is stored now, not what it saw before the request."""
    db.session.rollback()
