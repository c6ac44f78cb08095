"""Joining a running chat unseen or writing, and switching between the two."""

from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.chat import invited, messages, seats, tell
from helpdesk.chat.changes import change
from helpdesk.chat.models import AGENTS, EVERYONE, JOINED, OBSERVER, PARTICIPANT, Chat
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import hold
from helpdesk.database import transaction

RIGHT_TO = {OBSERVER: "chat.observe", PARTICIPANT: "chat.participate"}


def be(relation: Relation, mode: str) -> None:
    """Let the agent be in the chat as observer or participant; harmless when he is that already.

    Commits and announces: guests hear of it only when somebody they see comes or goes. Raises ChatClosed,
    NotFound or Forbidden.
    """
    if not _is(relation, mode):
        relation.require(RIGHT_TO[mode])
    with transaction() as tx:
        before = hold(tx, relation)
        if _is(before, mode):
            return
        before.require(RIGHT_TO[mode])
        _change(tx, before, mode)


def _change(tx: Session, before: Relation, mode: str) -> None:
    chat, me = before.chat, before.identity.person_id
    was_seen = before.state == JOINED and before.mode == PARTICIPANT
    is_seen = was_seen or mode == PARTICIPANT
    change(tx, (Chat.id == chat.id,), is_for_guests=is_seen)
    seats.take(tx, chat.id, before.identity, mode)
    kind = "joined" if mode == PARTICIPANT else ("hides" if was_seen else "observes")
    messages.system(tx, before, kind, EVERYONE if is_seen else AGENTS)
    events.record(tx, me, f"chat.{kind}", "chat", chat.id)
    tell.changed(tx, chat, is_for_guests=is_seen)
    tell.fit(tx, me)
    tell.person(tx, me, active=True)
    invited.tell_changed(tx, chat, me)


def _is(relation: Relation, mode: str) -> bool:
    return relation.state == JOINED and relation.mode == mode
