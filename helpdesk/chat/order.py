"""The order of *My Active Chats* (row 22): where a new card goes, and where its agent puts it."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.chat import tell
from helpdesk.chat.models import JOINED, Chat, Participation
from helpdesk.database import transaction

BY = (Participation.position, func.coalesce(Chat.accepted_at, Chat.created_at), Chat.id)

_MOVE = (
    update(Participation)
    .where(Participation.chat_id == bindparam("chat"), Participation.person_id == bindparam("person"))
    .values(position=bindparam("place"))
)


def place(tx: Session, person_id: int) -> int:
    """Return the position of a card that comes now, before or behind all others as the setting says."""
    is_first = settings.get("ChatEngine::ChatOrder") == "first"
    edge = (func.min if is_first else func.max)(Participation.position)
    found = tx.scalar(select(edge).where(Participation.person_id == person_id, Participation.state == JOINED))
    return (found or 0) + (-1 if is_first else 1)


def arrange(identity: Identity, public_ids: Iterable[str]) -> None:
    """Put the agent's cards into this order; one that came meanwhile stays where new ones go.

    Commits, and announces to his tabs. What is not his, or not on his screen, is passed over.
    """
    wanted = {public_id: number for number, public_id in enumerate(public_ids)}
    with transaction() as tx:
        mine = _mine(tx, identity.person_id)
        is_first = settings.get("ChatEngine::ChatOrder") == "first"
        elsewhere = -1 if is_first else len(wanted)
        mine.sort(key=lambda each: wanted.get(each[1], elsewhere))
        places = [
            {"chat": chat_id, "person": identity.person_id, "place": number}
            for number, (chat_id, _) in enumerate(mine, start=1)
        ]
        if places:
            tx.connection().execute(_MOVE, places)
        tell.person(tx, identity.person_id, active=True)


def _mine(tx: Session, person_id: int) -> list[tuple[int, str]]:
    rows = tx.execute(
        select(Chat.id, Chat.public_id)
        .join(Participation, Participation.chat_id == Chat.id)
        .where(Participation.person_id == person_id, Participation.state == JOINED)
        .order_by(*BY)
    )
    return [(row.id, row.public_id) for row in rows]
