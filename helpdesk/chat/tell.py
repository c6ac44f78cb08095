"""What is told after a commit: request rows and counts per channel, changed headers, circles."""

import json
from functools import partial
from typing import Any

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk import realtime
from helpdesk.accounts.models import AGENT, Person
from helpdesk.chat import channels, circles, rows
from helpdesk.chat.models import ACTIVE, Chat
from helpdesk.chat.models import AGENT as INTERNAL
from helpdesk.database import announce, db
from helpdesk.realtime.models import Presence
from helpdesk.web import render_partial


def row_came(tx: Session, chat_id: int, channel_id: int) -> None:
    """Announce a request that now waits in a channel."""
    row = rows.row(tx, chat_id)
    target = f'#requests-{row.kind}[data-channels~="{channel_id}"]'
    _list_changed(tx, channel_id, lambda: render_partial("chat/_row_came.html", row=row, target=target))


def row_went(tx: Session, chat: Any) -> None:
    """Announce that a request waits in its channel no longer."""
    _list_changed(
        tx, chat.channel_id, lambda: render_partial("chat/_row_went.html", public_id=chat.public_id)
    )


def row_moved(tx: Session, chat: Any, channel_id: int) -> None:
    """Announce that a request waits in another channel."""
    channels.hold(tx, [chat.channel_id, channel_id])
    row_went(tx, chat)
    row_came(tx, chat.id, channel_id)


def moved(tx: Session, chat: Any, channel_id: int) -> None:
    """Announce that a running chat runs in another channel."""
    channels.hold(tx, [chat.channel_id, channel_id])
    for each in (chat.channel_id, channel_id):
        _list_changed(tx, each, Markup)


def counted(tx: Session, chat: Any) -> None:
    """Announce that the number of chats that run in a channel changed."""
    if chat.direction != INTERNAL:
        _list_changed(tx, chat.channel_id, Markup)


def changed(tx: Session, chat: Any, *, is_for_guests: bool = True) -> None:
    """Announce that headers of this chat are out of date; each page fetches its own."""

    def tell() -> None:
        frame = json.dumps({"changed": chat.public_id})
        realtime.publish(f"chat:{chat.id}:agents", frame)
        if is_for_guests:
            realtime.publish(f"chat:{chat.id}:guests", frame)

    announce(tx, tell)


def fit(tx: Session, *person_ids: int) -> None:
    """Have these people hear what their rights allow from now on."""
    for person_id in person_ids:
        announce(tx, partial(realtime.resubscribe, person_id))


def personal(
    tx: Session, person_id: int, public_id: str, *, by: str = "", text: str = "", **how: str
) -> None:
    """Announce to a person that his personal requests changed; `by` and `text` are those of a new one.

    A chat on offer says `how` it came: "handed" over by him, or "lost" with his connection.
    """
    person(tx, person_id, personal=public_id, by=by, text=text, **how)


def person(tx: Session, person_id: int, **frame: Any) -> None:
    """Announce something to all pages of one person."""
    announce(tx, lambda: realtime.publish(f"person:{person_id}", json.dumps(frame)))


def circles_of(person_ids: list[int]) -> None:
    """Tell agents of these people's colours now, and guests of the agent in charge of their chat."""
    found = db.session.execute(
        select(Person.id.label("person_id"), Person.kind, Person.availability, *circles.FACTS)
        .join(Presence, Presence.person_id == Person.id)
        .where(Person.id.in_(person_ids))
    )
    for person in found:
        _tell_circle(person)


def _tell_circle(person: Any) -> None:
    _publish("presence", circles.of_person(person))
    if person.kind != AGENT:
        return
    of_his = select(Chat.id, Chat.public_id, Chat.guest_version).where(
        Chat.in_charge_id == person.person_id, Chat.state == ACTIVE, Chat.direction != INTERNAL
    )
    for chat in db.session.execute(of_his):
        _publish(f"chat:{chat.id}:guests", circles.for_guest(person, chat))


def _publish(topic: str, circle: circles.Circle) -> None:
    realtime.publish(topic, json.dumps(circles.frame(circle)))


def _list_changed(tx: Session, channel_id: int, content: Any) -> None:
    version = channels.touch(tx, channel_id)
    count = rows.counts(tx, [channel_id])[0]

    def tell() -> None:
        body = Markup("").join((content(), render_partial("chat/_counted.html", count=count)))
        realtime.publish(
            f"channel:{channel_id}", json.dumps({"channel": channel_id, "version": version, "content": body})
        )

    announce(tx, tell)
