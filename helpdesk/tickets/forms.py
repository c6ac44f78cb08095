"""The form of a new ticket: what was typed into it, and the ticket that is wanted by it."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from helpdesk.accounts import preferences
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person
from helpdesk.accounts.permissions import GRANTED
from helpdesk.database import db
from helpdesk.tickets import articles, customers, queues, uploads
from helpdesk.tickets.changing import check_owner, pending
from helpdesk.tickets.creating import Wanted
from helpdesk.tickets.models import AGENT, NORMAL, PHONE, PRIORITIES, STATES, TEXT_LIMIT, Queue
from helpdesk.tickets.reach import queues_with
from helpdesk.web import Invalid, as_id, clean_email, clean_name, clean_text, typed_again

# The names of the fields, with what stands in them at first.
FIELDS = {
    "start_id": "",
    "words": "",
    "customer": "",
    "customer_name": "",
    "customer_email": "",
    "queue": "",
    "owner": "",
    "subject": "",
    "text": "",
    "state": "open",
    "pending": "",
    "zone": "",
    "priority": str(NORMAL),
}
NOBODY, NEW = (
    "none",
    "new",
)  # stand for a customer who has no account, and for one who gets it with the ticket
NEEDS_EMAIL = "A new customer user needs an e-mail address."
KEPT = 120_000
START_ID = re.compile(r"[A-Za-z0-9_-]{16,40}")


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields show; `found` are the customer users to choose from, of whom there may be more."""

    typed: dict[str, str]
    found: list[Any]
    has_more: bool
    queues: list[Any]
    owners: list[Any]
    states: Sequence[tuple[str, str]] = tuple((state, state) for state in STATES if state != "merged")
    priorities: Mapping[int, str] = field(default_factory=lambda: PRIORITIES)
    offer: uploads.Offer = field(default_factory=uploads.Offer)
    errors: Mapping[str, str] = field(default_factory=dict)


def filled(**known: Any) -> dict[str, str]:
    """Return what stands in a form nobody has typed into yet; `known` are fields of FIELDS."""
    assert known.keys() <= FIELDS.keys()
    typed = FIELDS | {name: str(value) for name, value in known.items() if value is not None}
    return typed | {"start_id": typed["start_id"] or secrets.token_urlsafe(18)}


