"""Leases and presence: who is connected, seen by which process, in database time."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.database import Base, UTCDateTime

ACTIVE, AWAY, OFFLINE = "active", "away", "offline"


class Lease(Base):
    """One process says: this person is connected here, by socket or by poll, until `alive_until`."""

    __tablename__ = "lease"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    process: Mapped[str] = mapped_column(String(32), primary_key=True)
    has_socket: Mapped[bool]
    alive_until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    active_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Presence(Base):
    """What is shown of a person: active, away or offline, and since when; who changes the row tells of it."""

    __tablename__ = "presence"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    shown: Mapped[str] = mapped_column(String(10), default=OFFLINE)
    active_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
