"""Tickets as PDFs: all that its reader may see, in his time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, send_file

from helpdesk import settings
from helpdesk.accounts import limits
from helpdesk.accounts.preferences import own_zone
from helpdesk.database import db, now
from helpdesk.press.press import PRESS
from helpdesk.tickets import articles
from helpdesk.tickets.models import PRIORITIES
from helpdesk.tickets.permissions import Relation

HOUR_S = 3600
CHANNELS = {"phone": "Phone", "email": "E-mail", "chat": "Chat", "note": "Note"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed, and for whom."""

    relation: Relation
    zone: ZoneInfo

    @property
    def is_for_customer(self) -> bool:
        """Whether what is internal stays out."""
        return not self.relation.identity.is_agent

    def moment(self, at: datetime) -> str:
        """Return a time as it is printed."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"


def answer(relation: Relation, zone: str) -> Response:
    """Answer the ticket as a PDF to be kept, its times in his own zone, else in `zone`.

    Raises TooMany, and as `printed`.
    """
    most = settings.get("Ticket::PrintLimit")
    limits.count("ticket-print", relation.identity.person_id, most, HOUR_S, "Those were many PDFs.")
    name = f"ticket-{relation.ticket.number}.pdf"
    pdf = BytesIO(printed(relation, own_zone(zone)))
    return send_file(pdf, "application/pdf", as_attachment=True, download_name=name)


def printed(relation: Relation, zone: ZoneInfo) -> bytes:
    """Return the ticket as PDF; raises Busy or NotPrinted. Ends the reading."""
    made = document(Sheet(relation, zone))
    db.session.rollback()  # no connection is held while the press works
    return PRESS.printed(made)


def document(sheet: Sheet) -> dict[str, Any]:
    """Return the document that the press prints."""
    ticket = sheet.relation.ticket
    return {
        "title": f"Ticket {ticket.number}: {ticket.title}",
        "facts": [[label, text] for label, text in _facts(sheet) if text],
        "blocks": list(_blocks(sheet)),
        "foot": [f"{'' if sheet.is_for_customer else 'For agents only. '}Page {{page}} of {{pages}}."],
    }


def _facts(sheet: Sheet) -> list[tuple[str, str]]:
    ticket = sheet.relation.ticket
    inner = [
        ("Pending until", sheet.moment(ticket.pending_until) if ticket.pending_until else ""),
        ("Priority", PRIORITIES[ticket.priority]),
        ("Owner", ticket.owner_name or "nobody"),
        ("Lock", "locked" if ticket.is_locked else "unlocked"),
    ]
    return [
        ("State", ticket.state),
        *([] if sheet.is_for_customer else inner),
        ("Queue", ticket.queue_name),
        ("Customer", ticket.customer_name),
        ("E-mail", ticket.customer_email),
        ("Company", ticket.company_name or ""),
        ("Created", sheet.moment(ticket.created_at)),
        ("Printed", sheet.moment(now())),
        ("Times", sheet.zone.key),
    ]


def _blocks(sheet: Sheet) -> Iterator[dict[str, str]]:
    ticket_id = sheet.relation.ticket.id
    shown = articles.of_ticket(ticket_id, sheet.is_for_customer)
    lines = articles.lines_of(ticket_id, sheet.is_for_customer)
    files = articles.files_of(ticket_id, sheet.is_for_customer)
    if len(shown) == articles.MOST_ARTICLES:
        yield _block("note", text=f"These are the newest {articles.MOST_ARTICLES} articles.")
    for article in shown:
        yield _block("day", text=f"{CHANNELS[article.channel]}: {article.subject}")
        yield from _article(sheet, article, lines.get(article.id, []))
        for file in files.get(article.id, []):
            yield _block("note", text=f"File: {file.name}")


def _article(sheet: Sheet, article: Any, lines: list[Any]) -> Iterator[dict[str, str]]:
    name = article.author_name + (f" to {article.recipient}" if article.recipient else "")
    said_at, mark = sheet.moment(article.created_at), "" if article.is_visible else "internal"
    if article.text or not lines:
        yield _block("line", name=name, time=said_at, text=article.text, mark=mark)
    for line in lines:
        yield _block(
            "note" if line.is_system else "line",
            name=line.name,
            time=sheet.moment(line.at),
            text=line.text,
            mark="agents only" if line.is_internal else mark,
        )


def _block(kind: str, *, text: str, name: str = "", time: str = "", mark: str = "") -> dict[str, str]:
    return {"kind": kind, "name": name, "time": time, "text": text, "mark": mark}
