"""Seats: an agent's place in a chat, and with it on his screen."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from helpdesk.accounts.identity import Identity
from helpdesk.chat import monitoring, order
from helpdesk.chat.models import JOINED, Participation


def take(tx: Session, chat_id: int, agent: Identity, mode: str) -> None:
    """Put the agent into the chat in this mode; a new card goes where his new ones go."""
    found = tx.get(Participation, (chat_id, agent.person_id), populate_existing=True)
    if found is not None and found.state == JOINED:
        return change(tx, chat_id, agent.person_id, mode=mode)
    seat = Participation(
        chat_id=chat_id,
        person_id=agent.person_id,
        mode=mode,
        state=JOINED,
        name=agent.name,
        **place(tx, agent.person_id),
    )
    tx.merge(seat)
    return tx.flush()


def place(tx: Session, person_id: int) -> dict[str, Any]:
    """Return where a new card of this person goes, and where its monitoring circle stands."""
    return {"position": order.place(tx, person_id), "monitoring": monitoring.first(tx, person_id)}


def change(tx: Session, chat_id: int, *person_ids: int, **values: Any) -> None:
    """Change what these people are in the chat."""
    tx.execute(
        update(Participation)
        .where(Participation.chat_id == chat_id, Participation.person_id.in_(person_ids))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
