"""The application on werkzeug's server inside the test's process: a real one, open to the test."""

import json
import threading
from datetime import timedelta
from http.client import HTTPConnection

from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from helpdesk import create_app, realtime
from helpdesk.accounts import permissions, sessions, visitors
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person, SignIn
from helpdesk.chat.models import Channel
from helpdesk.database import database_now, db, transaction
from helpdesk.realtime import lease_rows
from helpdesk.realtime.leases import Held
from helpdesk.realtime.models import Lease
from tests.realtime.helpers import DEADLINE_S, Client
from tests.support.databases import configuration
from tests.support.servers import free_port
from tests.support.sharing import share
from tests.support.waiting import until


class Quiet(WSGIRequestHandler):
    """A server that writes no log; its answers are looked at."""

    def log(self, type, message, *args):
        pass


class Here:
    """An app that serves, its service started; use it in its app context."""

    def __init__(self, database_url, folder, **changes):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        changes = {"bind": f"127.0.0.1:{self.port}", "public_url": self.url} | changes
        self.app = share(create_app(configuration(database_url, folder, **changes)))
        self.service = self.app.extensions["helpdesk_realtime"]
        self._server = make_server("127.0.0.1", self.port, self.app, threaded=True, request_handler=Quiet)
        # Their end is waited for.
        vars(self._server)["daemon_threads"] = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.service.start()
        until(lambda: self.service.bus.is_listening, "the bus to listen")

    def finish(self):
        """End server and service, and wait until nobody uses the database any more."""
        self.service.say_goodbye()
        self.service.worker.stop(DEADLINE_S)
        self._server.shutdown()
        self._thread.join(DEADLINE_S)
        self._server.server_close()
        self.service.stop()
        if listener := getattr(self.service.bus, "_thread", None):
            listener.join(DEADLINE_S)
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


def person_id(login):
    found = db.session.scalars(select(Person.id).where(Person.login == login)).one()
    db.session.rollback()
    return found


def group_and_channel(name):
    found = db.session.execute(select(Channel.group_id, Channel.id).where(Channel.name == name)).one()
    db.session.rollback()
    return found.group_id, found.id


def sign_in(login):
    """A session's token for the door's cookie."""
    with transaction() as tx:
        return sessions.start(tx, person_id(login), "127.0.0.1", "a test")


def sign_out(token):
    with transaction() as tx:
        return sessions.end(tx, token)


def make_visitor(name="Vera"):
    """A visitor's (person id, token)."""
    with transaction() as tx:
        return visitors.create(tx, name)


def grant(login, permission, channel):
    with transaction() as tx:
        permissions.grant(tx, person_id(login), group_and_channel(channel)[0], permission)


def revoke(login, permission, channel):
    with transaction() as tx:
        permissions.revoke(tx, person_id(login), group_and_channel(channel)[0], permission)


def socket(port, door="agent", token=None, *, origin="own", headers=(), subprotocols=()):
    """A client at a door's socket, after the handshake's answer; close it."""
    sent = [*headers]
    if origin == "own":
        origin = f"http://127.0.0.1:{port}"
    if origin is not None:
        sent.append((b"Origin", origin.encode()))
    if token is not None:
        sent.append((b"Cookie", f"helpdesk_{door}={token}".encode()))
    return Client(port, f"/{door}/live", headers=sent, subprotocols=subprotocols)


def ask(port, path="/healthz", method="GET", headers=None):
    """The status of a plain request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def shown(login):
    """What is shown of this person now."""
    return state(person_id(login)).shown


def ready(client):
    """What the first frame says."""
    frame = json.loads(client.hear())
    assert list(frame) == ["ready"]
    return frame["ready"]


def lasts():
    """How long the only lease is good for."""
    alive_until, now = db.session.execute(select(Lease.alive_until, database_now())).one()
    db.session.rollback()
    return alive_until - now


def hold(person_id, *, process="a", has_socket=True, alive_s=60.0, active_s=0.0):
    """Write a lease as a process would."""
    with transaction() as tx:
        lease_rows.write(tx, process, [Held(person_id, has_socket, alive_s, active_s, False)])


def turn_back(who=None, **seconds):
    """Make the times of a person's leases, or of all, older: nobody waits."""
    with transaction() as tx:
        leases = select(Lease) if who is None else select(Lease).where(Lease.person_id == who)
        for lease in tx.scalars(leases):
            for name, passed_s in seconds.items():
                setattr(lease, name, getattr(lease, name) - timedelta(seconds=passed_s))


def state(person_id):
    """What is shown of this person now, with its version and time."""
    db.session.rollback()
    found = realtime.states([person_id])[person_id]
    db.session.rollback()
    return found


def who(person_id, login):
    """An agent's identity behind a session of its own, and the token."""
    with transaction() as tx:
        token = sessions.start(tx, person_id, "127.0.0.1", "a test")
    key = db.session.scalar(select(SignIn.id).order_by(SignIn.id.desc()).limit(1))
    return Identity(person_id, "agent", login, None, f"s{key}", 1, 2), token
