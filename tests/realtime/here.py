"""The application on werkzeug's server inside the test's process: a real one, open to the test."""

import threading
from http.client import HTTPConnection

from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from helpdesk import create_app, realtime
from helpdesk.accounts import permissions, sessions, visitors
from helpdesk.accounts.models import Person
from helpdesk.chat.models import Channel
from helpdesk.database import db, transaction
from tests.realtime.helpers import DEADLINE_S, Client
from tests.support.databases import configuration
from tests.support.servers import free_port
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
        self.app = create_app(configuration(database_url, folder, **changes))
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
        self.service.stop()
        self.service.worker.stop(DEADLINE_S)
        self._server.shutdown()
        self._thread.join(DEADLINE_S)
        self._server.server_close()
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
    found = person_id(login)
    state = realtime.states([found])[found].shown
    db.session.rollback()
    return state
