"""Doors, marks and origins: every endpoint is closed until it says who may use it."""

import hmac
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Flask, Request, Response, current_app, g, redirect, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import BadRequest, Forbidden, NotFound

from helpdesk.config import Config, is_loopback
from helpdesk.web import answer_error, fragment, is_htmx

csrf = CSRFProtect()

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_PAGES = ("/sign-in", "/first-admin")
WINDOW_HEADER = "X-Helpdesk-Window"
AUTOMATIC_HEADER = "X-Helpdesk-Automatic"
FORM_BYTES = 1024 * 1024


class Door(StrEnum):
    """The prefix alone decides the identity, also for sockets: one browser can be all three at once."""

    AGENT = "agent"
    EXTERNAL = "external"
    WINDOW = "window"

    @property
    def cookie(self) -> str:
        """Name of the cookie that carries this door's capability."""
        return f"helpdesk_{self.value}"


DOORS = {door.value: door for door in Door}


class Holder(Protocol):
    """What access must know of an identity; accounts has the whole of it."""

    @property
    def kind(self) -> str: ...


LoadIdentity = Callable[[], Holder | None]
Seen = Callable[[Any, bool], None]
View = TypeVar("View", bound=Callable[..., Any])


def allow(*kinds: str) -> Callable[[View], View]:
    """Mark an endpoint with the kinds of person it is for: agent, customer, visitor or everybody."""

    def mark(view: View) -> View:
        view.allowed = frozenset(kinds)  # type: ignore[attr-defined]
        return view

    return mark


def takes(largest_bytes: Callable[[], int]) -> Callable[[View], View]:
    """Mark an endpoint that takes files: how large its requests may be, from who may use it."""

    def mark(view: View) -> View:
        view.largest_bytes = largest_bytes  # type: ignore[attr-defined]
        return view

    return mark


def door_of(url_path: str) -> Door | None:
    """Return the door a path belongs to; None for what needs no identity."""
    first = url_path.lstrip("/").partition("/")[0]
    return DOORS.get(first)


def is_socket() -> bool:
    """Tell whether the request is for a door's socket."""
    return request.path.endswith("/live") and door_of(request.path) is not None


def is_own_origin(origin: str | None) -> bool:
    """Tell whether `origin` is exactly one of this installation's own."""
    return origin in current_app.extensions["helpdesk_access"]["origins"]


def init_app(app: Flask, config: Config, load_identity: LoadIdentity, seen: Seen) -> None:
    """Guard every request of `app`; `seen(identity, is_activity)` hears of each one with an identity."""
    origins = _own_origins(config)
    app.extensions["helpdesk_access"] = {"origins": origins, "load": load_identity, "seen": seen}
    app.config["TRUSTED_HOSTS"] = sorted({urlsplit(origin).netloc for origin in origins})
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    app.session_interface = FormSession()
    csrf.init_app(app)
    app.before_request(_guard)
    app.context_processor(_for_pages)
    app.register_error_handler(CSRFError, _csrf_failed)


def no_session(door: Door | None) -> Response:
    """Answer somebody who must sign in first: a redirect; to htmx 401 with `HX-Redirect`."""
    if door is None:
        raise NotFound()
    if door is Door.WINDOW:
        return answer_error(401, "This conversation is over or was started elsewhere.")
    sign_in = f"{request.script_root}/{door.value}/sign-in"
    if is_htmx():
        page = urlsplit(request.headers.get("HX-Current-URL", "")).path
        return fragment(status=401, HX_Redirect=f"{sign_in}?{urlencode({'next': page})}" if page else sign_in)
    if request.method not in SAFE:
        return answer_error(401, "Please sign in again.", sign_in=sign_in)
    response = redirect(f"{sign_in}?{urlencode({'next': request.path})}", 303)
    assert isinstance(response, Response)
    return response


def _own_origins(config: Config) -> frozenset[str]:
    """The public address, and on a loopback binding the other names of this machine."""
    if not is_loopback(config.bind):
        return frozenset({config.origin})
    port = config.bind.rpartition(":")[2]
    return frozenset(
        {config.origin, *(f"http://{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]"))}
    )


