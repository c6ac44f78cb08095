"""History: what was done to a ticket, by whom and when, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.models import Person
from helpdesk.database import db
from helpdesk.events import Event
from helpdesk.tickets.models import PRIORITIES, Queue, Ticket
from helpdesk.tickets.permissions import Relation
from helpdesk.tickets.reach import may_read

PAGE = 50

# What a detail is: the id of a person, queue or ticket, a priority, a yes or no, or a word shown as it is.
PERSON, QUEUE, TICKET, PRIORITY = "person", "queue", "ticket", "priority"
LOCK, AUDIENCE, WORD, UNTIL = "lock", "audience", "word", "until"
WORDING: dict[str, tuple[str, dict[str, str]]] = {
    "ticket.created": ("Made in the queue {queue}.", {"queue": QUEUE}),
    "ticket.state": ("State changed from {was} to {now}{until}.", {"was": WORD, "now": WORD, "until": UNTIL}),
    "ticket.reminded": ("The time it was pending until has come.", {}),
    "ticket.priority": ("Priority changed from {was} to {now}.", {"was": PRIORITY, "now": PRIORITY}),
    "ticket.owner": ("Owner changed from {was} to {now}.", {"was": PERSON, "now": PERSON}),
    "ticket.lock": ("{now}.", {"now": LOCK}),
    "ticket.title": ("Title changed.", {}),
    "ticket.queue": ("Moved from the queue {was} to {now}.", {"was": QUEUE, "now": QUEUE}),
    "ticket.merged": ("Merged into {into}.", {"into": TICKET}),
    "ticket.merged from": ("Took in all articles of {from}.", {"from": TICKET}),
    "ticket.linked": ("Linked with {other}.", {"other": TICKET}),
    "ticket.unlinked": ("Link with {other} removed.", {"other": TICKET}),
    "ticket.note": ("Note added as article {n}, {is_visible}.", {"n": WORD, "is_visible": AUDIENCE}),
    "ticket.chat": ("A chat was added.", {}),
    "ticket.answer": ("Answered by the customer, article {n}.", {"n": WORD}),
    "ticket.mail": ("Answered by e-mail, article {n}.", {"n": WORD}),
}
UNNAMED = {PERSON: "nobody", QUEUE: "another queue", TICKET: "another ticket"}
SIDES = {LOCK: ("Unlocked", "Locked"), AUDIENCE: ("internal", "visible to the customer")}


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed; `who` is "" for what nobody did by hand."""

    at: datetime
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class Page:
    """The newest first; `before` asks for the page that follows, None at the end."""

    entries: list[Entry]
    before: int | None


def page(relation: Relation, before: int | None = None) -> Page:
    """Return a page of a ticket's history; a constant number of queries."""
    is_it = [Event.subject_kind == "ticket", Event.subject_id == relation.ticket.id]
    if before is not None:
        is_it.append(Event.id < before)
    newest = select(Event).where(*is_it).order_by(Event.id.desc()).limit(PAGE + 1)
    found = list(db.session.scalars(newest))
    shown = found[:PAGE]
    names = _names(relation, shown)
    entries = [Entry(each.at, names[PERSON].get(each.actor_id, ""), _words(each, names)) for each in shown]
    return Page(entries, shown[-1].id if len(found) > PAGE else None)


def _wording(event: Event) -> tuple[str, dict[str, str]]:
    """Return the words of a deed; of one that a room above told, what it calls it."""
    action = "ticket.merged from" if "from" in event.details else event.action
    plain = event.action.removeprefix("ticket.").replace("_", " ").capitalize()
    return WORDING.get(action, (f"{plain}.", {}))


def _words(event: Event, names: dict[str, dict[Any, str]]) -> str:
    words, kinds = _wording(event)
    return words.format(**{name: _word(kind, event.details.get(name), names) for name, kind in kinds.items()})


def _word(kind: str, value: Any, names: dict[str, dict[Any, str]]) -> str:
    if kind in SIDES:
        return SIDES[kind][bool(value)]
    if kind == PRIORITY:
        return PRIORITIES.get(value, "")
    if kind == UNTIL:
        return f", until {value}" if value else ""
    if kind == WORD:
        return str(value)
    return names[kind].get(value) or UNNAMED[kind]


def _names(relation: Relation, shown: Iterable[Event]) -> dict[str, dict[Any, str]]:
    """Return what is called how; a ticket that is not his to read has no number."""
    ids: dict[str, set[int]] = {PERSON: set(), QUEUE: set(), TICKET: set()}
    for event in shown:
        ids[PERSON].add(event.actor_id or 0)
        for name, kind in _wording(event)[1].items():
            if kind in ids:
                ids[kind].add(event.details.get(name) or 0)
    tickets = select(Ticket.id, Ticket.number).where(may_read(relation.identity))
    return {
        PERSON: _named(select(Person.id, Person.name).where(Person.id.in_(ids[PERSON]))),
        QUEUE: _named(select(Queue.id, Queue.name).where(Queue.id.in_(ids[QUEUE]))),
        TICKET: {
            key: f"ticket {number}"
            for key, number in _named(tickets.where(Ticket.id.in_(ids[TICKET]))).items()
        },
    }


def _named(query: Any) -> dict[Any, str]:
    return {row[0]: row[1] for row in db.session.execute(query)}
