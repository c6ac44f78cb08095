"""Ticket numbers: a counter row that is moved in the transaction of the ticket, so that none comes twice."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from helpdesk import settings
from helpdesk.database import now

FIRST = 1_000_001

_NEXT = text(
    "INSERT INTO ticket_counter (name, value) VALUES (:name, :first)"
    " ON CONFLICT (name) DO UPDATE SET value = ticket_counter.value + 1 RETURNING value"
)


def draw(tx: Session) -> str:
    """Return the next number, of 14 digits or more with a date; `Ticket::NumberGenerator` says which form."""
    if settings.get("Ticket::NumberGenerator") == "AutoIncrement":
        return str(_next(tx, "all", FIRST))
    day = f"{now():%Y%m%d}"
    digits = f"{day}{_next(tx, day, 1):05}"
    return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    """Return the digit that makes a typing mistake show (Luhn's, ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled // 10 + doubled % 10
    return str(-total % 10)


def _next(tx: Session, name: str, first: int) -> int:
    return int(tx.execute(_NEXT, {"name": name, "first": first}).scalar_one())
