"""What the chat window shows to a guest: home, start form, conversation, status."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, select

from helpdesk import settings
from helpdesk.accounts import limits
from helpdesk.accounts.identity import Identity
from helpdesk.accounts.models import Person
from helpdesk.chat import allowances, channels, circles, cursors, lines, personal
from helpdesk.chat.models import CLOSED, CUSTOMER, EVERYONE, PUBLIC, REQUEST, Chat, Message, Participation
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import open_chats_of
from helpdesk.database import db, now
from helpdesk.external.ended import Ended
from helpdesk.external.ended import of as ended_of
from helpdesk.realtime.models import Presence
from helpdesk.web import iso

WAITING = "Please bear with us until one of our agents is able to handle your chat request."
MOST_CHATS = 20


class Entry(NamedTuple):
    """One conversation in the lists of the home view."""

    public_id: str
    title: str
    at: str


class Asked(NamedTuple):
    """A request of an agent to the reader, with its first message."""

    public_id: str
    agent_name: str
    text: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """The requests that wait for the reader's answer, newest first."""

    requests: list[Asked]
    etag: str
    base: str


@dataclass(frozen=True, slots=True)
class Home:
    """The first view of the window."""

    may_start: bool
    may_leave: bool
    is_public: bool
    version: int
    incoming: Incoming
    outgoing: list[Entry]
    conversations: list[Entry]
    base: str


@dataclass(slots=True)
class Form:
    """The start form with what was typed and what is wrong with it.

    `is_message`: nobody is there, and the words become a ticket; its channel says in which queue. `instead`
    is the request of a chat that is withdrawn then; `about` the number of the ticket it is started from.
    `draft` names what the browser keeps of it: "" for visitors, before whose first message nothing is stored.
    """

    base: str
    is_public: bool
    channels: list[tuple[int, str]]
    client_id: str
    channel_id: int | None = None
    name: str = ""
    email: str = ""
    text: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    is_message: bool = False
    instead: str = ""
    about: str = ""
    draft: str = ""
    asked_email: str = "off"
    consent_text: str = ""
    consent_link: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The replaceable part of a conversation; `title` is the agent's name, before that the channel's."""

    public_id: str
    version: int
    etag: str
    state: str
    title: str
    circle: circles.Circle
    started_at: str
    waiting_text: str
    may_leave: bool
    is_public: bool
    ended: Ended | None
    base: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat in the window."""

    public_id: str
    lines: list[lines.Line]
    status: Status
    allowance: allowances.Allowance | None
    base: str
    n: int
    marks: cursors.Marks


def audience_of(identity: Identity | None) -> str:
    """Return whose channels are on offer: a customer's, or the public's."""
    return CUSTOMER if identity is not None and identity.is_customer else PUBLIC


def is_public(identity: Identity | None) -> bool:
    """Tell whether this is somebody without an account, known or not."""
    return audience_of(identity) == PUBLIC


def home(identity: Identity | None, base: str) -> Home:
    """Return the home view: what runs, what waits, and whether something new can begin."""
    running = chats_of(identity)
    audience = audience_of(identity)
    return Home(
        may_start=bool(channels.offered(db.session, audience)),
        may_leave=channels.may_ask(audience),
        is_public=is_public(identity),
        version=0,
        incoming=incoming(identity, base),
        outgoing=[_entry(each) for each in running if each.chat.state == REQUEST],
        conversations=[_entry(each) for each in running if each.chat.state != REQUEST],
        base=base,
    )


def chats_of(identity: Identity | None) -> list[Relation]:
    """Return the guest's open chats, newest first, without those he is only asked for; at most MOST_CHATS."""
    return [relation for relation in _open(identity) if relation.may("chat.read")]


def incoming(identity: Identity | None, base: str) -> Incoming:
    """Return what agents ask the guest, newest first."""
    asked, etag = personal.asked(_open(identity))
    if not asked:
        return Incoming([], etag, base)
    rows = db.session.execute(
        select(Chat.public_id, Participation.name, Message.text)
        .join(
            Participation,
            and_(Participation.chat_id == Chat.id, Participation.person_id == Chat.requester_id),
        )
        .join(Message, and_(Message.chat_id == Chat.id, Message.seq == 1))
        .where(Chat.id.in_([chat.id for chat in asked]))
        .order_by(Chat.id.desc())
    )
    return Incoming([Asked(*row) for row in rows], etag, base)