def form_token(cookie: str, secret_key: str) -> str:
    """Return the token that unsafe requests of a signed-in browser carry; proof that it has the cookie."""
    return hmac.new(secret_key.encode(), b"form:" + cookie.encode(), "sha256").hexdigest()


class FormSession(SecureCookieSessionInterface):
    """Flask's cookie session serves the tokens of forms that come before signing in, and nothing else."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session; empty, without reading the cookie, where no such form is."""
        if request.path.endswith(FORM_PAGES):
            return super().open_session(app, request)
        return self.session_class()


def _for_pages() -> dict[str, Any]:
    cookie = _door_cookie()
    if g.get("identity") is None or not cookie:
        return {"identity": g.get("identity")}
    return {
        "identity": g.identity,
        "csrf_token": partial(form_token, cookie, current_app.config["SECRET_KEY"]),
    }


def _door_cookie() -> str:
    door = door_of(request.path)
    return request.cookies.get(door.cookie, "") if door is not None else ""


def _guard() -> Response | None:
    g.identity = None
    if request.endpoint is None or request.routing_exception is not None:
        return None
    allowed = getattr(current_app.view_functions[request.endpoint], "allowed", None)
    if allowed is None:
        raise NotFound()
    _check_origin()
    access = current_app.extensions["helpdesk_access"]
    door = door_of(request.path)
    if door is not None:
        g.identity = access["load"]()
    if not _is_allowed(allowed) and not is_socket():
        return no_session(door)
    if door is not None and request.method not in SAFE:
        _make_room()
        _check_forgery(door)
    if g.identity is not None:
        access["seen"](g.identity, not is_socket() and AUTOMATIC_HEADER not in request.headers)
    return None


def _make_room() -> None:
    """A form is read as soon as its token is looked for, so before its endpoint could say a word."""
    largest_bytes = getattr(current_app.view_functions[request.endpoint or ""], "largest_bytes", None)
    if largest_bytes is not None:
        request.max_content_length = largest_bytes() + FORM_BYTES
        request.max_form_memory_size = FORM_BYTES


def _is_allowed(allowed: frozenset[str]) -> bool:
    return "everybody" in allowed or (g.identity is not None and g.identity.kind in allowed)


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    if is_socket():
        if not is_own_origin(origin):
            raise Forbidden()
        if not _is_handshake():
            raise BadRequest()
        request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    elif request.method not in SAFE and origin is not None and not is_own_origin(origin):
        raise Forbidden()


def _is_handshake() -> bool:
    headers = request.headers
    return (
        request.method == "GET"
        and headers.get("Upgrade", "").lower() == "websocket"
        and "upgrade" in headers.get("Connection", "").lower()
        and headers.get("Sec-WebSocket-Version") == "13"
        and len(headers.get("Sec-WebSocket-Key", "")) == 24
    )


def _check_forgery(door: Door) -> None:
    """The window has no cookie before its first message: exact Origin and a header no form can send.

    To sign in the exact Origin is enough: of two tabs that come to the form at once one has a lost token.
    """
    if door is not Door.WINDOW:
        is_own_form = request.path.endswith(FORM_PAGES) and is_own_origin(request.headers.get("Origin"))
        if _needs_token() and not is_own_form and not _has_own_token():
            csrf.protect()
    elif not is_own_origin(request.headers.get("Origin")) or WINDOW_HEADER not in request.headers:
        raise Forbidden()


def _needs_token() -> bool:
    """Whoever is signed out already may sign out again, from another tab; everything else needs one."""
    return g.identity is not None or request.path.endswith(FORM_PAGES)


def _has_own_token() -> bool:
    cookie = _door_cookie()
    typed = request.headers.get("X-CSRFToken") or request.form.get("csrf_token", "")
    own = form_token(cookie, current_app.config["SECRET_KEY"])
    return bool(cookie) and hmac.compare_digest(own.encode(), typed.encode())


def _csrf_failed(error: CSRFError) -> Response:
    return answer_error(403, "This page was open too long. Please reload it and try again.")
