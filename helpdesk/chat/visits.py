"""What a guest's browser says of itself: page, language and browser. Agents see it, nobody else."""

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import case, update

from helpdesk import realtime
from helpdesk.chat.limits import count_line
from helpdesk.chat.models import CLOSED, Chat
from helpdesk.chat.permissions import Relation
from helpdesk.database import announce, transaction
from helpdesk.web import Invalid, clean_text

LONGEST_PAGE = 500
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}")
# The first that is named in a user agent is what it is: most of them name others too.
_BROWSERS = {
    "Edge": r"Edg(?:e|A|iOS)?/(\d+)",
    "Opera": r"OPR/(\d+)",
    "Samsung Internet": r"SamsungBrowser/(\d+)",
    "Firefox": r"(?:Firefox|FxiOS)/(\d+)",
    "Chrome": r"(?:Chrome|CriOS)/(\d+)",
    "Safari": r"Version/(\d+).* Safari/",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """Cleaned; "" is what is not known."""

    page: str
    language: str
    browser: str


NO_VISIT = Visit("", "", "")


def moved(relation: Relation, visit: Visit) -> None:
    """Store that the guest is on another page. Commits and announces it to the agents of the chat."""
    if not visit.page:
        return
    count_line(relation.identity.person_id)
    chat = relation.chat
    is_news = (Chat.id == chat.id, Chat.state != CLOSED, Chat.current_page != visit.page)
    first = {
        column: case((column == "", value), else_=column)
        for column, value in (
            (Chat.started_page, visit.page),
            (Chat.language, visit.language),
            (Chat.browser, visit.browser),
        )
    }
    with transaction() as tx:
        change = update(Chat).where(*is_news).values({**first, Chat.current_page: visit.page})
        if tx.execute(change.returning(Chat.id).execution_options(synchronize_session=False)).first():
            frame = json.dumps({"about": chat.public_id})
            announce(tx, lambda: realtime.publish(f"chat:{chat.id}:agents", frame))


def page_of(raw: str | None) -> str:
    """Return a page's address without query, fragment and sign-in; "" for all but http and https.

    What follows "?" or "#" may hold secrets of the site. A path that is too long is left out.
    """
    try:
        parts = urlsplit(clean_text(raw, field="page", most=100 * LONGEST_PAGE))
        port = f":{parts.port}" if parts.port else ""
    except (Invalid, ValueError):
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in parts.netloc:
        return ""
    origin = f"{parts.scheme}://{parts.hostname}{port}"
    found = f"{origin}{parts.path}" if len(origin + parts.path) <= LONGEST_PAGE else origin
    return found if len(found) <= LONGEST_PAGE else ""


def language_of(raw: str | None) -> str:
    """Return the tag of a language, such as "de-AT", or ""."""
    return raw if raw and _LANGUAGE.fullmatch(raw) else ""


def browser_of(user_agent: str) -> str:
    """Return a browser by name, main version and system, such as "Firefox 140, Linux", or ""."""
    known = user_agent[:1_000]
    found = ((name, re.search(pattern, known)) for name, pattern in _BROWSERS.items())
    browser = next((f"{name} {match[1][:4]}" for name, match in found if match), "")
    system = next((name for word, name in _SYSTEMS.items() if word in known), "")
    return ", ".join(filter(None, (browser, system)))