def _open(identity: Identity | None) -> list[Relation]:
    return open_chats_of(identity, MOST_CHATS) if identity is not None else []


def form(
    identity: Identity | None, base: str, client_id: str, *, is_message: bool = False, **typed: Any
) -> Form:
    """Return the start form of a chat, or of a message to those who are not there."""
    listed = channels.of_audience if is_message else channels.offered
    public = is_public(identity)
    asked_email = "required" if is_message else settings.get("ChatEngine::PublicEmail")
    return Form(
        base=base,
        is_public=public,
        is_message=is_message,
        asked_email=asked_email if public else "off",
        consent_text=settings.get("ChatEngine::ConsentText") if public else "",
        consent_link=settings.get("ChatEngine::ConsentLink"),
        channels=[(row.id, row.name) for row in listed(db.session, audience_of(identity))],
        client_id=client_id,
        draft="" if public or identity is None else draft_of(identity, "start"),
        **{"name": identity.name if identity is not None else "", **typed},
    )


def draft_of(identity: Identity, what: str) -> str:
    """Return the name under which the browser keeps what a customer user types, nobody else's in the same."""
    return f"{what}-{limits.keyed('draft', identity.person_id)[:12]}"


def conversation(relation: Relation, base: str) -> Conversation:
    """Return a chat with its last lines."""
    chat = relation.chat
    return Conversation(
        public_id=chat.public_id,
        lines=lines.last(chat, EVERYONE),
        status=status(relation, base),
        allowance=allowances.allowance_of(relation),
        base=base,
        n=chat.last_guest_seq,
        marks=cursors.marks_of(relation),
    )


def status(relation: Relation, base: str) -> Status:
    """Return the replaceable part of a chat."""
    chat, agent = relation.chat, _agent(relation.chat)
    version = circles.guest_version(chat, agent)
    is_taken = channels.may_ask(audience_of(relation.identity))
    may_leave = relation.may("chat.withdraw") and _waits_long(chat) and is_taken
    return Status(
        public_id=chat.public_id,
        version=version,
        etag=f"{version}.{chat.state}.{agent.availability if agent else ''}{'.long' if may_leave else ''}",
        state=chat.state,
        title=agent.name if agent else chat.channel_name,
        circle=_circle(chat, agent),
        started_at=iso(chat.created_at),
        waiting_text=WAITING if chat.state == REQUEST else "",
        may_leave=may_leave,
        is_public=is_public(relation.identity),
        ended=ended_of(relation, base),
        base=base,
    )


def _waits_long(chat: Any) -> bool:
    """Tell whether nobody has answered for so long that ways out are offered; the next poll shows them."""
    minutes = settings.get("ChatEngine::WayOutAfter")
    return bool(minutes) and chat.created_at <= now() - timedelta(minutes=minutes)


def _agent(chat: Any) -> Any:
    if chat.in_charge_id is None:
        return None
    return db.session.execute(
        select(
            Participation.name,
            Person.id.label("person_id"),
            Person.kind,
            Person.availability,
            *circles.FACTS,
        )
        .join(Person, Person.id == Participation.person_id)
        .outerjoin(Presence, Presence.person_id == Person.id)
        .where(and_(Participation.chat_id == chat.id, Participation.person_id == chat.in_charge_id))
    ).one()


def _circle(chat: Any, agent: Any) -> circles.Circle:
    if agent is None:
        return circles.not_yet()
    if chat.state == CLOSED:
        return circles.gone(agent.presence_version)
    return circles.for_guest(agent, chat)


def _entry(relation: Relation) -> Entry:
    agent = _agent(relation.chat)
    title = agent.name if agent else relation.chat.channel_name
    return Entry(relation.chat.public_id, title, iso(relation.chat.created_at))
