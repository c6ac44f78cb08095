"""No ghosts: requests of people who are gone are withdrawn, silent guests asked, silent chats closed.

Every process sweeps; each deed is one conditional UPDATE, so it is done once.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from helpdesk import events, settings
from helpdesk.chat import invited, messages, offers, requests, tell
from helpdesk.chat.changes import change
from helpdesk.chat.models import ACTIVE, AGENT, CLOSED, GUEST, REQUEST, Chat, Participation
from helpdesk.chat.reach import stand_in
from helpdesk.database import db, now, transaction
from helpdesk.realtime.models import OFFLINE, Presence

MOST = 100
EVERY_S = 15

_UNASKED = or_(Chat.asked_at.is_(None), Chat.asked_at < Chat.heard_at)
_GUEST = and_(Participation.chat_id == Chat.id, Participation.mode == GUEST)
_RUNNING = select(Chat.id, Chat.heard_at, Participation.person_id).join(Participation, _GUEST)


def sweep() -> None:
    """Do what is due, at most MOST of each kind; the rest is done next time. Commits and announces."""
    for minutes, find, deed in (
        (settings.get("ChatEngine::Ghosts::WithdrawAfter"), _gone, _withdraw),
        (settings.get("ChatEngine::Ghosts::CloseAfter"), _silent, _close),
        (settings.get("ChatEngine::Ghosts::AskAfter"), _unasked, _ask),
    ):
        if minutes:
            found = db.session.execute(find(now() - timedelta(minutes=minutes)).limit(MOST)).all()
            for row in found:
                with transaction() as tx:
                    deed(tx, row, minutes)


def _gone(since: datetime) -> Any:
    """Requests whose requester is shown black since before `since`."""
    is_gone = and_(Presence.shown == OFFLINE, func.coalesce(Presence.changed_at, Chat.created_at) <= since)
    return (
        select(Chat.id, Chat.requester_id.label("person_id"))
        .join(Presence, Presence.person_id == Chat.requester_id)
        .where(Chat.state == REQUEST, Chat.created_at <= since, is_gone)
        .order_by(Chat.id)
    )


def _withdraw(tx: Session, row: Any, minutes: int) -> None:
    still = select(Presence.person_id).where(Presence.person_id == row.person_id, Presence.shown == OFFLINE)
    if tx.execute(still.with_for_update()).first() is not None:
        requests.end(tx, stand_in(tx, row.person_id, row.id), "abandoned")


def _silent(since: datetime) -> Any:
    """Running chats whose guest was heard last before `since`."""
    return _RUNNING.where(Chat.state == ACTIVE, Chat.direction != AGENT, Chat.heard_at <= since).order_by(
        Chat.id
    )


def _unasked(since: datetime) -> Any:
    return _silent(since).where(_UNASKED)


def _ask(tx: Session, row: Any, minutes: int) -> None:
    if change(tx, (*_still(row), _UNASKED), asked_at=now()):
        messages.system(tx, stand_in(tx, row.person_id, row.id), "asked")


def _close(tx: Session, row: Any, minutes: int) -> None:
    if not change(tx, _still(row), state=CLOSED, closed_at=now()):
        return
    relation = stand_in(tx, row.person_id, row.id)
    messages.system(tx, relation, "silent", params={"minutes": minutes})
    events.record(tx, None, "chat.silent", "chat", row.id)
    tell.counted(tx, relation.chat)
    tell.changed(tx, relation.chat)
    offers.end(tx, relation.chat)
    invited.tell_end(tx, relation)


def _still(row: Any) -> tuple[Any, ...]:
    return (Chat.id == row.id, Chat.state == ACTIVE, Chat.heard_at == row.heard_at)
