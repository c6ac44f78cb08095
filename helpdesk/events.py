"""Events: who did what to which subject; written in the transaction of the deed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpdesk.database import Base, UTCDateTime, now


class Event(Base):
    """One deed; feeds history, audit log and statistics. No foreign key upward: it outlives its subject."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int | None] = mapped_column(index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


def record(
    tx: Session, actor_id: int | None, action: str, subject_kind: str, subject_id: int | None, **details: Any
) -> None:
    """Add one event to `tx`; `details` hold no message text and no token."""
    tx.add(
        Event(
            at=now(),
            actor_id=actor_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            details=details,
        )
    )
