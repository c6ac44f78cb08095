"""What is told live: an ear on the bus, and who of the people would hear it."""

import json
from typing import Any, NamedTuple

from flask import Flask

from helpdesk.realtime import Service, topics


class Told(NamedTuple):
    """One frame on one topic; `frame` is empty for what only processes tell each other."""

    topic: str
    frame: dict[str, Any]


class Hearing:
    """Another process on the bus, as far as this one knows."""

    is_listening = True

    def __init__(self, app: Flask) -> None:
        self.told: list[Told] = []
        service = app.extensions["helpdesk_realtime"]
        assert isinstance(service, Service)
        service.bus = self
        service.is_running = True

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def publish(self, topic: str, text: str) -> None:
        self.told.append(Told(topic, json.loads(text) if text.startswith("{") else {}))

    def clear(self) -> None:
        self.told.clear()

    def on(self, topic: str) -> list[dict[str, Any]]:
        """Return the frames of one topic, in order."""
        return [told.frame for told in self.told if told.topic == topic]

    def topics(self, key: str) -> set[str]:
        """Return the topics on which frames with this key were told."""
        return {told.topic for told in self.told if key in told.frame}

    def content(self, topic: str, key: str) -> str:
        """Return the one piece of HTML that was told on a topic in a frame with this key."""
        found = [frame["content"] for frame in self.on(topic) if key in frame]
        assert len(found) == 1, found
        return str(found[0])

    def by(self, person_id: int) -> list[Told]:
        """Return what this person would have heard, by his rights now."""
        identity = topics.load(person_id, "")
        heard = topics.topics_of(identity) if identity else frozenset()
        return [told for told in self.told if told.topic in heard]
