"""What is lost: offers that nobody took lapse, who lost his connection or his level is stood in for.

Every process sweeps; each deed is one conditional statement, so it is done once.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from helpdesk import events, settings
from helpdesk.chat import messages, moving, offers
from helpdesk.chat.models import ACTIVE, AGENT, AGENTS, EVERYONE, Chat, HandOver
from helpdesk.chat.reach import stand_in
from helpdesk.database import database_now, db, now, transaction
from helpdesk.realtime.models import OFFLINE, Presence

MOST = 100
EVERY_S = 5


def sweep() -> None:
    """End offers that lapsed, offer chats whose agent is lost, take them back when he is found.

    Who has lost his level is put out of his chats. Commits and announces.
    """
    deeds = (
        (_lapsed, _lapse),
        (moving.without_level, moving.settle),
        (_lost, _offer),
        (_found, _take_back),
    )
    for find, deed in deeds:
        for row in db.session.execute(find().limit(MOST)).all():
            with transaction() as tx:
                deed(tx, row)


def _lapsed() -> Any:
    return select(HandOver).where(HandOver.until <= database_now()).order_by(HandOver.chat_id)


def _lapse(tx: Session, row: Any) -> None:
    _end(tx, row.HandOver, HandOver.offered_at == row.HandOver.offered_at, "lapsed", AGENTS)


def _lost() -> Any:
    """Running chats whose agent in charge has been black for too long, and which are not on offer yet."""
    minutes = settings.get("ChatEngine::TakeOverAfter")
    since = now() - timedelta(minutes=minutes)
    return (
        select(Chat.id, Chat.channel_id, Chat.in_charge_id)
        .join(Presence, Presence.person_id == Chat.in_charge_id)
        .where(
            Chat.state == ACTIVE,
            Chat.direction != AGENT,
            Presence.shown == OFFLINE,
            Presence.changed_at <= since,
            minutes > 0,
            ~exists(select(HandOver.chat_id).where(HandOver.chat_id == Chat.id)),
        )
        .order_by(Chat.id)
    )


def _offer(tx: Session, row: Any) -> None:
    is_it = (Chat.id == row.id, Chat.state == ACTIVE, Chat.in_charge_id == row.in_charge_id)
    held = tx.execute(select(Chat.id).where(*is_it).with_for_update()).first()
    if held is None or tx.get(HandOver, row.id) is not None:
        return
    relation = stand_in(tx, row.in_charge_id, row.id)
    offers.make(tx, relation.chat, relation.identity, None, channel_id=row.channel_id)
    messages.system(tx, relation, "lost")
    events.record(tx, None, "chat.lost", "chat", row.id)


def _found() -> Any:
    """Offers without an end whose agent is here again."""
    is_here = exists(
        select(Presence.person_id).where(Presence.person_id == HandOver.by_id, Presence.shown != OFFLINE)
    )
    return select(HandOver).where(HandOver.until.is_(None), is_here).order_by(HandOver.chat_id)


def _take_back(tx: Session, row: Any) -> None:
    _end(tx, row.HandOver, HandOver.until.is_(None), "found", EVERYONE)


def _end(tx: Session, offer: HandOver, is_it: Any, kind: str, audience: str) -> None:
    relation = stand_in(tx, offer.by_id, offer.chat_id)
    if offers.end(tx, relation.chat, is_it) is not None:
        messages.system(tx, relation, kind, audience)
