"""Passwords: argon2id with 19 MiB, two passes, one lane (OWASP's first recommendation)."""

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from helpdesk.web import Invalid

LEAST, MOST = 8, 1024

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Each computation takes 19 MiB: a crowd at the door must not take all the memory.
_places = threading.BoundedSemaphore(2)


def check_new(password: str, *, field: str = "password") -> str:
    """Return a password that may be set; raises Invalid when it is too short or too long."""
    if len(password) < LEAST:
        raise Invalid(field, f"Please choose a password of at least {LEAST} characters.")
    if len(password) > MOST:
        raise Invalid(field, f"Please choose a password of at most {MOST:,} characters.")
    return password


def make_hash(password: str) -> str:
    """Return the hash to store; raises Invalid like `check_new`."""
    with _places:
        return _hasher.hash(_bytes(check_new(password)))


def is_right(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits; the work is the same without a hash or with an over-long password."""
    is_possible = password_hash is not None and len(password) <= MOST
    with _places:
        try:
            _hasher.verify(
                password_hash if is_possible and password_hash else _nobodys(), _bytes(password[:MOST])
            )
        except (VerificationError, InvalidHashError):
            return False
    return is_possible


def is_outdated(password_hash: str) -> bool:
    """Tell whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    """Keyboards differ in how they compose letters; a lone surrogate is odd, not an error."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_bytes(16))
