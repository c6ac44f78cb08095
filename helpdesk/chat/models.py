"""Channels, chats, who is in them and what was said."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.database import Base, UTCDateTime

# state: request ⇄ active → closed
REQUEST, ACTIVE, CLOSED = "request", "active", "closed"
# direction: who asks whom; visitor → agents, customer user → agents, agent → agent, agent → customer user
PUBLIC, CUSTOMER, AGENT, TO_CUSTOMER = "public", "customer", "agent", "to_customer"
# mode of a participation; GUEST is the customer user or visitor, whoever of the two sides asked
IN_CHARGE, PARTICIPANT, OBSERVER, GUEST = "in_charge", "participant", "observer", "guest"
# state of a participation
INVITED, JOINED, LEFT = "invited", "joined", "left"
# audience of a line
EVERYONE, AGENTS = "everyone", "agents"
MESSAGE_LIMIT = 4000


class Channel(Base):
    """A room group agents have rights on; never deleted, only made invalid.

    `version` moves with every change of what its request lists show. `attachment_kb` (0: no files) and
    `attachment_endings` (with spaces between) are its own word on files; None: what the settings say.
    """

    __tablename__ = "channel"
    __table_args__ = (
        CheckConstraint("validity IN ('valid', 'invalid', 'invalid-temporarily')", name="validity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("permission_group.id"), index=True)
    comment: Mapped[str] = mapped_column(String(250), default="")
    validity: Mapped[str] = mapped_column(String(20), default="valid")
    is_for_customers: Mapped[bool] = mapped_column(default=False)
    is_for_public: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)
    attachment_kb: Mapped[int | None]
    attachment_endings: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=1)


class ChannelChoice(Base):
    """An agent's own word on a channel of *My Chat Channels*; no row: chosen where he is owner."""

    __tablename__ = "channel_choice"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    is_chosen: Mapped[bool]


class QueueChannel(Base):
    """The channel of a queue: chats that are started from its tickets are there, and its tickets here."""

    __tablename__ = "queue_channel"

    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), index=True)


class RequestFilter(Base):
    """Which channels' requests an agent looks at: All Chat Channels or My Chat Channels; no row: mine."""

    __tablename__ = "request_filter"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    is_all: Mapped[bool]


class Chat(Base):
    """One conversation. `public_id` is the only id that leaves the house.

    `target_id` is whom a personal request asks; a general one asks a channel. `parent_id` is the chat an
    internal one invites to: at most one open invitation to a chat for each agent.
    `ticket_id` is the ticket that holds it: set once, when it is over. `about_id` is the ticket it was
    started from.

    `start_id` is made by the browser: a start that is sent twice is one chat.
    `heard_at` is when its guest wrote last or was accepted, `asked_at` when he was asked if he is there.
    `started_page`, `current_page`, `language` and `browser` are what the guest's browser says of itself.
    `last_seq` numbers all lines, `last_guest_seq` those guests may see; `version` and `guest_version`
    move with every change of what its partials show to the one and the other audience.
    `ours_…` and `theirs_…` are how far either side got, by `seq`: the agents who take part, and the guest;
    between two agents who asked, and who was asked. Marks are made of them; they only rise.
    """

    __tablename__ = "chat"
    __table_args__ = (
        CheckConstraint("state IN ('request', 'active', 'closed')", name="state"),
        CheckConstraint("direction IN ('public', 'customer', 'agent', 'to_customer')", name="direction"),
        Index("ix_chat_channel_state", "channel_id", "state"),
        Index("ix_chat_closed_at", "closed_at", "id"),
        Index(
            "uq_chat_invitation",
            "parent_id",
            "target_id",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    start_id: Mapped[str | None] = mapped_column(String(36), unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    direction: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10), default=REQUEST)
    requester_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    target_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    in_charge_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("chat.id"))
    about_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    description: Mapped[str] = mapped_column(String(200))
    last_seq: Mapped[int] = mapped_column(default=0)
    last_guest_seq: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    guest_version: Mapped[int] = mapped_column(default=1)
    ours_delivered: Mapped[int] = mapped_column(default=0)
    ours_seen: Mapped[int] = mapped_column(default=0)
    theirs_delivered: Mapped[int] = mapped_column(default=0)
    theirs_seen: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    heard_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_page: Mapped[str] = mapped_column(String(500), default="")
    current_page: Mapped[str] = mapped_column(String(500), default="")
    language: Mapped[str] = mapped_column(String(35), default="")
    browser: Mapped[str] = mapped_column(String(60), default="")


class TranscriptMail(Base):
    """How often a guest had his chat sent by e-mail, and to which one address."""

    __tablename__ = "transcript_mail"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    times: Mapped[int]


class Participation(Base):
    """What one person is in one chat; `monitoring` is 0 none, 1 customer activity, 2 all actions.

    `delivered_seq` and `seen_seq` are how far he got, for himself: they only rise, those of observers too.
    """

    __tablename__ = "participation"
    __table_args__ = (Index("ix_participation_person_state", "person_id", "state"),)

    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    mode: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(100))
    monitoring: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    delivered_seq: Mapped[int] = mapped_column(default=0)
    seen_seq: Mapped[int] = mapped_column(default=0)


class HandOver(Base):
    """A running chat on offer: to a colleague (`to_id`), or to the owners of a channel (`channel_id`).

    It stays where it is when nobody takes it by `until`. No `until`: the agent in charge is lost, and the
    offer stands until he is back.
    """

    __tablename__ = "hand_over"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id"), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"), index=True)
    offered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Message(Base):
    """A line: written (`kind` is "line", `text`), or of the system (`kind`, `params`; worded when rendered).

    A file that was sent is a line too: kind "file", its name as `text`, `type` (its ending) and `size_bytes`
    in `params`.

    `author_id` is who wrote it, or whom the system line is about; the name shown is the participation's.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("chat_id", "seq"),
        UniqueConstraint("chat_id", "guest_seq", name="uq_message_guest_seq"),
        UniqueConstraint("chat_id", "author_id", "client_id", name="uq_message_client_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id"))
    seq: Mapped[int]
    guest_seq: Mapped[int | None]
    client_id: Mapped[str | None] = mapped_column(String(36))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    audience: Mapped[str] = mapped_column(String(10), default=EVERYONE)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")
    params: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attachment(Base):
    """What is in a file that was sent; beside its line, so that reading lines never loads it."""

    __tablename__ = "attachment"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CannedResponse(Base):
    """Words ready to be sent: an agent's own, or a channel's.

    `key` and `folded` are name and text without the difference of small and capital letters, to compare and
    to search on every database alike.
    """

    __tablename__ = "canned_response"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        UniqueConstraint("channel_id", "key"),
        CheckConstraint("(person_id IS NULL) <> (channel_id IS NULL)", name="scope"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"))
    name: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)
    is_valid: Mapped[bool] = mapped_column(default=True)
