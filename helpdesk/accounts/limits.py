"""Limits that hold over all processes: counters in the database, personal subjects only as keyed hashes."""

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from flask import current_app
from sqlalchemy import bindparam, delete, text
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Attempt
from helpdesk.database import UTCDateTime, now, transaction
from helpdesk.web import TooMany

TOO_OFTEN = "That was too often."
COUNT = text(
    'INSERT INTO attempt (key, "window", count, expires_at) VALUES (:key, :window, 1, :expires_at)'
    ' ON CONFLICT (key, "window") DO UPDATE SET count = attempt.count + 1 RETURNING count'
).bindparams(bindparam("expires_at", type_=UTCDateTime()))
GIVE_BACK = text('UPDATE attempt SET count = count - 1 WHERE key = :key AND "window" = :window AND count > 0')


def count(name: str, subject: str | int, most: int, window_s: int, why: str = TOO_OFTEN) -> None:
    """Count one attempt and commit it; raises TooMany, uncounted, when `most` are used in this window."""
    with transaction() as tx:
        take(tx, name, subject, most, window_s, why=why)


def take(
    tx: Session, name: str, subject: str | int, most: int, window_s: int, *, why: str = TOO_OFTEN
) -> None:
    """Count one attempt in `tx`; raises TooMany when `most` are used: `tx` should then roll back.

    `name` is the limit's, at most 60 characters; `subject` is who is counted, kept only as a hash.
    Windows are fixed, of `window_s` seconds since the epoch. `why` is the first sentence of the refusal.
    """
    at = now().timestamp()
    window = int(at // window_s)
    values = {"key": _key(name, subject), "window": window, "expires_at": _time((window + 1) * window_s)}
    if tx.execute(COUNT, values).scalar_one() > most:
        left_s = max(1, int((window + 1) * window_s - at) + 1)
        raise TooMany(f"{why} Please try again in {_words(left_s)}.", left_s)


def give_back(tx: Session, name: str, subject: str | int, window_s: int) -> None:
    """Take one attempt of the current window back: it turned out harmless."""
    window = int(now().timestamp() // window_s)
    tx.execute(GIVE_BACK, {"key": _key(name, subject), "window": window})


def clean() -> int:
    """Delete the counters of past windows and commit; return how many."""
    with transaction() as tx:
        gone = delete(Attempt).where(Attempt.expires_at < now()).returning(Attempt.key)
        return len(tx.execute(gone).all())


def network(address: str | None) -> str:
    """Return whom to count for an address: itself, or the /64 that one IPv6 customer has to himself."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return "unknown"
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ip_network((ip, 64), strict=False))
    return str(ip if ip.version == 4 else ip.ipv4_mapped)


def keyed(name: str, subject: str | int) -> str:
    """Return a hash of `subject` that only this installation can make, 43 characters."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    message = f"{name}\0{subject}".encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(hmac.digest(secret, message, "sha256")).rstrip(b"=").decode()


def _key(name: str, subject: str | int) -> str:
    return f"{name}:{keyed(name, subject)}"


def _time(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def _words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{(seconds + 59) // 60} minutes"
