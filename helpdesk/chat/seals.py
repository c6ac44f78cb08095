"""Seals of transcripts: a code for the footer, a stamp behind the file; both proven by the secret key alone.

The code says when a transcript was made, of which chat, for whom, of how many lines, and a digest of them;
that cannot be made up. The stamp covers every byte of the file. Nothing is stored: a seal outlives its chat.
"""

import hashlib
import hmac
import re
import struct
from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app

from helpdesk.chat.models import AGENTS, EVERYONE

STAMP = b"\n%helpdesk-seal "
PARTS = struct.Struct(">BII5s10s")  # audience, made at, lines, mark of the chat, digest
PROOF_BYTES = 16
CODE_LENGTH = 64  # in base 32
AUDIENCES = (EVERYONE, AGENTS)


@dataclass(frozen=True, slots=True)
class Seal:
    """What a code says; `mark` stands for the chat and tells nothing else of it."""

    audience: str
    made_at: datetime
    lines: int
    mark: str
    digest: str


def mark_of(public_id: str) -> str:
    """Return the eight letters that stand for a chat on its transcripts."""
    return b32encode(_proof("chat", public_id.encode())[:5]).decode()


def code(public_id: str, audience: str, made_at: datetime, lines: int, content: bytes) -> str:
    """Return the code of a transcript, in groups of eight; `content` is all it says, in a fixed form."""
    said = PARTS.pack(
        AUDIENCES.index(audience),
        int(made_at.timestamp()),
        lines,
        _proof("chat", public_id.encode())[:5],
        hashlib.sha256(content).digest()[:10],
    )
    letters = b32encode(said + _proof("code", said)[:PROOF_BYTES]).decode()
    return " ".join(letters[start : start + 8] for start in range(0, CODE_LENGTH, 8))


def read(typed: str) -> Seal | None:
    """Return what a code says; None for one that was not made here."""
    letters = re.sub(r"[\s-]", "", typed).upper()
    if not re.fullmatch(f"[A-Z2-7]{{{CODE_LENGTH}}}", letters):
        return None
    raw = b32decode(letters)
    said, proof = raw[: PARTS.size], raw[PARTS.size :]
    if not hmac.compare_digest(_proof("code", said)[:PROOF_BYTES], proof):
        return None
    audience, made_at, lines, mark, digest = PARTS.unpack(said)
    when = datetime.fromtimestamp(made_at, UTC)
    return Seal(AUDIENCES[audience], when, lines, b32encode(mark).decode(), digest.hex())


def stamped(pdf: bytes, code: str) -> bytes:
    """Return the file with its stamp behind it, where readers of PDF pass it over."""
    return pdf + _stamp(pdf, code.replace(" ", "").encode())


def check(file: bytes) -> tuple[Seal | None, bool]:
    """Return what the file's seal says, None if it has none of ours, and whether it is as it was made."""
    pdf, _, rest = file.rpartition(STAMP)
    letters = rest[:CODE_LENGTH]
    found = read(letters.decode("ascii", "replace"))
    return found, found is not None and hmac.compare_digest(STAMP + rest, _stamp(pdf, letters))


def _stamp(pdf: bytes, letters: bytes) -> bytes:
    proof = _proof("file", letters + hashlib.sha256(pdf).digest()).hex().encode()
    return STAMP + letters + b" " + proof + b"\n"


def _proof(purpose: str, said: bytes) -> bytes:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(secret, f"transcript {purpose}\0".encode() + said, "sha256")
