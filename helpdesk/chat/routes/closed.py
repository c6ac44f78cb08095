"""Closed Chats: found by what they were about, and read."""

from datetime import UTC, date, datetime, time, timedelta

from flask import render_template, request

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.accounts.preferences import zone_of
from helpdesk.chat import closed, desk, protocol
from helpdesk.chat.closed import LONGEST_SEARCH, Wanted
from helpdesk.chat.models import CLOSED
from helpdesk.chat.reach import PUBLIC_ID, chat_of
from helpdesk.chat.routes import blueprint
from helpdesk.tickets.reach import ticket_of
from helpdesk.web import Invalid, NotFound, clean_text, path, typed_again, typed_id

WORDS = ("name", "text", "agent", "ticket")
IDS = ("channel", "company", "person")


@blueprint.get("/chats/closed")
@allow("agent")
def closed_list() -> tuple[str, int]:
    """Show the closed chats the agent may read; everything typed comes back in the form."""
    problem, found = "", closed.Page([], "", is_cut=False)
    try:
        key = request.args.get("before", "")
        found = closed.page(identity(), _wanted(), key if PUBLIC_ID.fullmatch(key) else "")
    except Invalid as invalid:
        problem = invalid.message
    typed = {name: typed_again(request.args.get(name), 1_000) for name in (*WORDS, *IDS, "day", "zone")}
    page = render_template(
        "chat/closed.html",
        page=found,
        typed=typed,
        is_filtered=any(typed[name] for name in (*WORDS, *IDS, "day")),
        channels=desk.own().choices,
        following=_following(typed, found.next_key),
        problem=problem,
    )
    return page, 422 if problem else 200


@blueprint.get("/chats/<public_id>/protocol")
@allow("agent")
def protocol_page(public_id: str) -> str:
    """Show who was in a chat that is over, when and how long, and a page of what was said."""
    relation = chat_of(identity(), public_id)
    if relation.chat.state != CLOSED:
        raise NotFound("This chat is not over yet.")
    return render_template("chat/protocol.html", protocol=protocol.protocol(relation, typed_id("after") or 0))


def _wanted() -> Wanted:
    """Return what is looked for; raises Invalid for words that are too long, or for no day."""
    begin, end = _bounds(request.args.get("day", "").strip())
    return Wanted(
        name=_words("name"),
        text=_words("text"),
        agent=_words("agent"),
        channel_id=_id("channel"),
        company_id=_id("company"),
        person_id=_id("person"),
        ticket_id=_ticket(),
        begin=begin,
        end=end,
    )


def _words(name: str) -> str:
    return clean_text(request.args.get(name), field=name, most=LONGEST_SEARCH)


def _id(name: str) -> int | None:
    """Return the id that is looked for; one that can be nobody's finds nothing."""
    return (typed_id(name) or 0) if request.args.get(name) else None


def _ticket() -> int | None:
    """Return the id of the ticket that is looked for; one that is not his to read finds nothing."""
    number = _words("ticket")
    try:
        return ticket_of(identity(), number).ticket.id if number else None
    except NotFound:
        return 0


def _bounds(typed: str) -> tuple[datetime | None, datetime | None]:
    """Return where the day that was typed begins and ends for its reader."""
    if not typed:
        return None, None
    try:
        zone = zone_of(request.args.get("zone", ""))
        begin = datetime.combine(date.fromisoformat(typed), time.min, zone)
        following = datetime.combine(begin.date() + timedelta(days=1), time.min, begin.tzinfo)
        return begin.astimezone(UTC), following.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("day", "Please enter a day like 2026-11-22.") from None


def _following(typed: dict[str, str], key: str) -> str:
    kept = {name: value for name, value in typed.items() if value}
    return path("chat.closed_list", **kept, before=key) if key else ""
