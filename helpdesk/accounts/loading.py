"""Who is asking, by the door he came through."""

from flask import Request, request
from flask_login import current_user

from helpdesk.access import Door, door_of
from helpdesk.accounts import sessions, visitors
from helpdesk.accounts.identity import Identity


def load_identity() -> Identity | None:
    """Return who is behind this request: a session of its own door, or a visitor's capability."""
    if door_of(request.path) is Door.WINDOW:
        return visitors.load()
    user = current_user._get_current_object()
    return user if isinstance(user, Identity) else None


def load_session(request: Request) -> Identity | None:
    """Answer Flask-Login, once per request: nothing of the person is kept in a cookie."""
    return sessions.load()
