"""Queues, tickets, what was said in them, and the mail that goes out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.database import Base, UTCDateTime
from helpdesk.files import LONGEST_NAME

# type of a state
NEW, OPEN, REMINDER, AUTO_CLOSE, CLOSED, MERGED = "new", "open", "reminder", "auto close", "closed", "merged"
STATES = {
    "new": NEW,
    "open": OPEN,
    "pending reminder": REMINDER,
    "pending auto close": AUTO_CLOSE,
    "closed successful": CLOSED,
    "closed unsuccessful": CLOSED,
    "merged": MERGED,
}
PRIORITIES = {1: "1 very low", 2: "2 low", 3: "3 normal", 4: "4 high", 5: "5 very high"}
NORMAL = 3
# channel of an article
PHONE, EMAIL, CHAT, NOTE = "phone", "email", "chat", "note"
# sender of an article
AGENT, CUSTOMER, SYSTEM = "agent", "customer", "system"
# state of a mail
WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"
TITLE_LIMIT, TEXT_LIMIT = 255, 100_000
# What decides whether a ticket is in a list.
LISTED = ("queue_id", "state")


class Queue(Base):
    """Where tickets wait for agents; its group's permissions decide who may do what. Never deleted."""

    __tablename__ = "queue"
    __table_args__ = (
        CheckConstraint("validity IN ('valid', 'invalid', 'invalid-temporarily')", name="validity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("permission_group.id"), index=True)
    comment: Mapped[str] = mapped_column(String(250), default="")
    validity: Mapped[str] = mapped_column(String(20), default="valid")
    is_default: Mapped[bool] = mapped_column(default=False)


class TicketCounter(Base):
    """The last number drawn: of a day (`20261122`), or of all (`all`)."""

    __tablename__ = "ticket_counter"

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[int]


class Ticket(Base):
    """Work that is tracked.

    `start_id` is made by whoever asks for it: what is asked for twice is one ticket. `customer_id` is a
    customer user; who has no account is told by `customer_name` and `customer_email`, which are also what
    both were called when the ticket was made. `pending_until` belongs to the two pending states.
    `last_n` numbers the articles; `version` moves with every change.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("priority BETWEEN 1 AND 5", name="priority"),
        # Lists are read in their order until a page is full, and counted, without touching the tickets.
        Index("ix_ticket_by_age", "id", *LISTED),
        Index("ix_ticket_by_change", "changed_at", "id", *LISTED),
        Index("ix_ticket_by_priority", "priority", "id", *LISTED),
        Index("ix_ticket_by_title", text("lower(title)"), "id", *LISTED),
        Index("ix_ticket_by_state", "state", "id", "queue_id"),
        Index("ix_ticket_of_queue", "queue_id", "state", "pending_until", "created_at"),
        Index("ix_ticket_of_customer", "customer_id", "changed_at", "id", *LISTED),
        Index("ix_ticket_of_company", "company_id", "changed_at", "id", *LISTED),
        Index("ix_ticket_of_owner", "owner_id", *LISTED),
        Index("ix_ticket_pending", "state", "pending_until", "queue_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    start_id: Mapped[str | None] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    state: Mapped[str] = mapped_column(String(20), default="new")
    priority: Mapped[int] = mapped_column(default=NORMAL)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    is_locked: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    customer_name: Mapped[str] = mapped_column(String(100), default="")
    customer_email: Mapped[str] = mapped_column(String(254), default="")
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    pending_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_n: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Article(Base):
    """One thing that was said or noted in a ticket; `n` counts from 1 in each.

    `author_name` is what the author was called then. An e-mail names its `recipient`.
    """

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("ticket_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    n: Mapped[int]
    channel: Mapped[str] = mapped_column(String(10))
    sender: Mapped[str] = mapped_column(String(10))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    author_name: Mapped[str] = mapped_column(String(100))
    is_visible: Mapped[bool]
    recipient: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ArticleLine(Base):
    """A line of a chat that became an article, as one audience read it: agents, or the customer.

    Both are kept, because both may differ in lines, numbers, names and words. `is_internal` marks for agents
    what only they saw.
    """

    __tablename__ = "article_line"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    is_for_customer: Mapped[bool] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    name: Mapped[str] = mapped_column(String(100))
    is_system: Mapped[bool]
    is_internal: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)


class ArticleFile(Base):
    """A file that came with an article; `is_visible` to the customer, if the article is."""

    __tablename__ = "article_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    type: Mapped[str] = mapped_column(String(20))
    size_bytes: Mapped[int]
    is_visible: Mapped[bool] = mapped_column(default=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class TicketLink(Base):
    """Two tickets that belong together; the one of the smaller id first."""

    __tablename__ = "ticket_link"
    __table_args__ = (CheckConstraint("ticket_id < other_id", name="ordered"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, index=True)


class Mail(Base):
    """A mail in the outbox: written in the transaction that wants it sent, and sent after.

    `message_id` and `reply_to_id` are Message-IDs without brackets. `due_at` is when it may be tried (again);
    while somebody tries it lies ahead, so that nobody else does. `is_automatic` tells other machines that
    nobody wrote it. `error` is what the last try met; none after one means that it is under way. The files of
    the article go with it.
    """

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_state_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))
    recipient: Mapped[str] = mapped_column(String(254))
    recipient_name: Mapped[str] = mapped_column(String(100), default="")
    subject: Mapped[str] = mapped_column(String(TITLE_LIMIT + 50))
    text: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    reply_to_id: Mapped[str] = mapped_column(String(120), default="")
    is_automatic: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
