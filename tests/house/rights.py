"""Tries every address as everybody, in every state of a chat, and writes down what came of it."""

import shutil
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from helpdesk.accounts import people
from helpdesk.accounts.models import Person
from helpdesk.assets import asset
from helpdesk.chat.models import JOINED, OBSERVER, PARTICIPANT, Chat, Participation
from helpdesk.chat.permissions import RIGHTS
from helpdesk.database import db, transaction
from helpdesk.realtime import topics
from helpdesk.settings import put
from tests.chat.people import Agent, Guest, House, Somebody
from tests.house.actions import actions

STATES = ("request", "active", "closed")
WHO = {
    "none": "nobody we know",
    "visit": "a visitor with another chat",
    "VISIT": "the visitor who asked",
    "cust": "a customer user with another chat",
    "CUST": "the customer user who asked",
    "agent": "an agent without a level",
    "obs": "an agent with observer level",
    "part": "an agent with participant level",
    "owner": "an agent with owner level",
    "OWNER": "the agent in charge (before: another owner)",
    "PART": "an agent in the chat as participant (before: not in it)",
    "OBS": "an agent in the chat as observer (before: not in it)",
    "INV": "an agent with participant level who is invited to it (before: not)",
}
LEVELS = {
    "obs": "chat_observer",
    "part": "chat_participant",
    "PART": "chat_participant",
    "OBS": "chat_observer",
    "INV": "chat_participant",
}
# Who is asked in a personal request, by its direction; OWNER asks. The others were not asked.
ASKED = {"agent": "owner", "to_customer": "CUST"}
NOT_ASKED = ("cust", "agent", "PART")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Number 2 is the file in each chat, and the canned response of Support.
VALUES = {"kind": "customer", "filename": "icon.svg", "number": 2, "file_id": 2, "person_id": 5}


class World:
    """A small helpdesk in a file, put back after each deed."""

    def __init__(self, app: Flask, path: Path) -> None:
        self.app, self.path, self.kept = app, path, path.with_suffix(".kept")
        self.house = House(app)
        self.people: dict[str, Somebody] = {}
        self.chats: dict[tuple[str, str], str] = {}
        self._come()
        for state in STATES:
            for kind, asker in (("public", "VISIT"), ("customer", "CUST")):
                self.chats[kind, state] = self._chat(self._guest(asker), state)
            for kind, target in ASKED.items():
                self.chats[kind, state] = self._asked(target, state)
        self._keep()

    def chat_for(self, who: str, state: str, kind: str = "") -> str:
        """Return the chat a person is tried on: of the customer user for customers, else of the visitor."""
        return self.chats[kind or "customer" if kind or who in ("cust", "CUST") else "public", state]

    def attempt(self, rule: Rule, method: str, who: str, state: str, kind: str = "") -> int:
        """Return the status of one request, after which everything is as before."""
        person = self.people[who]
        values = {name: VALUES.get(name, "") for name in rule.arguments}
        if "public_id" in values:
            values["public_id"] = self.chat_for(who, state, kind)
        if "name" in values:
            with self.app.test_request_context():
                values["name"] = asset("agent.css").rpartition("/")[2]
        assert all(values.values()), f"say in VALUES what {rule.rule} is tried with"
        with self.app.test_request_context():
            path = rule.build(values)[1]  # type: ignore[index]
        cookies = deepcopy(person.client._cookies)
        fields = self._fields(rule.endpoint.rpartition(".")[2]) if method in UNSAFE else None
        response = person.client.open(path, method=method, data=fields, htmx=True)
        response.close()
        person.client._cookies = cookies
        if method in UNSAFE and response.status_code not in (401, 403, 404):
            self.put_back()
        return response.status_code

    def hears(self, who: str, state: str) -> str:
        """Return which topics about a chat this person hears."""
        public_id = self.chat_for(who, state)
        chat = self.house.chat(public_id)
        identity = topics.load(self._id(who), "") if who != "none" else None
        heard = topics.topics_of(identity) if identity else frozenset()
        db.session.rollback()
        names = {"agents": f"chat:{chat.id}:agents", "guests": f"chat:{chat.id}:guests"}
        names |= {"channel": f"channel:{chat.channel_id}", "presence": "presence"}
        return " ".join(name for name, topic in names.items() if topic in heard) or "-"

    def put_back(self) -> None:
        """Undo everything."""
        self._let_go()
        shutil.copyfile(self.kept, self.path)

    def _come(self) -> None:
        house = self.house
        with transaction() as tx:
            for audience in ("Public", "Customer"):  # a slow machine is not somebody who went away
                put(tx, f"ChatEngine::AvailabilityCheck::{audience}", False, None)
            for who in ("agent", *LEVELS):
                people.create_agent(tx, self._login(who), f"Agent {who}")
        for who, permission in LEVELS.items():
            house.grant(self._login(who), "Support", permission)
        for who in WHO:
            if who in ("none", "visit", "VISIT"):
                self.people[who] = house.visitor()
            elif who in ("cust", "CUST"):
                self.people[who] = house.customer("customer1" if who == "CUST" else "customer2")
            else:
                self.people[who] = house.agent(self._login(who))
        for who in ("visit", "cust"):
            self._guest(who).begun()
        for channel in ("", house.channel("Support")):
            fields = {"name": "Hello", "text": "Hi {customer}", "channel": channel, "is_valid": "1"}
            assert self.people["OWNER"].send("/canned-responses", **fields).status_code == 200

    def _chat(self, asker: Guest, state: str) -> str:
        support = self.house.channel("Support")
        public_id, agent = asker.begun(channel=support), self.people["OWNER"]
        assert isinstance(agent, Agent)
        file = {"file": (BytesIO(b"x"), "a.txt")}
        assert asker.send(f"/chats/{public_id}/attachments", client_id=uuid4(), **file).status_code == 200
        if state != "request":
            assert agent.accept(public_id).status_code == 200
            self._join(public_id)
            self.chats["internal", state] = self._invite(agent, public_id)
        if state == "closed":
            assert asker.close(public_id).status_code == 200
        return public_id

    def _asked(self, target: str, state: str) -> str:
        """Have the agent in charge of all chats ask for another one."""
        starter, asked = self.people["OWNER"], self.people[target]
        assert isinstance(starter, Agent)
        public_id = starter.asked(self._id(target))
        if state != "request":
            assert asked.accept(public_id).status_code == 200
        if state == "closed":
            assert starter.close(public_id).status_code == 204
        return public_id

    def _invite(self, agent: Agent, public_id: str) -> str:
        invited = self.people["INV"]
        assert isinstance(invited, Agent)
        assert invited.send("/availability", to="1").status_code == 200
        return self.house.invited(agent, public_id, invited)

    def _join(self, public_id: str) -> None:
        with transaction() as tx:
            chat_id = tx.scalars(select(Chat.id).where(Chat.public_id == public_id)).one()
            for who, mode in (("PART", PARTICIPANT), ("OBS", OBSERVER)):
                row = {"chat_id": chat_id, "person_id": self._id(who), "mode": mode, "state": JOINED}
                tx.add(Participation(**row, name=who, monitoring=0, position=0))

    def _fields(self, endpoint: str) -> dict[str, object]:
        support = self.house.channel("Support")
        line = {"text": "Hello", "client_id": str(uuid4()), "name": "Vera", "channel": support}
        line |= {"mode": "observer", "email": "vera@example.com"}
        if endpoint.endswith("attach"):
            return line | {"file": (BytesIO(b"x"), "a.txt")}
        return line | {"channels": "all", "to": "1"} if endpoint != "filter" else {"channels": "all"}

    def _guest(self, who: str) -> Guest:
        guest = self.people[who]
        assert isinstance(guest, Guest)
        return guest

    def _login(self, who: str) -> str:
        if who in ("owner", "OWNER"):
            return "agent2" if who == "owner" else "agent1"
        return f"a-{who}" if who.islower() else f"in-{who.lower()}"

    def _id(self, who: str) -> int:
        if who in ("visit", "VISIT"):
            name = select(Chat.requester_id).join(Person, Person.id == Chat.requester_id)
            asked = select(Chat.requester_id).where(Chat.public_id == self.chats["public", "request"])
            is_asker = Chat.requester_id.in_(asked)
            which = name.where(Person.kind == "visitor", is_asker if who == "VISIT" else ~is_asker)
            return int(db.session.scalars(which).first() or 0)
        logins = {"cust": "customer2", "CUST": "customer1"}
        return self.house.id_of(logins.get(who) or self._login(who))

    def _keep(self) -> None:
        with db.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        self._let_go()
        shutil.copyfile(self.path, self.kept)

    def _let_go(self) -> None:
        db.session.remove()
        db.engine.dispose()
        for leftover in ("-wal", "-shm"):
            Path(f"{self.path}{leftover}").unlink(missing_ok=True)


def table(world: World) -> str:
    """Return the whole file."""
    parts = [
        "Who may do what. Written by a test, which fails when this is not what the application does:",
        "run it with HELPDESK_REWRITE_RIGHTS=1 to write it anew, and read the difference.",
        "",
        *[f"{who:6} {words}" for who, words in WHO.items()],
        "",
        "RIGHTS in a chat: a right is granted when all predicates of any of its rows hold.",
        *_rights(),
        "",
        *actions(),
        "",
        "ROUTES: the status of an answer to htmx; everything is as before at each attempt.",
        *_routes(world),
        "",
        "PERSONAL REQUESTS: the same where OWNER asked owner, or (to_customer) CUST; the others not.",
        *_personal(world),
        "",
        "LIVE: which topics about a chat are heard (of its agents, its guests, its channel; circles).",
        *_hearing(world),
    ]
    return "\n".join(line.rstrip() for line in parts) + "\n"


def rules(app: Flask) -> list[tuple[Rule, str]]:
    """Return every route but sockets with each method it takes, by path."""
    pairs = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if not rule.rule.endswith("/live")
    ]
    return sorted(pairs, key=lambda pair: (pair[0].rule, pair[1]))


def _rights() -> Iterator[str]:
    for right, rows in RIGHTS.items():
        for number, row in enumerate(rows):
            words = " and ".join(predicate.__name__ for predicate in row)
            yield f"{'' if number else right:20} {'or ' if number else ''}{words}"


def _routes(world: World) -> Iterator[str]:
    yield f"{'':68}{' '.join(f'{who:5}' for who in WHO)}"
    for rule, method in rules(world.app):
        for state in STATES if "public_id" in rule.arguments else ("",):
            codes = (world.attempt(rule, method, who, state or "request") for who in WHO)
            yield f"{method:5} {rule.rule:53} {state:8}{' '.join(f'{code:<5}' for code in codes)}"


def _personal(world: World) -> Iterator[str]:
    """Of routes that name a chat, at the doors where somebody may have to do with it."""
    for kind, target in ASKED.items():
        tried = (*NOT_ASKED, "OWNER", target)
        for rule, method in rules(world.app):
            door = "/external/" if rule.rule.startswith("/external/") else "/agent/"
            whose = [who for who in tried if (who in ("cust", "CUST")) == (door == "/external/")]
            if "public_id" not in rule.arguments or not rule.rule.startswith(door):
                continue
            for state in STATES:
                codes = (f"{who} {world.attempt(rule, method, who, state, kind)}" for who in whose)
                yield f"{method:5} {rule.rule:53} {kind:12}{state:8}{'  '.join(codes)}"


def _hearing(world: World) -> Iterator[str]:
    for who in WHO:
        for state in STATES:
            yield f"{who:6} {state:8} {world.hears(who, state)}"
