"""The sockets of the three doors: each is handed to the hub and its request ends."""

from collections.abc import Callable

from flask import Blueprint, current_app, request
from flask_sock import Sock

from helpdesk.access import Door, allow, door_of
from helpdesk.accounts.identity import Identity, identity_or_none
from helpdesk.accounts.models import AGENT, CUSTOMER, VISITOR
from helpdesk.accounts.visitors import SUBPROTOCOL
from helpdesk.database import db
from helpdesk.realtime.fitting import NO_SESSION
from helpdesk.realtime.handover import AcceptedSocket
from helpdesk.realtime.hub import SocketRefused, refuse
from helpdesk.realtime.service import Service

View = Callable[[AcceptedSocket], None]

blueprint = Blueprint("realtime", __name__)
_sock = Sock()


class VisitorProtocols:
    """The subprotocols that are echoed: browsers drop a socket whose offer is not answered."""

    def __contains__(self, offered: object) -> bool:
        return (
            isinstance(offered, str)
            and offered.startswith(SUBPROTOCOL)
            and door_of(request.path) is Door.WINDOW
        )


def _socket(path: str) -> Callable[[View], View]:
    def register(view: View) -> View:
        _sock.route(path, bp=blueprint)(view)
        return view

    return register


@_socket("/agent/live")
@allow(AGENT)
def agent_live(ws: AcceptedSocket) -> None:
    """Open an agent's socket."""
    _open(ws, AGENT)


@_socket("/external/live")
@allow(CUSTOMER)
def external_live(ws: AcceptedSocket) -> None:
    """Open a customer user's socket."""
    _open(ws, CUSTOMER)


@_socket("/window/live")
@allow(VISITOR)
def window_live(ws: AcceptedSocket) -> None:
    """Open a visitor's socket."""
    _open(ws, VISITOR)


def _open(ws: AcceptedSocket, kind: str) -> None:
    """Adopt the socket or close it: a refused handshake would be retried for ever."""
    identity = identity_or_none()
    service = current_app.extensions["helpdesk_realtime"]
    db.session.remove()
    if identity is None or identity.kind != kind:
        refuse(ws, NO_SESSION, "sign in again")
    elif refusal := service.refusal():
        refuse(ws, *refusal)
    else:
        service.start()
        _adopt(service, ws, identity)


def _adopt(service: Service, ws: AcceptedSocket, identity: Identity) -> None:
    """Register first and look again then: session, rights, switch and bus may have changed in between."""
    try:
        connection = service.hub.adopt(
            ws,
            person_id=identity.person_id,
            session_key=identity.session_key,
            address=request.remote_addr or "",
            topics=(),
        )
    except SocketRefused:
        return
    service.opened(connection)
    service.fitting.fit(identity.person_id)
    if refusal := service.refusal():
        service.hub.close(connection, *refusal)
