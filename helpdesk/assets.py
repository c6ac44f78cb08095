"""Styles and scripts of each face, joined at start: one file with its content's hash in the name."""

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import brotli
from flask import Blueprint, Flask, Response, current_app, make_response, request

from helpdesk.access import allow
from helpdesk.web import NotFound, path

FOREVER = "public, max-age=31536000, immutable"
ONE_DAY = "public, max-age=86400"
HASH_LENGTH = 16
# The smallest first; browsers take Brotli over https only.
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, mode=brotli.MODE_TEXT),
    "gzip": partial(gzip.compress, mtime=0),
}
_IDLE = re.compile(rb"(?m)^[ \t]*(?:(?://.*|/\*.*\*/[ \t]*)?\n|)")
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

_VENDOR = tuple(f"vendor/htmx@4.0.1/{name}.min.js" for name in ("htmx", "hx-ws", "hx-upsert"))
_SHARED_JS = [
    "core",
    "alerts",
    "requests_out",
    "versions",
    "times",
    "live",
    "circles",
    "lines",
    "log",
    "history",
    "marks",
    "cursors",
    "typing",
    "pending",
    "composer",
    "upload",
    "confirm",
    "theme_switch",
    "badge",
    "sound",
    "pages",
    "notify",
]
_AGENT_JS = [
    "waiting",
    "filter",
    "notice",
    "preview",
    "cards",
    "menus",
    "order",
    "menu",
    "canned",
    "dialogs",
    "popup",
    "in_hand",
    "notes",
    "unread",
    "strip",
    "transcript",
    "splitter",
    "keys",
    "monitoring",
    "running",
    "calls",
    "going",
    "zone",
    "about",
    "preferences",
    "people",
    "start_chat",
]
_EXTERNAL_JS = ["window", "visit", "window_calls"]
_SHARED_CSS = ["base", "controls", "notify", "circle", "conversation", "files", "plain"]
_AGENT_CSS = ["toolbar", "sidebar", "requests", "cards", "tables", "menu", "popup", "preview"]
_AGENT_CSS += ["canned", "pages", "people"]
_EXTERNAL_CSS = ["portal", "window"]

FACES: dict[str, tuple[str, ...]] = {
    "theme.js": ("js/theme.js",),
    "agent.js": (*_VENDOR, *(f"js/{name}.js" for name in (*_SHARED_JS, *_AGENT_JS))),
    "external.js": (*_VENDOR, *(f"js/{name}.js" for name in (*_SHARED_JS, *_EXTERNAL_JS))),
    "agent.css": tuple(f"css/{name}.css" for name in (*_SHARED_CSS, *_AGENT_CSS)),
    "external.css": tuple(f"css/{name}.css" for name in (*_SHARED_CSS, *_EXTERNAL_CSS)),
}

blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """One joined file; `name` carries the hash of its content."""

    name: str
    content_type: str
    body: bytes


def init_app(app: Flask) -> None:
    """Join the files of every face, offer `asset` and `path` to page templates, open /static to everybody."""
    app.extensions["helpdesk_assets"] = _join_all(Path(str(app.static_folder)))
    app.jinja_env.globals.update(asset=asset, path=path)
    app.register_blueprint(blueprint)
    app.view_functions["static"] = _static
    _static.allowed = frozenset({"everybody"})  # type: ignore[attr-defined]


def asset(face: str) -> str:
    """Return the path of a face's file, such as "agent.css"; raises KeyError for an unknown face."""
    return path("assets.joined", name=_assets()[face].name)


@blueprint.get("/assets/<name>")
@allow("everybody")
def joined(name: str) -> Response:
    """Send a joined file; a name of another release is not found."""
    found = next((one for one in _assets().values() if one.name == name), None)
    if found is None:
        raise NotFound()
    encoding = next((each for each in ENCODINGS if request.accept_encodings[each] > 0), "")
    response = make_response(_encoded(found.body, encoding))
    response.headers["Content-Type"] = found.content_type
    response.headers["Cache-Control"] = FOREVER
    response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


def _static(filename: str) -> Response:
    """Vendor files carry their version in the path; the rest may change with a release."""
    response = current_app.send_static_file(filename)
    response.headers["Cache-Control"] = FOREVER if filename.startswith("vendor/") else ONE_DAY
    return response


def _assets() -> dict[str, Asset]:
    """Return the joined files; whoever edits them in debug mode sees the change at once."""
    if current_app.debug:
        return _join_all(Path(str(current_app.static_folder)))
    assets: dict[str, Asset] = current_app.extensions["helpdesk_assets"]
    return assets


def _join_all(folder: Path) -> dict[str, Asset]:
    return {face: _join(face, [folder / part for part in parts]) for face, parts in FACES.items()}


def _join(face: str, parts: list[Path]) -> Asset:
    kind = Path(face).suffix
    between = b"\n;\n" if kind == ".js" else b"\n"
    body = between.join(_thin(part) for part in parts)
    digest = hashlib.sha256(body).hexdigest()[:HASH_LENGTH]
    name = f"{Path(face).stem}-{digest}{kind}"
    return Asset(name, TYPES[kind], body)


def _thin(part: Path) -> bytes:
    """Return a file of ours without indentation and lines that only comment; no text of ours spans lines."""
    body = part.read_bytes()
    return body if "vendor" in part.parts else _IDLE.sub(b"", body)


@lru_cache(maxsize=3 * len(FACES))
def _encoded(body: bytes, encoding: str) -> bytes:
    """Compress once, when first asked for: the smallest takes half a second."""
    return ENCODINGS[encoding](body) if encoding else body