def typed_into(form: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, as it goes back into the fields."""
    return filled(**{name: typed_again(form.get(name, FIELDS[name]), KEPT) for name in FIELDS})


def shown(
    identity: Identity,
    typed: dict[str, str],
    problem: Invalid | None = None,
    offer: uploads.Offer | None = None,
) -> Form:
    """Return the form with these words in its fields, and what is wrong with one of them; four queries.

    `offer` says which files can come with it.
    """
    found, has_more = people(typed)
    return Form(
        typed=typed,
        found=found,
        has_more=has_more,
        queues=queues.choices(identity, "create"),
        owners=_owners(identity),
        offer=offer or uploads.Offer(),
        errors={problem.field: problem.message} if problem else {},
    )


def people(typed: Mapping[str, str]) -> tuple[list[Any], bool]:
    """Return the customer users to choose from, the one who is chosen first, and whether there are more."""
    chosen = as_id(typed.get("customer", ""))
    try:
        words = clean_text(typed.get("words"), field="words", most=customers.LONGEST_WORDS)
    except Invalid:
        words = ""
    found = customers.found(words) if words else []
    has_more = len(found) > customers.FOUND
    first = customers.of_ids([chosen]) if chosen else []
    return first + [row for row in found[: customers.FOUND] if row.id != chosen], has_more


def read(
    identity: Identity, form: Mapping[str, str], files: Sequence[articles.File] = ()
) -> tuple[Wanted, articles.Draft]:
    """Return the ticket an agent wants and its first article, of channel phone, visible to the customer.

    Raises Invalid; its field is one of FIELDS, or "customer".
    """
    asked = wanted(identity, form)
    text = articles.clean_body(form.get("text"))
    draft = articles.Draft(
        PHONE, AGENT, identity.person_id, identity.name, True, asked.title, text, files=files
    )
    return asked, draft


def spoken(
    by: Identity, form: Mapping[str, str], title: str, files: Sequence[articles.File]
) -> articles.Draft | None:
    """Return what an agent has to say and send beside something else, of channel phone; None where nothing.

    Raises Invalid (field "text").
    """
    text = clean_text(form.get("text"), field="text", most=TEXT_LIMIT, is_multiline=True)
    if not text and not files:
        return None
    return articles.Draft(PHONE, AGENT, by.person_id, by.name, True, title, text, files=files)


def wanted(identity: Identity, form: Mapping[str, str], *, is_customer_needed: bool = True) -> Wanted:
    """Return the ticket an agent wants, without its article; raises Invalid as `read`.

    Where no customer is needed, somebody without an account may be nobody.
    """
    is_nobody = not is_customer_needed and form.get("customer") == NOBODY and not form.get("customer_name")
    customer_id, name, email = (None, "", "") if is_nobody else _customer(form)
    queue_id = queues.chosen(identity, as_id(form.get("queue", "")), "create")
    owner_id = _owner(form.get("owner", ""), queue_id)
    title = articles.clean_title(form.get("subject"))
    state = form.get("state", "open")
    if state not in STATES or state == "merged":
        raise Invalid("state", "Please choose a state.")
    priority = as_id(form.get("priority", ""))
    if priority not in PRIORITIES:
        raise Invalid("priority", "Please choose a priority.")
    return Wanted(
        title=title,
        queue_id=queue_id,
        start_id=_start_id(identity, form.get("start_id", "")),
        customer_id=customer_id,
        customer_name=name,
        customer_email=email,
        is_new_customer=form.get("customer") == NEW,
        owner_id=owner_id,
        state=state,
        priority=priority or NORMAL,
        pending_until=pending(state, until(form)),
        by_id=identity.person_id,
    )


def until(form: Mapping[str, str]) -> datetime | None:
    """Return the time in the field "pending", which is typed in the agent's time zone; None if it is none."""
    typed = form.get("pending", "").strip()
    if not typed:
        return None
    try:
        at = datetime.fromisoformat(typed)
        zone = preferences.own_zone(form.get("zone", ""))
        return at.replace(tzinfo=zone).astimezone(UTC) if at.tzinfo is None else None
    except (ValueError, OverflowError):
        return None


def _customer(form: Mapping[str, str]) -> tuple[int | None, str, str]:
    """Return who it is for: a customer user, or name and e-mail of somebody who is none yet."""
    chosen = form.get("customer", "")
    if chosen in (NOBODY, NEW):
        name = clean_name(form.get("customer_name"), field="customer_name")
        email = clean_email(form.get("customer_email"), field="customer_email")
        if chosen == NEW and not email:
            raise Invalid("customer_email", NEEDS_EMAIL)
        return None, name, email
    person_id = as_id(chosen)
    if person_id is None or not customers.of_ids([person_id]):
        raise Invalid("customer", "Please choose a customer user, or somebody without an account.")
    return person_id, "", ""


def _owner(typed: str, queue_id: int) -> int | None:
    if not typed:
        return None
    group_id = db.session.scalar(select(Queue.group_id).where(Queue.id == queue_id))
    check_owner(db.session(), as_id(typed) or 0, group_id or 0)
    return as_id(typed)


def _owners(identity: Identity) -> list[Any]:
    """Who may own tickets of any queue the agent creates in; of the one he chooses it is asked later."""
    granted = GRANTED.c
    groups = select(Queue.group_id).where(Queue.id.in_(queues_with(identity.person_id, "create")))
    may = select(granted.person_id).where(
        granted.group_id.in_(groups), granted.permission.in_(("owner", "rw"))
    )
    rows = select(Person.id, Person.name).where(Person.id.in_(may))
    return list(db.session.execute(rows.order_by(Person.name, Person.id)))


def _start_id(identity: Identity, typed: str) -> str | None:
    """One agent's askings are never another's."""
    return f"{identity.person_id}:{typed}" if START_ID.fullmatch(typed) else None
