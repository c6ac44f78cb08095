"""People, what they may, and how they are recognised."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.database import Base, UTCDateTime

AGENT, CUSTOMER, VISITOR = "agent", "customer", "visitor"
UNAVAILABLE, INTERNAL, EXTERNAL = 0, 1, 2
# Sockets know a session by its id: SQLite must not give the id of a deleted row to another one.
NEVER_AGAIN = {"sqlite_autoincrement": True}


class Company(Base):
    """A customer company."""

    __tablename__ = "company"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class Person(Base):
    """An agent, a customer user or a visitor: one id space, and nobody changes kind.

    `access_version` counts changes of rights; `availability` is an agent's stated intent (row 8).
    A visitor who signs in during a chat gets `customer_id`: reach then covers both.
    """

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("kind", "login"),
        CheckConstraint("kind IN ('agent', 'customer', 'visitor')", name="kind"),
        CheckConstraint("availability BETWEEN 0 AND 2", name="availability"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    login: Mapped[str | None] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    is_valid: Mapped[bool] = mapped_column(default=True)
    access_version: Mapped[int] = mapped_column(default=1)
    availability: Mapped[int] = mapped_column(default=UNAVAILABLE)
    availability_changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Group(Base):
    """A group of permissions; a channel belongs to one."""

    __tablename__ = "permission_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    comment: Mapped[str] = mapped_column(String(250), default="")


class Role(Base):
    """A named bundle of permissions that people can have."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class RoleMember(Base):
    """Who has which role."""

    __tablename__ = "role_member"

    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class PersonPermission(Base):
    """A permission granted to an agent on a group: chat_owner, chat_participant, chat_observer, ro, …"""

    __tablename__ = "person_permission"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("permission_group.id"), primary_key=True, index=True)
    permission: Mapped[str] = mapped_column(String(30), primary_key=True)


class RolePermission(Base):
    """A permission granted to a role on a group."""

    __tablename__ = "role_permission"

    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("permission_group.id"), primary_key=True, index=True)
    permission: Mapped[str] = mapped_column(String(30), primary_key=True)


class SignIn(Base):
    """A signed-in session; the cookie carries a random token of which only the SHA-256 is kept."""

    __tablename__ = "sign_in"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(200))


class VisitorToken(Base):
    """A visitor's capability, hashed; one person may have several."""

    __tablename__ = "visitor_token"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attempt(Base):
    """A counter of one limit's window: `key` names limit and subject, hashed where it is personal."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=1)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Preference(Base):
    """What a person chose for himself; no row: everything as it was made."""

    __tablename__ = "preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)


class FirstAdminCode(Base):
    """The hashed one-time code that makes the first administrator; gone once used."""

    __tablename__ = "first_admin_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
