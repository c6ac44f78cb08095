"""What every room needs of the web: clean text, partials, refusals, versions and headers."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter, ValidationError

from helpdesk.config import Config

LARGEST_ID = 2**63 - 1
KEPT = ("subject", "text")
LONGEST_KEPT = 200_000
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NO_CHARACTERS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{NO_CHARACTERS}]")
# Normalizing sorts each run of combining characters, in quadratic time: a long one would take half a minute.
COMBINING = "".join(c for c in map(chr, range(0x300, 0x1E95F)) if unicodedata.combining(c))
LONG_RUN = re.compile(f"([{COMBINING}]{{30}})[{COMBINING}]+")
MARKS = re.compile(
    r"([\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})[\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
EMAIL = re.compile(
    r"""[^\s@<>,;:"()\[\]\\]{1,64}@([^\s@<>,;:"()\[\]\\.]{1,63}\.)+[^\s@<>,;:"()\[\]\\.]{1,63}"""
)
RESERVED = frozenset({"system", "helpdesk", "you"})
CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class Refusal(Exception):
    """A deed that is refused; `message` is for the person, `status` for HTTP."""

    status = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(Refusal):
    """Input that cannot be used; `field` names the control it was typed into."""

    status = 422

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooMany(Refusal):
    """A limit was reached; the caller may try again after `retry_after_s` seconds."""

    status = 429

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotFound(Refusal):
    """What is not there, or not this person's: both answer alike."""

    status = 404

    def __init__(self, message: str = "This is not here, or not yours to see.") -> None:
        super().__init__(message)


class IdConverter(BaseConverter):
    """`<id:x>`: a positive number the database can hold; anything else is not found."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if not 0 < number <= LARGEST_ID:
            raise ValidationError()
        return number


def clean_text(raw: str | None, *, field: str, most: int, is_multiline: bool = False) -> str:
    """Return typed text without control characters, or "" when nothing visible is left.

    `most` is in characters. One-line text loses directional controls and runs of white space too.
    Raises Invalid when the text is too long: nothing is cut silently.
    """
    text = unicodedata.normalize("NFC", LONG_RUN.sub(r"\1", raw or ""))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = CONTROL.sub("", text)
    if not is_multiline:
        text = " ".join(BIDI.sub("", text).split())
    text = text.strip()
    if not any(unicodedata.category(c)[0] in "LNPS" for c in text):
        return ""
    if len(text) > most:
        raise Invalid(field, f"Please use at most {most:,} characters; this has {len(text):,}.")
    return text


def clean_name(raw: str | None, *, field: str, most: int = 100) -> str:
    """Return a person's name; raises Invalid when it is empty, too long, or poses as the system."""
    name = MARKS.sub(r"\1", clean_text(raw, field=field, most=most))
    if not name:
        raise Invalid(field, "Please enter a name.")
    if _seen_as(name) in RESERVED:
        raise Invalid(field, "Please choose another name.")
    return name


def clean_email(raw: str | None, *, field: str, is_required: bool = False) -> str:
    """Return an e-mail address, or "" where none is typed or needed; raises Invalid for anything else."""
    email = clean_text(raw, field=field, most=254)
    if not email and is_required:
        raise Invalid(field, "Please enter your e-mail address.")
    is_seen = all(unicodedata.category(c) != "Cf" for c in email)
    if email and not (is_seen and EMAIL.fullmatch(email)):
        raise Invalid(field, "Please enter an e-mail address like name@example.com.")
    return email


def _seen_as(name: str) -> str:
    """Return a name as the eye takes it: without what is not seen, or hardly."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if unicodedata.category(c) not in ("Cf", "Mn")).strip(" .:-_[]()")


def typed_again(raw: str | None, most: int) -> str:
    """Return what goes back into the field it was typed into, cut to `most` characters."""
    return CONTROL.sub("", raw or "")[:most]


def typed_id(name: str) -> int | None:
    """Return a whole number of the form or the address, or None when it is missing or no id."""
    return as_id(request.values.get(name, ""))


def as_id(text: str) -> int | None:
    """Return a typed id or number, or None when the database could hold none like it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def is_htmx() -> bool:
    """Tell whether the request came from htmx and wants a fragment."""
    return request.headers.get("HX-Request") == "true"


def path(endpoint: str, **values: Any) -> str:
    """Return the path of an endpoint; works outside a request, for pushed partials."""
    adapter = current_app.extensions["helpdesk_paths"]
    return str(adapter.build(endpoint, values))


def render_partial(name: str, **arguments: Any) -> Markup:
    """Render a partial: it knows its arguments and `path`, never the viewer; a missing one raises."""
    environment: Environment = current_app.extensions["helpdesk_partials"]
    return Markup(environment.get_template(name).render(arguments))  # noqa: S704 (autoescaped)


def versioned(version: str, render: Callable[[], str | Markup]) -> Response:
    """Answer 304 when the page has `version` already, before anything is rendered."""
    response = make_response("", 304) if version in request.if_none_match else make_response(render())
    response.set_etag(version)
    return response


def iso(at: datetime) -> str:
    """Return a time as ISO 8601 in UTC with milliseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def fragment(*parts: str | Markup, status: int = 200, **headers: str) -> Response:
    """Answer with partials, joined; keyword arguments become headers (`HX_Trigger` → `HX-Trigger`)."""
    response = make_response("".join(parts), status)
    response.headers.extend({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def init_app(app: Flask, config: Config) -> None:
    """Attach converter, partials, headers and error answers to `app`."""
    app.url_map.converters["id"] = IdConverter
    app.extensions["helpdesk_partials"] = _partials(app)
    app.extensions["helpdesk_paths"] = app.url_map.bind("", script_name=app.config["APPLICATION_ROOT"])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["path"] = path
    app.after_request(_headers)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    if config.is_https:
        app.config["SESSION_COOKIE_SECURE"] = True


def _partials(app: Flask) -> Environment:
    environment = Environment(
        loader=app.jinja_loader,
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=bool(app.debug),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["path"] = path
    return environment


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    return response


def _refused(refusal: Refusal) -> Response:
    response = answer_error(refusal.status, refusal.message)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    response = answer_error(
        error.code or 500, WORDS.get(error.code or 500, error.description or "Something went wrong.")
    )
    if error.code == 405:
        response.headers.extend(error.get_headers())
    return response


def _database_error(error: OperationalError) -> Response:
    current_app.logger.error("the database did not take it: %s", error.orig)
    response = answer_error(503, "The database is busy. Nothing was changed; please try again.")
    response.headers["Retry-After"] = "2"
    return response


WORDS = {
    400: "This request cannot be understood.",
    403: "This is not allowed from here.",
    404: "This is not here, or not yours to see.",
    405: "This address does not take that.",
    413: "This is too large. What you typed is still in the page you typed it into.",
    500: "Something went wrong on our side. Please try again.",
}


def answer_error(status: int, message: str, **more: Any) -> Response:
    """Answer with `message` as an alert fragment to htmx, as a page to everybody else, with `more`."""
    if is_htmx():
        return fragment(render_partial("components/_alert.html", message=message), status=status)
    page = render_template("errors/page.html", status=status, message=message, kept=_typed(), **more)
    return make_response(page, status)


def _typed() -> dict[str, str]:
    """Return the words of a form that was not taken: the page they were typed into may be out of reach."""
    if request.method != "POST":
        return {}
    try:
        return {name: typed_again(request.form.get(name), LONGEST_KEPT) for name in KEPT}
    except HTTPException:
        return {}  # it is too large to be read
