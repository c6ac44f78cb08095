"""The gunicorn worker: `gthread` that waits for no idle client, least of all when it has to end."""

import encodings.idna  # noqa: F401 (the first request would look for it, when no descriptor may be left)
import errno
import select
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from threading import Thread
from types import FrameType

from gunicorn import util
from gunicorn.workers import gthread

LINGER_S = 2.0
DRAIN_BYTES = 65536
OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)

# Kept-alive connections are held this long at the end, for requests that are already on their way.
gthread.STOP_KEEPALIVE_LINGER = 0.1


class HubWorker(gthread.ThreadWorker):  # type: ignore[misc]
    """Mends four waits of gunicorn 27's `gthread`; everything else is inherited.

    The main loop lingered up to 2 s on each client that kept its closed connection open; a silent new
    connection held a thread for 5 s; running out of descriptors ended the process, and reset the connection
    that took the last; a stopping worker waited for idle connections. `before_exit`, if set, runs in a thread
    of its own as soon as the worker is to end.
    """

    before_exit: Callable[[], None] | None = None

    def accept(self, listener: socket.socket) -> None:
        try:
            super().accept(listener)
        except OSError as failure:
            if failure.errno not in OUT_OF_DESCRIPTORS:
                raise
            self.log.error("Out of file descriptors: raise the limit (ulimit -n)")
            time.sleep(0.05)

    def handle(self, conn: gthread.TConn) -> object:
        if not conn.initialized and not self._has_come(conn):
            return gthread._DEFER
        return super().handle(conn)

    def finish_request(self, conn: gthread.TConn, fs: "Future[object]") -> None:
        conn.close = partial(self._close, conn)
        super().finish_request(conn, fs)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.alive and self.before_exit is not None:
            Thread(target=self.before_exit, name="before exit").start()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C comes twice, from the terminal and from gunicorn: the second would cut the goodbye short."""
        self.handle_exit(sig, frame)

    def _has_come(self, conn: gthread.TConn) -> bool:
        """Whether its request is there to be read; asked so that it takes no further descriptor."""
        ear = select.poll()
        ear.register(conn.sock, select.POLLIN)
        conn.data_ready = conn.data_ready or bool(ear.poll(0))
        return bool(conn.data_ready)

    def _close(self, conn: gthread.TConn, graceful: bool = False) -> None:
        """Half-close and let the poller wait for the client: closing on unread input cuts the answer."""
        if not (graceful and self._half_close(conn.sock) and self.alive):
            util.close(conn.sock)
            return
        conn.timeout = time.monotonic() + LINGER_S
        self.nr_conns += 1
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, gthread.selectors.EVENT_READ, partial(self._drain, conn))

    def _half_close(self, sock: socket.socket) -> bool:
        """Whether there is still something to wait for."""
        try:
            sock.shutdown(socket.SHUT_WR)
            sock.setblocking(False)
            return bool(sock.recv(DRAIN_BYTES))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _drain(self, conn: gthread.TConn, sock: socket.socket) -> None:
        try:
            is_over = not sock.recv(DRAIN_BYTES)
        except OSError as failure:
            is_over = not isinstance(failure, BlockingIOError)
        if is_over:
            self.poller.unregister(sock)
            self.pending_conns.remove(conn)
            self.nr_conns -= 1
            util.close(sock)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = 0.0
        self.murder_pending()
