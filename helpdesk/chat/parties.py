"""The people of a chat as agents see them: name, kind, company and circle."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from helpdesk.accounts.models import AGENT, CUSTOMER, VISITOR, Company, Person
from helpdesk.chat import circles
from helpdesk.chat.models import CLOSED, IN_CHARGE, INVITED, LEFT, Chat, Participation
from helpdesk.database import db
from helpdesk.realtime.models import Presence

LETTERS = {AGENT: "A", CUSTOMER: "C", VISITOR: "P"}


@dataclass(frozen=True, slots=True)
class Party:
    """One person in one chat; `letter` is A, C or P."""

    person_id: int
    name: str
    letter: str
    company_id: int | None
    company_name: str
    mode: str
    state: str
    circle: circles.Circle


_PARTIES = (
    select(
        Participation.chat_id,
        Participation.person_id,
        Participation.name,
        Participation.mode,
        Participation.state,
        Person.kind,
        Person.availability,
        Person.company_id,
        Company.name.label("company_name"),
        *circles.FACTS,
        Chat.state.label("chat_state"),
        Chat.closed_by_id,
    )
    .join(Chat, Chat.id == Participation.chat_id)
    .join(Person, Person.id == Participation.person_id)
    .outerjoin(Company, Company.id == Person.company_id)
    .outerjoin(Presence, Presence.person_id == Person.id)
    .order_by(Participation.chat_id, Participation.mode != IN_CHARGE, Participation.person_id)
)


def of_chats(chats: list[Any]) -> dict[int, list[Party]]:
    """Return everybody who is or was in these chats, by chat id, who is in charge first; one query."""
    found: dict[int, list[Party]] = {chat.id: [] for chat in chats}
    for row in db.session.execute(_PARTIES.where(Participation.chat_id.in_(found))):
        found[row.chat_id].append(_party(row))
    return found


def presence_version(chat_id: int) -> int:
    """Return a number that moves with every circle of the chat."""
    moved = (
        select(func.coalesce(func.sum(Presence.version), 0))
        .join(Participation, Participation.person_id == Presence.person_id)
        .where(Participation.chat_id == chat_id)
    )
    return int(db.session.scalar(moved) or 0)


def other_than(me: int, chat: Any, people: list[Party]) -> Party:
    """Return whom a card is named after: its guest; between agents the other side."""
    guest = next((party for party in people if party.letter != "A"), None)
    if guest is not None:
        return guest
    other_id = chat.target_id if chat.requester_id == me else chat.requester_id
    return next(party for party in people if party.person_id == other_id)


def _party(row: Any) -> Party:
    return Party(
        person_id=row.person_id,
        name=row.name,
        letter=LETTERS[row.kind],
        company_id=row.company_id,
        company_name=row.company_name or "",
        mode=row.mode,
        state=row.state,
        circle=_circle(row),
    )


def _circle(row: Any) -> circles.Circle:
    """Pink goes before all other colours: not accepted yet, or gone."""
    if row.state == INVITED:
        return circles.not_yet(row.presence_version)
    is_gone = row.state == LEFT if row.chat_state != CLOSED else row.closed_by_id == row.person_id
    if is_gone:
        return circles.gone(row.presence_version)
    return circles.of_person(row)
