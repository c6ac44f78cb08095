"""One chat played twice, with an observer and without: to its guest it must be the same, byte for byte."""

import re
from collections.abc import Callable, Iterator

from flask import Flask

from tests.chat.people import Agent, Guest, House

# What may differ between two chats: their ids, the browsers' own ids, and the time of day.
DIFFERENT = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "TIME"),
    (re.compile(r"\b\d\d:\d\d UTC"), "CLOCK"),
)
Deed = Callable[[], object]


class Play:
    """A chat with its guest, the agent in charge, a helper who comes and goes, and perhaps an observer."""

    def __init__(self, house: House, guest: Guest, *, is_watched: bool) -> None:
        self.house, self.guest, self.is_watched = house, guest, is_watched
        self.agent, self.helper, self.owner = (house.agent(f"agent{n}") for n in (1, 3, 2))
        self.chat = guest.begun("Hello", channel=house.channel("Support"))

    def steps(self) -> Iterator[Deed]:
        """Yield each deed of the play; in the watched one the observers do theirs beside it."""
        chat, agent, helper = self.chat, self.agent, self.helper
        yield lambda: agent.accept(chat)
        yield self._beside(lambda: self.house.invited(agent, chat, helper))
        yield self._beside(lambda: self._ok(helper.be(chat, "observer")))
        yield self._beside(lambda: self._ok(self.owner.be(chat, "observer")))
        yield lambda: self._ok(agent.post(chat, "How can I help?"))
        yield self._beside(lambda: self._read_all(helper))
        yield self._beside(lambda: helper.post(chat, "May I?"))
        yield self._beside(lambda: helper.send("/availability", to="0"))
        yield lambda: self._ok(self.guest.post(chat, "It does not work"))
        yield self._beside(lambda: helper.send("/availability", to="2"))
        yield self._beside(lambda: self.owner.leave(chat))
        yield self._beside(lambda: self._ok(self.owner.be(chat, "observer")))
        yield lambda: self._ok(self._join())
        yield lambda: self._ok(helper.post(chat, "Try this"))
        yield lambda: self._ok(helper.be(chat, "observer") if self.is_watched else helper.leave(chat))
        yield lambda: self._ok(agent.post(chat, "Better now?"))
        yield self._beside(lambda: helper.leave(chat))
        yield lambda: self._ok(self.guest.post(chat, "Thank you"))
        yield lambda: self._ok(agent.close(chat))

    def _join(self) -> object:
        """Who takes part was unseen before, or comes afresh: to the guest it is the same."""
        if not self.is_watched:
            self.house.invited(self.agent, self.chat, self.helper)
        return self.helper.be(self.chat, "participant")

    def _beside(self, deed: Deed) -> Deed:
        return deed if self.is_watched else lambda: None

    def _read_all(self, agent: Agent) -> None:
        for answer in (
            agent.read(self.chat),
            agent.header(self.chat),
            agent.get(f"/chats/{self.chat}/window"),
        ):
            self._ok(answer)

    def _ok(self, answer: object) -> None:
        assert getattr(answer, "status_code", 0) in (200, 204), answer

    def answers(self, app: Flask) -> list[str]:
        """Return everything the guest can fetch now, headers and all."""
        found = []
        for path in _paths(app, self.guest.base, self.chat):
            answer = self.guest.client.get(path, htmx=True)
            headers = sorted(f"{name}: {value}" for name, value in answer.headers.items())
            found.append(self.plain("\n".join([path, str(answer.status_code), *headers, answer.text])))
        return found

    def plain(self, text: str) -> str:
        """Return a text without what may differ."""
        text = text.replace(self.chat, "CHAT")
        for pattern, word in DIFFERENT:
            text = pattern.sub(word, text)
        return text


def _paths(app: Flask, base: str, chat: str) -> list[str]:
    """Return every address under the guest's window that is read."""
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{base}/")
        and "GET" in (rule.methods or ())
        and not rule.rule.endswith("/live")
    ]
    usable = sorted(rule.rule for rule in rules if rule.arguments <= {"public_id"})
    return [path.replace("<public_id>", chat) for path in usable]
