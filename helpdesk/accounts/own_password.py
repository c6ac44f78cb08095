"""Changing one's own password: the old one is asked for, wrong ones are counted, other sessions end."""

from sqlalchemy import select, update

from helpdesk import events, settings
from helpdesk.accounts import limits, passwords, sessions, signing_in
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person
from helpdesk.accounts.signing_in import Browser
from helpdesk.database import db, transaction
from helpdesk.web import Invalid

LIMIT = "own-password"


def change(identity: Identity, current: str, new: str, again: str, browser: Browser) -> None:
    """Set one's own password and end all one's sessions but this one. Commits and announces.

    Raises Invalid with field "current", "new" or "again", and TooMany after too many wrong ones.
    """
    passwords.check_new(new, field="new")
    if new != again:
        raise Invalid("again", "The two passwords are not the same.")
    _count(identity)
    known = db.session.scalar(select(Person.password_hash).where(Person.id == identity.person_id))
    if not passwords.is_right(known, current) or not _stored(identity, known, passwords.make_hash(new)):
        signing_in.log_event("password.wrong", browser, person=identity.person_id)
        raise Invalid("current", "This is not your password.")
    signing_in.log_event("password.changed", browser, person=identity.person_id)


def _count(identity: Identity) -> None:
    most, window_s = settings.get("SignIn::WrongPerName"), settings.get("SignIn::Period") * 60
    limits.count(LIMIT, identity.person_id, most, window_s, why="Too many wrong passwords.")


def _stored(identity: Identity, known: str | None, made: str) -> bool:
    """Store it unless the password was changed meanwhile."""
    is_still_so = (Person.id == identity.person_id) & (Person.password_hash == known) & Person.is_valid
    with transaction() as tx:
        moved = update(Person).where(is_still_so).values(password_hash=made).returning(Person.id)
        if tx.execute(moved.execution_options(synchronize_session=False)).first() is None:
            return False
        limits.give_back(tx, LIMIT, identity.person_id, settings.get("SignIn::Period") * 60)
        sessions.end_others(tx, identity.person_id, identity.session_key)
        events.record(tx, identity.person_id, "password.changed", "person", identity.person_id)
    return True
