"""An agent's desk: which channels he sees, which of them are his, what waits there."""

from functools import cached_property
from typing import Any

from flask import g
from markupsafe import Markup
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from helpdesk import settings
from helpdesk.accounts import preferences
from helpdesk.accounts.identity import Identity, identity
from helpdesk.chat import availability, channels, tell
from helpdesk.chat.models import CUSTOMER, PUBLIC, RequestFilter
from helpdesk.chat.permissions import OWNER_RANK
from helpdesk.chat.rows import PERSONAL, Count, Row, circles_mark, count_personal, counts, personal, waiting
from helpdesk.database import db
from helpdesk.tickets import menu
from helpdesk.web import render_partial

_REMEMBER = text(
    "INSERT INTO request_filter (person_id, is_all) VALUES (:person, :is_all)"
    " ON CONFLICT (person_id) DO UPDATE SET is_all = excluded.is_all"
)


class Desk:
    """What one agent may see of requests; read once per request."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self._waiting: dict[str, tuple[list[Row], bool]] = {}

    @cached_property
    def is_all(self) -> bool:
        """Whether the agent looks at all channels; first, and without his word, only at his own."""
        found = db.session.scalar(
            select(RequestFilter.is_all).where(RequestFilter.person_id == self.identity.person_id)
        )
        return bool(found)

    @cached_property
    def choices(self) -> list[Any]:
        """The channels he has a level on, with whether they are among his own."""
        return channels.choices_of(self.identity.person_id)

    def shown(self, kind: str) -> list[int]:
        """Return the ids of the channels whose requests a widget shows."""
        if kind not in (CUSTOMER, PUBLIC):
            return []
        return sorted(each.id for each in self.choices if self.is_all or each.is_chosen)

    def waiting(self, kind: str) -> tuple[list[Row], bool]:
        """Return the rows of a widget and whether more wait."""
        if kind not in self._waiting:
            self._waiting[kind] = self._read(kind)
        return self._waiting[kind]

    def _read(self, kind: str) -> tuple[list[Row], bool]:
        if kind == PERSONAL:
            return personal(db.session, self.identity.person_id) if self.personal else ([], False)
        shown = self.shown(kind)
        return waiting(db.session, kind, shown) if shown else ([], False)

    @cached_property
    def personal(self) -> int:
        """How many requests wait for him alone."""
        return count_personal(db.session, self.identity.person_id)

    @cached_property
    def counts(self) -> list[Count]:
        """The counts of all his channels, for the toolbar."""
        return counts(db.session, [each.id for each in self.choices])

    @property
    def mine(self) -> list[int]:
        """The ids of the channels among his own whose requests he could accept."""
        return [each.id for each in self.choices if each.is_chosen and each.rank == OWNER_RANK]

    @property
    def mark(self) -> str:
        """What must have changed, besides chats and channels, before a page of his is out of date."""
        mine = ".".join(str(channel_id) for channel_id in self.mine)
        return f"{self.identity.availability}:{self.is_all:d}:{self.personal}:{mine}"

    @property
    def counts_etag(self) -> str:
        """What must have changed before the counts are rendered again."""
        versions = ".".join(f"{count.channel_id}-{count.version}" for count in self.counts)
        return f"counts:{versions}:{self.identity.access_version}"

    def versions(self, kind: str) -> dict[int, int]:
        """Return the version of each channel a widget shows."""
        shown = set(self.shown(kind))
        return {count.channel_id: count.version for count in self.counts if count.channel_id in shown}

    def etag(self, kind: str) -> str:
        """Return what must have changed before a widget is rendered again."""
        if kind == PERSONAL:
            rows = ".".join(f"{r.public_id}-{r.version}-{r.circle.version}" for r in self.waiting(kind)[0])
            return f"{kind}:{rows}:{settings.version()}"
        versions = ".".join(f"{key}-{value}" for key, value in self.versions(kind).items())
        filtered = f"{kind}.{self.is_all}:{versions}:{self._mark(kind)}"
        return f"{filtered}:{self.identity.access_version}:{settings.version()}"

    def _mark(self, kind: str) -> str:
        """What the circles look like: from the rows where they are all here, else from one cheap query."""
        rows, has_more = self._waiting.get(kind, ([], True))
        if not self.shown(kind) or not has_more:
            return f"{len(rows)}.{sum(row.circle.version for row in rows)}"
        return circles_mark(db.session, kind, self.shown(kind))


def own() -> Desk:
    """Return the desk of who is asking; one for the whole request, so that nothing is read twice."""
    if "desk" not in g:
        g.desk = Desk(identity())
    desk: Desk = g.desk
    return desk


def remember_filter(tx: Session, person_id: int, is_all: bool) -> None:
    """Store which channels the agent looks at, and announce it to his tabs."""
    tx.execute(_REMEMBER, {"person": person_id, "is_all": is_all})
    tell.person(tx, person_id, lists=True)


def notice(desk: Desk, position: int) -> Markup:
    """Render the line that says why customers cannot reach the agent; an empty root when they can."""
    return render_partial("chat/_notice.html", text=availability.notice(desk.choices, position))


def figures(desk: Desk) -> Markup:
    """Render what waits in each channel, and of what its reader is told and how."""
    return render_partial(
        "chat/_waiting.html",
        counts=desk.counts,
        personal=desk.personal,
        mine=desk.mine,
        own=desk.mark,
        preferences=preferences.own(),
        availability=desk.identity.availability,
    )


def toolbar() -> dict[str, Any]:
    """Return what the layout of every agent page shows of chat."""
    is_active = bool(settings.get("ChatEngine::Active"))
    may_diagnose = is_active and menu.of(identity()).is_admin
    if not is_active or not own().choices:
        return {"may_chat": False, "may_diagnose": may_diagnose}
    found = own().counts
    return {
        "may_chat": True,
        "may_diagnose": may_diagnose,
        "waiting": figures(own()),
        "total": sum(count.customer + count.public for count in found) + own().personal,
        "availability": render_partial("chat/_availability.html", availability=identity().availability),
    }
