"""The life of chats, whatever everybody does in whatever order: HTTP here, a small model there."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import delete, update

from helpdesk.accounts.models import PersonPermission
from helpdesk.chat.models import LEFT, Chat, Participation
from helpdesk.database import transaction
from helpdesk.settings import put
from tests.chat.model import AGENT_NAMES, Model, shown
from tests.chat.people import House
from tests.chat.reading import cards_of, counts_of, lines_of, public_id_of

CHANNELS = ("Support", "Billing")
OFFERED = {"public": ("Support",), "customer": CHANNELS}
AGENTS = tuple(AGENT_NAMES)
GUESTS = ("visitor1", "visitor2", "customer1", "customer2")
PERMISSIONS = ("", "chat_observer", "chat_participant", "chat_owner")


class Life(RuleBasedStateMachine):
    """Every rule is one deed of one person; its answer is foretold."""

    house: House

    def __init__(self):
        super().__init__()
        self.chats: list[Model] = []
        self.accepted: list[Model] = []
        self.touched: Model | None = None
        self.turn = 0

    @initialize()
    def come(self):
        house = self.house
        self.rank = {(login, name): 0 for login in AGENTS for name in CHANNELS}
        self.agents = {login: house.agent(login) for login in AGENTS}
        self.guests = {
            name: house.visitor() if name.startswith("visitor") else house.customer(name) for name in GUESTS
        }
        for login in AGENTS:
            self.agents[login].filter("all")
        for login, ranks in (("agent1", (3, 3)), ("agent2", (3, 1)), ("agent3", (2, 0))):
            for name, rank in zip(CHANNELS, ranks, strict=True):
                self.level(login, name, rank)
        for name in GUESTS[:2]:
            self.guests[name].begun(name=name)  # so that we know him: a stranger is told so, not "not here"
        self.end_all()

    def teardown(self):
        self.end_all()

    def end_all(self):
        with transaction() as tx:
            tx.execute(update(Chat).values(state="closed"))
            tx.execute(update(Participation).values(state=LEFT))

    @rule(guest=st.sampled_from(GUESTS), channel=st.sampled_from(CHANNELS))
    def begin(self, guest, channel):
        person, start_id = self.guests[guest], str(uuid4())
        kind = "public" if guest.startswith("visitor") else "customer"
        answer = person.begin("First", client_id=start_id, name=guest, channel=self.house.channel(channel))
        if channel not in OFFERED[kind]:
            assert answer.status_code == 409
            return
        assert answer.status_code == 200
        chat = Model(public_id_of(answer.text), guest, channel, start_id)
        chat.say("line", guest, "First")
        chat.sent.append((guest, start_id, "First"))
        self.chats.append(chat)
        self.touched = chat

    @precondition(lambda self: self.chats)
    @rule(data=st.data())
    def begin_again(self, data):
        chat = self.pick(data)
        answer = self.guests[chat.guest].begin("First", client_id=chat.start_id, name=chat.guest)
        assert answer.status_code == 200
        assert public_id_of(answer.text) == chat.pub

    @precondition(lambda self: self.chats)
    @rule(data=st.data(), who=st.sampled_from(GUESTS))
    def withdraw(self, data, who):
        chat = self.pick(data)
        code = self.guests[who].withdraw(chat.pub).status_code
        if who != chat.guest:
            assert code == 404
        elif chat.state != "request":
            assert code == (409 if chat.state == "closed" else 403)
        else:
            assert code == 200
            chat.withdraw()

    @precondition(lambda self: self.chats)
    @rule(data=st.data(), login=st.sampled_from(AGENTS))
    def preview(self, data, login):
        chat = self.pick(data)
        assert self.agents[login].preview(chat.pub).status_code == self.on_request(chat, login, 1)

    @precondition(lambda self: self.chats)
    @rule(data=st.data(), login=st.sampled_from(AGENTS))
    def accept(self, data, login):
        chat = self.pick(data)
        answer = self.agents[login].accept(chat.pub)
        is_second_press = self.is_in(chat, login)
        assert answer.status_code == (200 if is_second_press else self.on_request(chat, login, 3))
        if answer.status_code == 200 and not is_second_press:
            chat.state, chat.in_charge, chat.joined = "active", login, True
            chat.say("joined", login, f"{AGENT_NAMES[login]} has joined this chat.")
            self.accepted.append(chat)
        elif answer.status_code == 409 and chat.state == "active":
            assert f"{AGENT_NAMES[chat.in_charge]} has already accepted this chat." in answer.text

    @precondition(lambda self: self.chats)
    @rule(
        data=st.data(), login=st.sampled_from(AGENTS), channel=st.sampled_from([*CHANNELS, "Default channel"])
    )
    def move(self, data, login, channel):
        chat = self.pick(data)
        code = self.agents[login].move(chat.pub, self.house.channel(channel)).status_code
        expected = self.on_request(chat, login, 3)
        if expected == 200 and channel != chat.channel and channel not in OFFERED[chat.kind]:
            expected = 422
        assert code == expected
        if code == 200 and channel != chat.channel:
            chat.channel = channel
            words = f"{AGENT_NAMES[login]} has changed the channel to {channel}."
            chat.say("moved", login, words, is_for_guests=False)

    @precondition(lambda self: self.chats)
    @rule(data=st.data(), who=st.sampled_from(AGENTS + GUESTS), is_again=st.booleans())
    def post(self, data, who, is_again):
        chat = self.pick(data)
        known = [sent for sent in chat.sent if sent[0] == who]
        is_again = is_again and bool(known)
        _, client_id, text = (
            data.draw(st.sampled_from(known)) if is_again else (who, str(uuid4()), f"by {who}")
        )
        person = self.agents.get(who) or self.guests[who]
        answer = person.post(chat.pub, text, client_id)
        assert answer.status_code == self.on_post(chat, who, is_again)
        if answer.status_code == 200:
            assert [line.text for line in lines_of(answer.text)].count(text) >= 1
            if not is_again:
                chat.say("line", who, text)
                chat.sent.append((who, client_id, text))

    @precondition(lambda self: self.chats)
    @rule(data=st.data(), who=st.sampled_from(AGENTS + GUESTS))
    def close(self, data, who):
        chat = self.pick(data)
        person = self.agents.get(who) or self.guests[who]
        code = person.close(chat.pub).status_code
        if who in GUESTS:
            assert code == (200 if who == chat.guest else 404)
            if code == 200 and chat.state == "request":
                chat.withdraw()
            elif code == 200 and chat.state == "active":
                chat.end(who)
        elif not self.reads(chat, who):
            assert code == 404
        else:
            assert code == {"request": 403, "active": 204, "closed": 409}[chat.state]
            if code == 204:
                chat.end(who)
                chat.joined = False

    @precondition(lambda self: self.chats)
    @rule(data=st.data(), login=st.sampled_from(AGENTS), is_dismissal=st.booleans())
    def dismiss_or_leave(self, data, login, is_dismissal):
        chat, agent = self.pick(data), self.agents[login]
        code = (agent.dismiss if is_dismissal else agent.leave)(chat.pub).status_code
        if not self.reads(chat, login):
            assert code == 404
        elif is_dismissal and chat.state == "closed" and self.is_in(chat, login):
            assert code == 204
            chat.joined = False
        else:
            assert code == (409 if chat.state == "closed" else 403)

    @rule(login=st.sampled_from(AGENTS[1:]), channel=st.sampled_from(CHANNELS), rank=st.integers(0, 3))
    def level(self, login, channel, rank):
        with transaction() as tx:
            of = PersonPermission.person_id == self.agents[login].person_id
            tx.execute(
                delete(PersonPermission).where(of, PersonPermission.group_id == self.house.group(channel))
            )
        if rank:
            self.house.grant(login, channel, PERMISSIONS[rank])
        self.rank[login, channel] = rank

    @invariant()
    def everybody_reads_what_he_may(self):
        chat = self.touched
        if chat is None:
            return
        for_guests = [line for line in chat.lines if line[3]]
        for name, guest in self.guests.items():
            if name == chat.guest:
                assert self.read(guest, chat) == for_guests
            else:
                assert guest.read(chat.pub).status_code == 404
        for login, agent in self.agents.items():
            if self.reads(chat, login):
                assert self.read(agent, chat) == chat.lines
            else:
                assert agent.read(chat.pub).status_code == 404
        self.touched = None

    @invariant()
    def lists_counts_and_cards_are_right(self):
        if not hasattr(self, "agents"):
            return
        self.turn += 1
        login = AGENTS[self.turn % len(AGENTS)]
        agent = self.agents[login]
        seen = [chat for chat in self.chats if chat.state == "request" and self.level_of(chat, login)]
        for kind in ("customer", "public"):
            assert agent.waiting(kind) == [chat.pub for chat in seen if chat.kind == kind]
        counts = counts_of(agent.get("/chats/waiting").text)
        for name in CHANNELS:
            here = [chat.kind for chat in seen if chat.channel == name]
            expected = (here.count("customer"), here.count("public")) if self.rank[login, name] else None
            assert counts.get(self.house.channel(name)) == expected
        mine = [chat.pub for chat in self.accepted if self.is_in(chat, login)]
        assert cards_of(agent.active().text) == mine

    def pick(self, data):
        self.touched = data.draw(st.sampled_from(self.chats))
        return self.touched

    def read(self, person, chat):
        """What one reads, in the model's words; the numbers must be 1, 2, 3 …"""
        lines = person.lines(chat.pub)
        assert [line.n for line in lines] == list(range(1, len(lines) + 1))
        ours = [line for line in chat.lines if line[3] or person.base == "/agent"]
        assert len(lines) == len(ours), (lines, ours)
        return [
            (line.kind, known[1], line.text, known[3])
            for line, known in zip(lines, ours, strict=True)
            if not line.name or line.name == shown(known[1])
        ]

    def level_of(self, chat, login):
        return self.rank[login, chat.channel]

    def is_in(self, chat, login):
        return bool(self.level_of(chat, login)) and chat.joined and chat.in_charge == login

    def reads(self, chat, login):
        is_open_to_all = chat.state in ("request", "closed")
        return self.is_in(chat, login) or (is_open_to_all and bool(self.level_of(chat, login)))

    def on_request(self, chat, login, least):
        if not self.level_of(chat, login):
            return 404
        if chat.state != "request":
            return 409
        return 200 if self.level_of(chat, login) >= least else 403

    def on_post(self, chat, who, is_again):
        if who in GUESTS:
            if who != chat.guest:
                return 404
            return 200 if chat.state != "closed" or is_again else 409
        if not self.reads(chat, who):
            return 404
        if chat.state == "closed":
            return 200 if is_again else 409
        return 200 if chat.state == "active" and self.level_of(chat, who) >= 2 else 403


@pytest.mark.requirement(7, 18, 19, 30, 33, 37)
def test_whatever_they_do_everybody_sees_what_he_may_and_nothing_else(app):
    with transaction() as tx:
        put(tx, "ChatEngine::OpenLimit", 100, None)
        put(tx, "ChatEngine::StartLimit", 100_000, None)

    class LifeHere(Life):
        house = House(app)

    run(
        LifeHere,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
