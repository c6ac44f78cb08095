"""What several tests of accounts do."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from helpdesk import accounts
from helpdesk.accounts import Identity
from helpdesk.database import db
from tests.accounts.conftest import PASSWORD
from tests.support.clients import Client
from tests.support.databases import PUBLIC_URL

WRONG = "User name or password is wrong."


def post_sign_in(
    client: Client, login: str, password: str = PASSWORD, door: str = "agent", **more: str
) -> TestResponse:
    """Send the form of a sign-in page."""
    return client.post(f"/{door}/sign-in", data={"login": login, "password": password, **more})


def token_of(client: Client, door: str = "agent") -> str | None:
    """Return what the browser's cookie of this door holds."""
    cookie = client.get_cookie(f"helpdesk_{door}", path=f"/{door}", domain="127.0.0.1")
    return cookie.value if cookie else None


def who(app: Flask, path: str, cookie: tuple[str, str] | None = None, **headers: str) -> Identity | None:
    """Return whom a request for `path` would be from; header names are written with `_` for `-`."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if cookie:
        sent["Cookie"] = "=".join(cookie)
    db.session.rollback()
    with app.app_context(), app.test_request_context(path, headers=sent, base_url=PUBLIC_URL):
        return accounts.load_identity()


def at_once(app: Flask, number: int, do: Callable[[int], Any]) -> list[Any]:
    """Run `do(0..number-1)` in threads that start together; return results, or the exceptions raised."""
    barrier = threading.Barrier(number)
    results: list[Any] = [None] * number

    def run(index: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                results[index] = do(index)
            except Exception as error:  # the test looks at it
                results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
