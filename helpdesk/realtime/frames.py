"""Outgoing WebSocket frames (RFC 6455 section 5), built once as bytes and shared by all who receive them."""

import struct

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_NEVER_SENT = frozenset((1004, 1005, 1006, 1015))
_REASON_BYTES = 123


def text(message: str) -> bytes:
    """One unfragmented, unmasked text frame; a lone surrogate becomes "?" instead of failing the push."""
    return _frame(_TEXT, message.encode("utf-8", "replace"))


def close(code: int, reason: str = "") -> bytes:
    """A close frame; codes that only exist locally (1005, 1006 …) give one without a body."""
    if code in _NEVER_SENT:
        return _frame(_CLOSE, b"")
    short = reason.encode("utf-8", "replace")[:_REASON_BYTES].decode("utf-8", "ignore")
    return _frame(_CLOSE, struct.pack("!H", code) + short.encode())


def ping(payload: bytes = b"") -> bytes:
    """A ping of at most 125 bytes."""
    return _frame(_PING, payload)


def pong(payload: bytes) -> bytes:
    """The answer to a ping: the same payload of at most 125 bytes."""
    return _frame(_PONG, payload)


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload
