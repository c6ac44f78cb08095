"""Guests and agents at their screens, over HTTP: each method is one deed, and returns the answer."""

from datetime import timedelta
from uuid import uuid4

from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from helpdesk.access import Door
from helpdesk.accounts import sessions
from helpdesk.accounts.models import Group, Person
from helpdesk.accounts.permissions import grant, revoke
from helpdesk.chat.models import Channel, Chat
from helpdesk.database import db, now, transaction
from helpdesk.realtime.models import OFFLINE, Presence
from tests.chat.reading import lines_of, public_id_of, rows_of
from tests.support.clients import Client

TEXT = "Have you a minute?"
NAME = "Vera"


def enter(client: Client, door: Door, person_id: int) -> Client:
    """Give this browser a session of the person, as signing in does, without the work of the password."""
    with transaction() as tx:
        token = sessions.start(tx, person_id, "127.0.0.1", "a test")
    client.set_cookie(door.cookie, token, domain="127.0.0.1", path=f"/{door.value}")
    return client


class Somebody:
    """Somebody with a browser; `base` is where his chats are."""

    base = ""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str, **options: object) -> TestResponse:
        return self.client.get(f"{self.base}{path}", htmx=True, **options)

    def send(self, path: str, **fields: object) -> TestResponse:
        return self.client.post(f"{self.base}{path}", data=fields, htmx=True)

    def post(self, chat: str, text: str, client_id: str | None = None, after: int = 0) -> TestResponse:
        return self.send(f"/chats/{chat}/messages", text=text, client_id=client_id or uuid4(), after=after)

    def read(self, chat: str, after: object = 0) -> TestResponse:
        return self.get(f"/chats/{chat}/messages?after={after}")

    def lines(self, chat: str, after: int = 0) -> list:
        """Return all lines behind `after`, page by page."""
        found: list = []
        while True:
            answer = self.read(chat, after)
            assert answer.status_code in (200, 204), answer.status
            found += lines_of(answer.text)
            if "X-More" not in answer.headers:
                return found
            after = found[-1].n

    def words(self, chat: str) -> list[str]:
        return [line.text for line in self.lines(chat)]

    def accept(self, chat: str) -> TestResponse:
        return self.send(f"/chats/{chat}/acceptance")

    def decline(self, chat: str) -> TestResponse:
        return self.send(f"/chats/{chat}/rejection")

    def withdraw(self, chat: str) -> TestResponse:
        return self.send(f"/chats/{chat}/withdrawal")

    def close(self, chat: str) -> TestResponse:
        return self.send(f"/chats/{chat}/closure")


class Guest(Somebody):
    """A customer user or a visitor in the chat window."""

    def __init__(self, client: Client, base: str) -> None:
        super().__init__(client)
        self.base = base

    def begin(self, text: str = "Hello?", client_id: object = None, **fields: object) -> TestResponse:
        fields = {"name": NAME, "text": text, "client_id": client_id or uuid4()} | fields
        return self.send("/chats", **{key: value for key, value in fields.items() if value is not None})

    def begun(self, text: str = "Hello?", **fields: object) -> str:
        """Begin and return the public id; fails when it is refused."""
        answer = self.begin(text, **fields)
        assert answer.status_code == 200, answer.text
        return public_id_of(answer.text)

    def home(self) -> TestResponse:
        return self.get("/home")

    def status(self, chat: str, **options: object) -> TestResponse:
        return self.get(f"/chats/{chat}/status", **options)

    def incoming(self, **options: object) -> TestResponse:
        return self.get("/incoming", **options)


class Agent(Somebody):
    """An agent on Manage Chats."""

    base = "/agent"

    def __init__(self, client: Client, person_id: int) -> None:
        super().__init__(client)
        self.person_id = person_id

    def preview(self, chat: str) -> TestResponse:
        return self.get(f"/chats/{chat}/preview")

    def ask(self, to: object, text: str = TEXT, client_id: object = None) -> TestResponse:
        return self.send("/chats", to=to, text=text, client_id=client_id or uuid4())

    def asked(self, to: object, text: str = TEXT) -> str:
        """Ask and return the public id; fails when it is refused."""
        answer = self.ask(to, text)
        assert answer.status_code == 204, answer.text
        return answer.headers["HX-Redirect"].removeprefix("/agent/chats#chat-")

    def people(self, tab: str = "agents", words: str = "", **options: object) -> TestResponse:
        return self.get(f"/people?tab={tab}&words={words}", **options)

    def move(self, chat: str, channel: object) -> TestResponse:
        return self.send(f"/chats/{chat}/channel", channel=channel)

    def header(self, chat: str, **options: object) -> TestResponse:
        return self.get(f"/chats/{chat}/header", **options)

    def hand_over(self, chat: str, to: str) -> TestResponse:
        return self.send(f"/chats/{chat}/hand-over", to=to)

    def be(self, chat: str, mode: str) -> TestResponse:
        return self.send(f"/chats/{chat}/participation", mode=mode)

    def invite(self, chat: str, person_id: int, text: str = "Please help", **fields: object) -> TestResponse:
        fields = {"person": person_id, "text": text, "client_id": uuid4()} | fields
        return self.send(f"/chats/{chat}/invitation", **fields)

    def change_channel(self, chat: str, channel: object, **fields: object) -> TestResponse:
        return self.send(f"/chats/{chat}/channel-change", channel=channel, **fields)

    def leave(self, chat: str) -> TestResponse:
        return self.send(f"/chats/{chat}/departure")

    def dismiss(self, chat: str) -> TestResponse:
        return self.send(f"/chats/{chat}/dismissal")

    def active(self, have: str = "") -> TestResponse:
        return self.get(f"/chats/active?have={have}")

    def requests(self, kind: str = "public", **options: object) -> TestResponse:
        return self.get(f"/chats/requests/{kind}", **options)

    def waiting(self, kind: str = "public") -> list[str]:
        """Return the public ids of the requests in one list, as they stand."""
        return [row.public_id for row in rows_of(self.requests(kind).text)]

    def filter(self, which: str) -> TestResponse:
        return self.send("/chats/filter", channels=which)


class House:
    """Everybody who can come to this application."""

    def __init__(self, app: Flask) -> None:
        app.test_client_class = Client
        self.app = app

    def client(self) -> Client:
        client = self.app.test_client()
        assert isinstance(client, Client)
        return client

    def agent(self, login: str, *, is_here: bool = True) -> Agent:
        """Return a signed-in agent; he is connected from his first request on."""
        person_id = self.id_of(login)
        agent = Agent(enter(self.client(), Door.AGENT, person_id), person_id)
        if is_here:
            assert agent.get("/availability").status_code in (200, 404)
        return agent

    def customer(self, login: str = "customer1") -> Guest:
        return Guest(enter(self.client(), Door.EXTERNAL, self.id_of(login)), "/external/window")

    def visitor(self) -> Guest:
        """Return a stranger at the public window."""
        return Guest(self.client(), "/window")

    def id_of(self, login: str) -> int:
        found = db.session.scalar(select(Person.id).where(Person.login == login))
        db.session.rollback()
        assert found is not None
        return found

    def channel(self, name: str) -> int:
        found = db.session.scalar(select(Channel.id).where(Channel.name == name))
        db.session.rollback()
        assert found is not None
        return found

    def grant(self, login: str, group: str, permission: str) -> None:
        with transaction() as tx:
            grant(tx, self.id_of(login), self.group(group), permission)

    def revoke(self, login: str, group: str, permission: str) -> None:
        with transaction() as tx:
            revoke(tx, self.id_of(login), self.group(group), permission)

    def group(self, name: str) -> int:
        found = db.session.scalar(select(Group.id).where(Group.name == name))
        db.session.rollback()
        assert found is not None
        return found

    def invited(self, inviter: Agent, chat: str, agent: Agent) -> str:
        """Have one agent invite another, who accepts; return the internal chat."""
        answer = inviter.invite(chat, agent.person_id)
        assert answer.status_code == 204, answer.text
        internal = self.invitation(chat, agent)
        assert agent.accept(internal).status_code == 200
        return internal

    def invitation(self, chat: str, agent: Agent) -> str:
        """Return the newest internal chat in which an agent is invited to another one."""
        asked = select(Chat.public_id).where(
            Chat.parent_id == self.chat(chat).id, Chat.target_id == agent.person_id
        )
        found = db.session.scalars(asked.order_by(Chat.id.desc())).first()
        db.session.rollback()
        assert found is not None
        return found

    def chat(self, public_id: str) -> Chat:
        """Return the stored row as it is now."""
        db.session.rollback()
        row = db.session.scalars(
            select(Chat).where(Chat.public_id == public_id).execution_options(populate_existing=True)
        ).one()
        db.session.rollback()
        return row


def shown_gone(person_id: int, minutes: float) -> None:
    """Show somebody as not connected for so long."""
    gone = {"shown": OFFLINE, "changed_at": now() - timedelta(minutes=minutes)}
    with transaction() as tx:
        tx.execute(update(Presence).where(Presence.person_id == person_id).values(**gone))
