"""How far people got: cursors of their own, and the marks made of them for the other side.

A cursor is stored as `seq` and told in the numbers of who hears of it: to a guest a line he may not see
does not exist, so no mark of his moves by one.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.orm import Session

from helpdesk import realtime
from helpdesk.chat.models import AGENT, CLOSED, GUEST, JOINED, OBSERVER, Chat, Message, Participation
from helpdesk.chat.permissions import Relation
from helpdesk.database import announce, db, transaction


@dataclass(frozen=True, slots=True)
class Marks:
    """In the reader's numbers: how far the other side got, and up to where he has read himself."""

    delivered: int
    seen: int
    read: int


@dataclass(frozen=True, slots=True)
class Step:
    """How far somebody got by now; by `seq`, higher than what is stored."""

    relation: Relation
    delivered: int
    seen: int


def marks_of(relation: Relation) -> Marks:
    """Return what stands at the reader's log; asks the database only where guests do not see every line."""
    chat = relation.chat
    delivered, seen = _far(chat, is_theirs=not _is_theirs(relation))
    numbers = (delivered, seen, chat.my_seen or 0)
    return Marks(*(_shown(db.session, chat, n, relation.identity.is_agent) for n in numbers))


def step(relation: Relation, delivered: int, seen: int) -> Step | None:
    """Return how far he got by his own numbers, as far as he may see; None when that is known already."""
    chat = relation.chat
    if relation.state != JOINED:
        return None
    delivered, seen = (_seq(relation, n) for n in (max(delivered, seen), seen))
    is_new = delivered > chat.my_delivered or seen > chat.my_seen
    return Step(relation, delivered, seen) if is_new else None


def move(steps: list[Step]) -> None:
    """Store how far people got; cursors only rise, and observers leave no marks. Commits and announces."""
    if steps:
        with transaction() as tx:
            for each in sorted(steps, key=lambda one: int(one.relation.chat.id)):
                _move(tx, each)


def _move(tx: Session, step: Step) -> None:
    """The chat's row is locked before the participation's, as by everybody who changes both."""
    relation, chat = step.relation, step.relation.chat
    before = None if relation.mode == OBSERVER else _locked(tx, chat.id)
    person_id = relation.identity.person_id
    of_him = and_(Participation.chat_id == chat.id, Participation.person_id == person_id)
    is_as_read = and_(Participation.state == JOINED, Participation.mode == relation.mode)
    columns = (Participation.delivered_seq, Participation.seen_seq)
    if not _raise(tx, Participation, and_(of_him, is_as_read), columns, step):
        return
    if step.seen > chat.my_seen:
        read = _shown(tx, chat, step.seen, relation.identity.is_agent)
        _tell(tx, f"person:{person_id}", read=chat.public_id, seen=read)
    if before is not None:
        _mark(tx, step, before)


def _mark(tx: Session, step: Step, before: Any) -> None:
    relation, chat = step.relation, step.relation.chat
    is_theirs = _is_theirs(relation)
    is_for_agents = is_theirs or chat.direction == AGENT
    if before.state == CLOSED and not is_for_agents:
        return  # the guest of a closed chat hears nothing any more: his marks stay as they are
    if not _raise(tx, Chat, Chat.id == chat.id, _far(Chat, is_theirs=is_theirs), step):
        return
    known = _far(before, is_theirs=is_theirs)
    reached = map(max, known, (step.delivered, step.seen))
    was, now = ([_shown(tx, before, n, is_for_agents) for n in each] for each in (known, reached))
    if was != now:
        for topic in _other_side(tx, chat, is_theirs):
            _tell(tx, topic, marks=chat.public_id, delivered=now[0], seen=now[1])


def _raise(tx: Session, table: Any, condition: Any, columns: tuple[Any, Any], step: Step) -> bool:
    pairs = tuple(zip(columns, (step.delivered, step.seen), strict=True))
    moved = tx.execute(
        update(table)
        .where(condition, or_(*(column < number for column, number in pairs)))
        .values({column: case((column < number, number), else_=column) for column, number in pairs})
        .execution_options(synchronize_session=False)
        .returning(columns[0])
    )
    return moved.first() is not None


def _locked(tx: Session, chat_id: int) -> Any:
    """What marks told so far is compared with what they tell now, so nobody may move them in between."""
    columns = (Chat.ours_delivered, Chat.ours_seen, Chat.theirs_delivered, Chat.theirs_seen)
    numbers = (Chat.id, Chat.state, Chat.last_seq, Chat.last_guest_seq)
    return tx.execute(select(*numbers, *columns).where(Chat.id == chat_id).with_for_update()).one()


def _other_side(tx: Session, chat: Any, is_theirs: bool) -> list[str]:
    """Return the topics of who sees this side as the other; who joins two agents does as the asker."""
    if chat.direction != AGENT:
        return [f"chat:{chat.id}:{'agents' if is_theirs else 'guests'}"]
    if not is_theirs:
        return [f"person:{chat.target_id}"]
    joined = and_(Participation.chat_id == chat.id, Participation.state == JOINED)
    them = select(Participation.person_id).where(joined, Participation.person_id != chat.target_id)
    return [f"person:{person_id}" for person_id in tx.scalars(them)]


def _is_theirs(relation: Relation) -> bool:
    """Tell whether he is on the side of the guest, or, between agents, of who was asked."""
    is_asked = relation.chat.target_id == relation.identity.person_id
    return relation.mode == GUEST or (relation.chat.direction == AGENT and is_asked)


def _far(chat: Any, *, is_theirs: bool) -> tuple[Any, Any]:
    if is_theirs:
        return chat.theirs_delivered, chat.theirs_seen
    return chat.ours_delivered, chat.ours_seen


def _seq(relation: Relation, number: int) -> int:
    """Return the last line a person means by his own number; not behind the last one he may see."""
    chat = relation.chat
    if relation.identity.is_agent or chat.last_seq == chat.last_guest_seq:
        return int(min(number, chat.last_seq))
    return _last(db.session, Message.seq, Message.chat_id == chat.id, Message.guest_seq <= number)


def _shown(tx: Any, chat: Any, seq: int, is_for_agents: bool) -> int:
    """Return the number under which this audience knows the last line it may see up to `seq`."""
    if is_for_agents or chat.last_seq == chat.last_guest_seq:
        return seq
    is_for_guests = and_(Message.seq <= seq, Message.guest_seq.is_not(None))
    return _last(tx, Message.guest_seq, Message.chat_id == chat.id, is_for_guests)


def _last(tx: Any, number: Any, *where: Any) -> int:
    return int(tx.scalar(select(number).where(*where).order_by(Message.seq.desc()).limit(1)) or 0)


def _tell(tx: Session, topic: str, **frame: Any) -> None:
    announce(tx, lambda: realtime.publish(topic, json.dumps(frame)))
