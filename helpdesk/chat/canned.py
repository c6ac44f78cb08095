"""Canned responses, an agent's own and those of channels: kept by who owns them, found by who may write."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk.accounts.identity import Identity
from helpdesk.chat import channels, parties
from helpdesk.chat.models import MESSAGE_LIMIT, CannedResponse, Channel
from helpdesk.chat.permissions import OWNER_RANK, PARTICIPANT_RANK, Relation
from helpdesk.database import db, transaction
from helpdesk.web import Invalid, NotFound, clean_text

LONGEST_NAME = 100
LONGEST_QUERY = 60
MOST_FOUND = 20
MOST_RESPONSES = 500
PAGE = 50
PLACEHOLDER = re.compile(r"\{(customer|agent)\}")


@dataclass(frozen=True, slots=True)
class Typed:
    """A response as somebody wrote it, cleaned; `channel_id` is None for one of his own."""

    channel_id: int | None
    name: str
    text: str
    is_valid: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One response that fits what is being typed; `text` is what goes into the message."""

    id: int
    name: str
    channel_name: str
    text: str


def typed(channel_id: int | None, raw_name: str | None, raw_text: str | None, is_valid: bool) -> Typed:
    """Return a response as it will be stored; raises Invalid."""
    name = clean_text(raw_name, field="name", most=LONGEST_NAME)
    text = clean_text(raw_text, field="text", most=MESSAGE_LIMIT, is_multiline=True)
    if not name:
        raise Invalid("name", "Please enter a name.")
    if not text:
        raise Invalid("text", "Please enter a text.")
    return Typed(channel_id, name, text, is_valid)


def channels_kept_by(identity: Identity) -> list[tuple[int, str]]:
    """Return id and name of the channels whose responses this agent keeps: those he owns."""
    choices = channels.choices_of(identity.person_id)
    return [(row.id, row.name) for row in choices if row.rank >= OWNER_RANK]


def page_of(identity: Identity, number: int) -> tuple[list[Any], bool]:
    """Return a page (from 1) of the responses this agent keeps, his own first, and whether more follow."""
    statement = (
        _kept_by(identity)
        .order_by(CannedResponse.channel_id.is_not(None), Channel.name, CannedResponse.key)
        .offset((number - 1) * PAGE)
        .limit(PAGE + 1)
    )
    rows = list(db.session.execute(statement))
    return rows[:PAGE], len(rows) > PAGE


def one_of(identity: Identity, number: int) -> Any:
    """Return the row of a response this agent keeps; raises NotFound."""
    row = db.session.execute(_kept_by(identity).where(CannedResponse.id == number)).first()
    if row is None:
        raise NotFound()
    return row


def add(identity: Identity, new: Typed) -> int:
    """Store a response and return its id. Commits. Raises Invalid, for its name too."""
    try:
        with transaction() as tx:
            scope = _scope(tx, identity, new.channel_id)
            count = select(func.count()).select_from(CannedResponse).filter_by(**scope)
            if (tx.scalar(count) or 0) >= MOST_RESPONSES:
                raise Invalid("name", f"There are {MOST_RESPONSES:,} responses already. Please delete some.")
            statement = insert(CannedResponse).values(**scope, **_values(new)).returning(CannedResponse.id)
            return int(tx.scalars(statement).one())
    except IntegrityError:
        raise _name_is_taken() from None


def change(identity: Identity, number: int, new: Typed) -> None:
    """Store a response anew. Commits. Raises NotFound, Invalid."""
    try:
        with transaction() as tx:
            scope = _scope(tx, identity, new.channel_id)
            changed = (
                update(CannedResponse)
                .where(CannedResponse.id == number, _is_kept_by(tx, identity))
                .values(**scope, **_values(new))
                .returning(CannedResponse.id)
                .execution_options(synchronize_session=False)
            )
            if tx.execute(changed).first() is None:
                raise NotFound()
    except IntegrityError:
        raise _name_is_taken() from None


def remove(identity: Identity, number: int) -> None:
    """Delete a response. Commits. Raises NotFound."""
    with transaction() as tx:
        gone = (
            delete(CannedResponse)
            .where(CannedResponse.id == number, _is_kept_by(tx, identity))
            .returning(CannedResponse.id)
            .execution_options(synchronize_session=False)
        )
        if tx.execute(gone).first() is None:
            raise NotFound()


def matching(relation: Relation, raw_query: str) -> list[Found]:
    """Return at most MOST_FOUND responses with a query in name or text, the agent's own first.

    Whoever writes in a chat of the channel without participant level on it has only his own.
    """
    query = clean_text(raw_query[:LONGEST_QUERY], field="q", most=LONGEST_QUERY).casefold()
    me, channel_id = relation.identity.person_id, relation.chat.channel_id
    scopes = [CannedResponse.person_id == me]
    if channels.levels_of(me).get(channel_id, 0) >= PARTICIPANT_RANK:
        scopes.append(CannedResponse.channel_id == channel_id)
    name_has = CannedResponse.key.contains(query, autoescape=True)
    statement = (
        _all()
        .where(CannedResponse.is_valid, or_(*scopes))
        .where(or_(name_has, CannedResponse.folded.contains(query, autoescape=True)))
        .order_by(
            CannedResponse.channel_id.is_not(None),
            ~CannedResponse.key.startswith(query, autoescape=True),
            ~name_has,
            CannedResponse.key,
        )
        .limit(MOST_FOUND)
    )
    rows = list(db.session.execute(statement))
    names = _names(relation) if rows else {}
    return [Found(row.id, row.name, row.channel_name or "", filled(row.text, names)) for row in rows]


def filled(text: str, names: dict[str, str]) -> str:
    """Return a text with {customer} and {agent} replaced; every other brace stays, in the names too."""
    return PLACEHOLDER.sub(lambda match: names[match[1]], text)


def _names(relation: Relation) -> dict[str, str]:
    people = parties.of_chats([relation.chat])[relation.chat.id]
    other = parties.other_than(relation.identity.person_id, relation.chat, people)
    return {"customer": other.name, "agent": relation.name}


def _all() -> Select[Any]:
    columns = (CannedResponse.id, CannedResponse.person_id, CannedResponse.channel_id, CannedResponse.name)
    more: Any = (CannedResponse.text, CannedResponse.is_valid, Channel.name.label("channel_name"))
    return (
        select(*columns, *more)
        .select_from(CannedResponse)
        .outerjoin(Channel, Channel.id == CannedResponse.channel_id)
    )


def _kept_by(identity: Identity) -> Select[Any]:
    return _all().where(_is_kept_by(db.session, identity))


def _is_kept_by(session: Any, identity: Identity) -> Any:
    owned = [row.id for row in channels.choices_of(identity.person_id, session) if row.rank >= OWNER_RANK]
    return or_(CannedResponse.person_id == identity.person_id, CannedResponse.channel_id.in_(owned))


def _scope(tx: Session, identity: Identity, channel_id: int | None) -> dict[str, int | None]:
    """Whose response it is; raises Invalid for a channel that is not this agent's to keep."""
    if channel_id is None:
        return {"person_id": identity.person_id, "channel_id": None}
    ranks = {row.id: row.rank for row in channels.choices_of(identity.person_id, tx)}
    if ranks.get(channel_id, 0) < OWNER_RANK:
        raise Invalid("channel", "Please choose yourself or a channel you own.")
    return {"person_id": None, "channel_id": channel_id}


def _values(new: Typed) -> dict[str, Any]:
    return {
        "name": new.name,
        "key": new.name.casefold(),
        "text": new.text,
        "folded": new.text.casefold(),
        "is_valid": new.is_valid,
    }


def _name_is_taken() -> Invalid:
    return Invalid("name", "There is a response of this name already.")
