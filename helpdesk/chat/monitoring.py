"""The monitoring circle (row 36): of which actions in a chat an agent is told; seen by him alone."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from helpdesk.accounts import preferences
from helpdesk.chat import tell
from helpdesk.chat.models import JOINED, Participation
from helpdesk.chat.permissions import Relation
from helpdesk.database import transaction

POSITIONS = 3  # none, customer activity, all actions


def step(relation: Relation) -> None:
    """Go to the next position. Commits, and announces it to the agent's own pages."""
    _set(relation, (Participation.monitoring + 1) % POSITIONS)


def set_to(relation: Relation, position: int) -> None:
    """Go to this position. Commits, and announces it to the agent's own pages."""
    _set(relation, position)


def first(session: Any, person_id: int) -> int:
    """Return where the circle of a new chat of this agent stands."""
    return preferences.of(session, person_id).monitoring


def _set(relation: Relation, position: Any) -> None:
    relation.require("chat.monitor")
    with transaction() as tx:
        _tell(tx, relation, _stored(tx, relation, position))


def _stored(tx: Session, relation: Relation, position: Any) -> int | None:
    """Store it while he is in the chat; it is his row alone that moves."""
    is_his = (
        Participation.chat_id == relation.chat.id,
        Participation.person_id == relation.identity.person_id,
        Participation.state == JOINED,
    )
    moved = update(Participation).where(*is_his).values(monitoring=position)
    return tx.scalar(moved.returning(Participation.monitoring).execution_options(synchronize_session=False))


def _tell(tx: Session, relation: Relation, position: int | None) -> None:
    if position is not None:
        person_id = relation.identity.person_id
        tell.person(tx, person_id, monitoring=relation.chat.public_id, position=position)
