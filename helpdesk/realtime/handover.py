"""From flask-sock to the hub: checking the handshake, refusing, taking the connection from the server."""

import base64
import binascii
import os
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any, Protocol

from helpdesk.realtime import frames

Environ = dict[str, Any]


class AcceptedSocket(Protocol):
    """What is used of `simple_websocket.Server` after its handshake."""

    sock: socket.socket
    environ: Environ
    mode: str
    connected: bool


class NoReaderThread:
    """Stands in for simple-websocket's reader thread: the hub reads."""

    name = "hub"

    def __init__(self, target: Callable[[], None] | None = None) -> None:
        pass

    def start(self) -> None:
        pass


SERVER_OPTIONS: dict[str, Any] = {"thread_class": NoReaderThread, "max_message_size": 4096}


def is_handshake(environ: Environ) -> bool:
    """Whether flask-sock can accept this request; anything else deserves a 400 (RFC 6455 section 4.2.1)."""
    header = environ.get
    return (
        header("REQUEST_METHOD") == "GET"
        and header("SERVER_PROTOCOL") != "HTTP/1.0"
        and "websocket" in _tokens(header("HTTP_UPGRADE", ""))
        and "upgrade" in _tokens(header("HTTP_CONNECTION", ""))
        and header("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and _is_key(header("HTTP_SEC_WEBSOCKET_KEY", ""))
        and bool(header("HTTP_HOST"))
        and not _has_body(environ)
        and ("gunicorn.socket" in environ or "werkzeug.socket" in environ)
    )


def decline_extensions(environ: Environ) -> None:
    """Forget the offered extensions: permessage-deflate costs some 100 kB per socket."""
    environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)


def refuse(ws: AcceptedSocket, code: int, reason: str = "") -> None:
    """Close an accepted socket at once (4001: sign in again): a refused handshake is retried for ever."""
    ws.connected = False
    with suppress(OSError):
        ws.sock.send(frames.close(code, reason))
        # The server still owns the descriptor; nothing it writes may follow the close frame.
        ws.sock.shutdown(socket.SHUT_WR)


def take_over(ws: AcceptedSocket) -> tuple[socket.socket, bytes]:
    """Own the connection: (non-blocking socket, bytes the client sent right behind its handshake).

    The server keeps a dead descriptor under the old number, which it may shut down and close as it likes.
    Raises OSError when descriptors run out; the connection is then still the server's.
    """
    ws.connected = False
    early = _early_bytes(ws)
    taken = socket.socket(fileno=os.dup(ws.sock.fileno()))
    try:
        _bury(ws.sock.fileno())
    except OSError:
        taken.close()
        raise
    taken.setblocking(False)
    with suppress(OSError):
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return taken, early


def _tokens(value: str) -> set[str]:
    return {token.strip().lower() for token in value.split(",")}


def _is_key(value: str) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


def _has_body(environ: Environ) -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ


def _early_bytes(ws: AcceptedSocket) -> bytes:
    """What the server had read ahead.

    Both servers offer no public way; if their insides change, a client that did not wait for the handshake's
    answer (none of the browsers) is closed for a broken frame and connects again.
    """
    stream = ws.environ["wsgi.input"]
    if ws.mode == "gunicorn":
        with suppress(AttributeError):
            return bytes(stream.reader.unreader.take_buffered())
        return b""
    ws.sock.setblocking(False)
    with suppress(OSError, AttributeError, ValueError):
        return bytes(stream.read1(len(stream.peek())))
    return b""


def _bury(descriptor: int) -> None:
    dead, other = socket.socketpair()
    with closing(dead), closing(other):
        os.dup2(dead.fileno(), descriptor, inheritable=False)
