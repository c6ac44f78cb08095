"""Capabilities: random, 256 bits, only their SHA-256 is kept."""

import hashlib
import secrets

LONGEST = 128


def make() -> str:
    """Return a new token, 43 characters that are safe in cookies and subprotocols."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what is stored of a token: hexadecimal SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_plausible(token: str) -> bool:
    """Tell whether it is worth asking the database for this token."""
    return 0 < len(token) <= LONGEST
