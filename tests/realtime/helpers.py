"""A tiny WebSocket client, a tiny application around the hub, and the two servers it has to run on."""

import os
import queue
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from types import SimpleNamespace

from flask import Flask, abort, request
from flask_sock import Sock
from werkzeug.serving import make_server
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)

from helpdesk.realtime import hub as hubs

DEADLINE_S = 20
ROOT = Path(__file__).parents[2]


class Recorder:
    """The hub's callbacks, as queues to wait on."""

    hub: hubs.Hub

    def __init__(self):
        self.texts: queue.Queue[tuple[hubs.Connection, str]] = queue.Queue()
        self.closed: queue.Queue[hubs.Connection] = queue.Queue()

    def on_text(self, connection, text):
        self.texts.put((connection, text))
        if text == "fail":
            raise RuntimeError("a callback that fails")
        if text.startswith("echo "):
            self.hub.send(connection, text.removeprefix("echo "))

    def next_text(self):
        return self.texts.get(timeout=DEADLINE_S)[1]


class Realtime:
    """Stands in for the application's own object."""

    def __init__(self, hub):
        self.start, self.stop, self.say_goodbye = hub.start, hub.stop, hub.stop


def make_app(**hub_options):
    """An application with sockets at `/live` and `/refused`; the query says who it is and hears what."""
    app, sock, recorder = Flask(__name__), Sock(), Recorder()
    hub = hubs.Hub(on_text=recorder.on_text, on_close=recorder.closed.put, **hub_options)
    app.config["SOCK_SERVER_OPTIONS"] = hubs.SERVER_OPTIONS
    app.extensions["helpdesk_realtime"] = Realtime(hub)
    app.extensions["hub"], app.extensions["recorder"] = hub, recorder
    recorder.hub = hub

    @app.before_request
    def check_handshake():
        if request.path in ("/live", "/refused"):
            if not hubs.is_handshake(request.environ):
                abort(400)
            hubs.decline_extensions(request.environ)

    @sock.route("/live")
    def live(ws):
        asked = request.args
        with suppress(hubs.SocketRefused):
            connection = hub.adopt(
                ws,
                person_id=asked.get("person", 1, int),
                session_key=asked.get("session", "s"),
                address=asked.get("address", "192.0.2.1"),
                topics=asked.getlist("topic") or ["all"],
            )
            hub.send(connection, "ready")

    @sock.route("/refused")
    def refused(ws):
        hubs.refuse(ws, 4001, "sign in again")

    @app.post("/publish")
    def publish():
        return str(hub.publish(request.args["topic"], request.get_data(as_text=True)))

    @app.get("/until-closed")
    def until_closed():
        hub.publish("all", "somebody waits")
        recorder.closed.get(timeout=DEADLINE_S)
        return "closed"

    @app.get("/sockets")
    def sockets():
        return str(len(hub))

    sock.init_app(app)
    return app


@contextmanager
def werkzeug_running(**hub_options) -> Iterator[SimpleNamespace]:
    app = make_app(**hub_options)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    hub, recorder = app.extensions["hub"], app.extensions["recorder"]
    try:
        yield SimpleNamespace(port=server.server_port, hub=hub, recorder=recorder, app=app)
    finally:
        hub.stop()
        server.shutdown()
        thread.join(DEADLINE_S)
        server.server_close()


@contextmanager
def gunicorn_running(tmp_path, *, descriptors=1024, **environment) -> Iterator[SimpleNamespace]:
    """The project's own gunicorn configuration around the tiny application."""
    limited = ["sh", "-c", f'ulimit -n {descriptors} && exec "$@"', "sh"]
    app = "tests.realtime.helpers:make_app()"
    command = [*limited, sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", app]
    env = os.environ | {"HELPDESK_BIND": "127.0.0.1:0", "HOME": str(tmp_path)} | environment
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
    port, log, reading = _listening_port(process)
    try:
        yield SimpleNamespace(port=port, process=process, log=log)
    finally:
        process.terminate()
        try:
            process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reading.join(DEADLINE_S)
        if process.stderr:
            process.stderr.close()


def _listening_port(process):
    log = []
    for line in process.stderr:
        log.append(line)
        if found := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", line):
            reading = threading.Thread(target=lambda: log.extend(process.stderr))
            reading.start()
            return int(found[1]), log, reading
    raise RuntimeError("".join(log))


class Client:
    """A raw WebSocket client: one socket, wsproto, and no thread."""

    def __init__(self, port, path="/live", *, early=b"", receive_buffer=None, headers=(), subprotocols=()):
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(DEADLINE_S)
        self.sock.connect(("127.0.0.1", port))
        self.wire = WSConnection(ConnectionType.CLIENT)
        asked = Request(
            host=f"127.0.0.1:{port}",
            target=path,
            extra_headers=list(headers),
            subprotocols=list(subprotocols),
        )
        opening = self.wire.send(asked)
        self.sock.sendall(opening + early)
        self._events: Iterator[Event] = iter(())
        self.answer = self._next_event()
        assert isinstance(self.answer, AcceptConnection | RejectConnection), self.answer

    def send(self, *events):
        self.sock.sendall(b"".join(self.wire.send(event) for event in events))

    def say(self, text):
        self.send(TextMessage(text))

    def hear(self):
        """The next whole text or pong; the code if the server closed instead (1006: without a frame)."""
        parts = []
        # A server that pings keeps `recv` from ever giving up.
        deadline = monotonic() + 3 * DEADLINE_S
        while True:
            event = self._next_event()
            assert monotonic() < deadline, "nothing but pings was heard"
            if isinstance(event, Ping):
                with suppress(BrokenPipeError):
                    self.send(event.response())
            elif isinstance(event, TextMessage):
                parts.append(event.data)
                if event.message_finished:
                    return "".join(parts)
            elif isinstance(event, Pong):
                return bytes(event.payload)
            elif isinstance(event, CloseConnection):
                with suppress(Exception):
                    self.send(event.response())
                return int(event.code)

    def hear_all(self):
        """Everything up to and including the close code."""
        heard: list[str | bytes | int] = []
        while not heard or not isinstance(heard[-1], int):
            heard.append(self.hear())
        return heard

    def is_hung_up(self):
        """Wait for the end of the stream."""
        with suppress(ConnectionError):
            while self.sock.recv(65536):
                pass
        return True

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _next_event(self):
        while True:
            event = next(self._events, None)
            if event is not None:
                return event
            try:
                data = self.sock.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                return CloseConnection(code=1006)
            self.wire.receive_data(data)
            self._events = self.wire.events()


def masked(opcode, payload, *, is_final=True):
    """A client's frame as raw bytes, also one that wsproto would not send."""
    size = len(payload)
    head = bytes((0x80 * is_final | opcode,))
    if size < 126:
        head += bytes((0x80 | size,))
    else:
        head += bytes((0x80 | 126,)) + size.to_bytes(2)
    return head + b"\0\0\0\0" + payload


def joined(server, path="/live", **options):
    client = Client(server.port, path, **options)
    assert client.hear() == "ready"
    return client


def wait_until_closed(server):
    return server.recorder.closed.get(timeout=DEADLINE_S)
