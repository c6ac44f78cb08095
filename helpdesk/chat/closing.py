"""Ends: a chat is closed for all, left by one, or dismissed from his screen once it is closed."""

from sqlalchemy.orm import Session

from helpdesk import events
from helpdesk.chat import invited, messages, offers, seats, tell
from helpdesk.chat.changes import change
from helpdesk.chat.models import ACTIVE, AGENTS, CLOSED, EVERYONE, LEFT, OBSERVER, Chat
from helpdesk.chat.permissions import ChatClosed, Relation
from helpdesk.chat.reach import hold
from helpdesk.database import now, transaction


def close(relation: Relation) -> None:
    """End the chat for everybody; the other side keeps its card until it dismisses it.

    Commits and announces. Raises ChatClosed when it is closed already.
    """
    relation.require("chat.close")
    with transaction() as tx:
        end(tx, relation)


def end(tx: Session, relation: Relation, *, is_leaving: bool = True) -> None:
    """Do the same inside `tx`, where the right is granted already; who ends it leaves it, or keeps his card.

    Raises ChatClosed.
    """
    chat, person_id = relation.chat, relation.identity.person_id
    condition = (Chat.id == chat.id, Chat.state == ACTIVE)
    if not change(tx, condition, state=CLOSED, closed_at=now(), closed_by_id=person_id):
        raise ChatClosed()
    messages.system(tx, relation, "left")
    if is_leaving:
        _leave(tx, relation)
    events.record(tx, person_id, "chat.closed", "chat", chat.id)
    tell.counted(tx, chat)
    tell.changed(tx, chat)
    offers.end(tx, chat)
    invited.tell_end(tx, relation)


def leave(relation: Relation) -> None:
    """Leave the chat to those who stay; an observer's going is for agents. Commits and announces."""
    relation.require("chat.leave")
    with transaction() as tx:
        held = hold(tx, relation)
        held.require("chat.leave")
        chat, is_seen = held.chat, held.mode != OBSERVER
        change(tx, (Chat.id == chat.id,), is_for_guests=is_seen)
        messages.system(tx, held, "left", EVERYONE if is_seen else AGENTS)
        _leave(tx, held)
        events.record(tx, held.identity.person_id, "chat.left", "chat", chat.id)
        tell.changed(tx, chat, is_for_guests=is_seen)
        invited.tell_changed(tx, chat, held.identity.person_id)


def dismiss(relation: Relation) -> None:
    """Take a closed chat off the agent's screen, in all his tabs. Commits and announces."""
    relation.require("chat.dismiss")
    with transaction() as tx:
        _leave(tx, relation)


def _leave(tx: Session, relation: Relation) -> None:
    person_id = relation.identity.person_id
    seats.change(tx, relation.chat.id, person_id, state=LEFT)
    tell.fit(tx, person_id)
    if relation.identity.is_agent:
        tell.person(tx, person_id, active=True)
