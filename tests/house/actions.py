"""Each right with the address where it is used: the menu shows what the server does, and nothing else."""

from collections.abc import Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from helpdesk.accounts.identity import Identity
from helpdesk.chat.models import ACTIVE, CLOSED, IN_CHARGE, JOINED, OBSERVER, PARTICIPANT, PUBLIC, REQUEST
from helpdesk.chat.permissions import RIGHTS, Relation
from helpdesk.chat.reach import relation_to
from helpdesk.database import db
from helpdesk.realtime import topics
from helpdesk.web import NotFound

if TYPE_CHECKING:
    from tests.house.rights import World

AGENTS = ("agent", "obs", "part", "owner", "OWNER", "PART", "OBS", "INV")
LETTERS = ".opO"
# What an agent can be to a visitor's chat: mode, state, whether he is invited.
RELATIONS = {
    "outside": (None, None, False),
    "invited": (None, None, True),
    "observer": (OBSERVER, JOINED, False),
    "participant": (PARTICIPANT, JOINED, False),
    "in charge": (IN_CHARGE, JOINED, False),
}


class Deed(NamedTuple):
    """Where a right is used: the end of the address behind the chat's, and what is sent (None: read only)."""

    address: str
    fields: dict[str, str] | None


DEEDS = {
    "chat.write": Deed("messages", {"text": "Hello"}),
    "chat.attach": Deed("attachments", {"file": "Hello"}),
    "chat.note": Deed("messages", {"text": "Hello", "note": "1"}),
    "chat.hand_over": Deed("hand-over", {"to": "channel-0"}),  # who may hears that there is no such channel
    "chat.take": Deed("acceptance", {}),
    "chat.decline": Deed("rejection", {}),
    "chat.move": Deed("channel", {"channel": "Support"}),
    "chat.withdraw": Deed("withdrawal", {}),
    "chat.close": Deed("closure", {}),
    "chat.leave": Deed("departure", {}),
    "chat.dismiss": Deed("dismissal", {}),
    "chat.monitor": Deed("monitoring", {"to": "next"}),
    "chat.download": Deed("transcript", {}),
    "chat.window": Deed("window", None),
    "chat.phone_ticket": Deed("phone-ticket", {"queue": "0"}),  # who may hears that there is no such queue
    "chat.append": Deed("append", {"ticket": ""}),
    "chat.invite": Deed("invitation", {"person": ""}),
    "chat.change_channel": Deed("channel-change", {"channel": "Support"}),
    "chat.observe": Deed("participation", {"mode": "observer"}),
    "chat.participate": Deed("participation", {"mode": "participant"}),
}
# Pressed again it is done already: nothing changes, and nobody is told that he may not.
EXCUSED = {("chat.take", 200), ("chat.observe", 200), ("chat.participate", 200)}


def menu_of(world: "World", who: str, chat: str) -> set[str]:
    """Return the rights a person has on a chat now; none where it is out of his reach."""
    identity = topics.load(world._id(who), "")
    assert identity is not None
    try:
        relation = relation_to(identity, chat)
    except NotFound:
        return set()
    finally:
        db.session.rollback()
    return {right for right in RIGHTS if relation.may(right)}


def tried(world: "World", who: str, chat: str, deed: Deed) -> int:
    """Return the status of the deed, after which everything is as before."""
    person, address = world.people[who], f"/chats/{chat}/{deed.address}"
    if deed.fields is None:
        return person.get(address).status_code
    fields: dict[str, object] = {"client_id": str(uuid4()), **deed.fields}
    if "channel" in deed.fields:
        fields["channel"] = str(world.house.channel(deed.fields["channel"]))
    if "file" in deed.fields:
        fields["file"] = (BytesIO(deed.fields["file"].encode()), "hello.txt")
    status = person.send(address, **fields).status_code
    if status not in (401, 403, 404):
        world.put_back()
    return status


def actions() -> Iterator[str]:
    """Yield the lines that say who may do what: by state, by what he is in the chat, and by his level."""
    yield "ACTIONS of agents in a visitor's chat, by state and by what they are in it; letters are the levels"
    yield "that may: o observer, p participant, O owner, . none. What no agent may at all is left out."
    yield f"{'':28} {' '.join(f'{name:11}' for name in RELATIONS)}"
    for right in RIGHTS:
        for state in (REQUEST, ACTIVE, CLOSED):
            cells = [_levels(right, state, *relation) for relation in RELATIONS.values()]
            if any(cell.strip(".") for cell in cells):
                yield f"{right:20} {state:7} {' '.join(f'{cell:11}' for cell in cells)}"


def _levels(right: str, state: str, mode: str | None, own_state: str | None, is_invited: bool) -> str:
    identity = Identity(1, "agent", "Agent", None, "", 1, 2)
    chat = SimpleNamespace(
        state=state, direction=PUBLIC, requester_id=2, target_id=None, in_charge_id=1, ticket_id=None
    )
    ranks = (
        (rank, Relation(identity, chat, mode, own_state, "Agent", rank, is_invited)) for rank in range(4)
    )
    return "".join(LETTERS[rank] if relation.may(right) else "." for rank, relation in ranks)
