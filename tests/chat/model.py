"""What a chat must be, in a few words: the model that the life of chats is held against."""

from dataclasses import dataclass, field

AGENT_NAMES = {"agent1": "Agent One", "agent2": "Agent Two", "agent3": "Agent Three"}
NAMES = AGENT_NAMES | {"customer1": "Customer One", "customer2": "Customer Two"}


def shown(who):
    """Return the name under which somebody writes; visitors give themselves their own."""
    return NAMES.get(who, who)


@dataclass
class Model:
    """What one chat must be."""

    pub: str
    guest: str
    channel: str
    start_id: str
    state: str = "request"
    in_charge: str = ""
    joined: bool = False
    lines: list = field(default_factory=list)  # (kind, who, text, is for guests too)
    sent: list = field(default_factory=list)  # (who, client id, text)

    @property
    def kind(self):
        return "public" if self.guest.startswith("visitor") else "customer"

    def say(self, kind, who, text, *, is_for_guests=True):
        self.lines.append((kind, who, text, is_for_guests))

    def withdraw(self):
        self.state = "closed"
        self.say("withdrawn", self.guest, f"{shown(self.guest)} has withdrawn the request.")

    def end(self, who):
        self.state = "closed"
        self.say("left", who, f"{shown(who)} has left this chat.")
