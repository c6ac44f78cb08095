"""What accounts tells the rooms above it, always after the commit."""

from collections.abc import Callable
from functools import partial

from sqlalchemy.orm import Session

from helpdesk.database import announce

OnAccessChange = Callable[[int], None]
OnSignOut = Callable[[int, str], None]

_on_access_change: dict[OnAccessChange, None] = {}
_on_sign_out: dict[OnSignOut, None] = {}


def on_access_change(listener: OnAccessChange) -> None:
    """Have `listener(person_id)` called after a stored change of that person's rights or validity.

    Listeners are functions of a module, known to the whole process, and find their app by `current_app`;
    registering one again changes nothing.
    """
    _on_access_change[listener] = None


def on_sign_out(listener: OnSignOut) -> None:
    """Have `listener(person_id, session_key)` called after a session was ended; registers like the above."""
    _on_sign_out[listener] = None


def access_changed(tx: Session, person_id: int) -> None:
    """Announce in `tx` that this person's rights changed."""
    for listener in _on_access_change:
        announce(tx, partial(listener, person_id))


def signed_out(tx: Session, person_id: int, session_key: str) -> None:
    """Announce in `tx` that this session is over."""
    for listener in _on_sign_out:
        announce(tx, partial(listener, person_id, session_key))
