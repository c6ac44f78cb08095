"""What pages say over their sockets: who is typing, and how far they have got."""

import json
from collections.abc import Iterator
from contextlib import suppress

from helpdesk import realtime
from helpdesk.accounts.identity import Identity
from helpdesk.chat import cursors
from helpdesk.chat.models import AGENT
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import chat_of
from helpdesk.web import Refusal

Said = list[tuple[Identity, dict[str, tuple[int, ...]]]]
TYPING_WAIT_S, READ_WAIT_S = 0.2, 0.5


def plug_in() -> None:
    """Hear `{"typing": chat}` and `{"read": {chat: [delivered, seen]}}`."""
    realtime.on_said("typing", typing, TYPING_WAIT_S)
    realtime.on_said("read", read, READ_WAIT_S)


def typing(said: Said) -> None:
    """Tell the others who is typing; nothing is stored. An observer may not write: nobody hears of him."""
    for relation, _ in _relations(said, "chat.write"):
        chat, person_id = relation.chat, relation.identity.person_id
        _tell(f"chat:{chat.id}:agents", relation, str(person_id))
        if relation.identity.is_agent and chat.direction != AGENT:
            _tell(f"chat:{chat.id}:guests", relation, "agent")


def read(said: Said) -> None:
    """Store how far people got. Commits and announces."""
    steps = [
        cursors.step(relation, *numbers)
        for relation, numbers in _relations(said, "chat.read")
        if len(numbers) == 2
    ]
    cursors.move([step for step in steps if step is not None])


def _relations(said: Said, right: str) -> Iterator[tuple[Relation, tuple[int, ...]]]:
    """What is not his he did not say."""
    for identity, chats in said:
        for public_id, numbers in chats.items():
            with suppress(Refusal):
                yield chat_of(identity, public_id, right), numbers


def _tell(topic: str, relation: Relation, who: str) -> None:
    frame = {"typing": relation.chat.public_id, "who": who, "name": relation.name}
    realtime.publish(topic, json.dumps(frame))
