"""The realtime service: one per app and process; hub, bus, leases and worker, and what flows between them."""

import json
import threading
from typing import Any

from flask import Flask
from sqlalchemy.exc import DBAPIError

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.config import Config
from helpdesk.database import transaction
from helpdesk.realtime import attendance, lease_rows, presence, topics
from helpdesk.realtime.bus import make_bus
from helpdesk.realtime.fitting import Fitting
from helpdesk.realtime.hub import Connection, Hub
from helpdesk.realtime.joining import Joiner
from helpdesk.realtime.leases import Leases, Need
from helpdesk.realtime.said import Said
from helpdesk.realtime.worker import People, Worker, log

MALFORMED, RESTART, TRY_LATER, NOT_ACTIVE = 1008, 1012, 1013, 4003
# A peer that died is noticed after 36 s: with its linger and the next tick it is offline within 60 s.
PING_EVERY_S, SILENT_AFTER_S = 15.0, 36.0
ACCESS, PRESENCE, SIGN_OUT, SETTINGS = "access", "presence", "sign-out", "settings"


class Service:
    """Runs from `start` to `stop`; else `publish` tells nobody, and `seen` writes leases itself."""

    def __init__(self, app: Flask, configuration: Config) -> None:
        self.hub = Hub(
            on_text=self._on_text,
            on_close=self._on_close,
            ping_every_s=PING_EVERY_S,
            silent_after_s=SILENT_AFTER_S,
        )
        self.bus = make_bus(
            configuration.backplane,
            configuration.database_url,
            deliver=self._deliver,
            on_lost=self._on_lost,
            on_back=self._on_back,
        )
        self.said = Said()
        self._joiner = Joiner(self.hub)
        self.fitting = Fitting(self.hub, self._joiner)
        self.leases = Leases(lambda person_id: bool(self.hub.of_person(person_id)))
        self.worker = Worker(
            app,
            {
                ACCESS: self._fit,
                PRESENCE: self._look_at,
                SIGN_OUT: self._leave,
                SETTINGS: self._read_settings,
            },
        )
        self._lock = threading.Lock()
        self._is_stopping = False
        self.is_running = False

    def start(self) -> None:
        """Start the threads, once; after a fork. After `stop` nothing happens."""
        with self._lock:
            if self.is_running or self._is_stopping:
                return
            self.leases.rename()
            self.hub.start()
            self.bus.start()
            self.worker.start()
            self.is_running = self.leases.is_written_regularly = True

    def say_goodbye(self) -> None:
        """Close all sockets with 1012, within half a second; final. Requests under way still tell the others.

        Leases stay as they are written: who comes back to another process, or to the next, was never away.
        """
        with self._lock:
            self._is_stopping = True
        self.hub.stop(RESTART)

    def stop(self) -> None:
        """Say goodbye and end the threads, within a second; final."""
        self.say_goodbye()
        self.worker.stop()
        self.is_running = False
        self.bus.stop()

    def publish(self, topic: str, text: str) -> None:
        """Send to all who hear the topic, here and in the other processes."""
        self._joiner.publish(topic, text)
        self._tell_others(topic, text)

    def refusal(self) -> tuple[int, str] | None:
        """Return close code and reason while no socket may be open here; None while they may."""
        if self._is_stopping:
            return RESTART, "restarting"
        if not topics.is_open():
            return NOT_ACTIVE, "chat is not active"
        return None if self.bus.is_listening else (TRY_LATER, "no backplane")

    def seen(self, identity: Identity, is_activity: bool) -> None:
        """Note a request of this person; writes his lease only if he was not here before. Never fails."""
        need = self.leases.touch(identity.person_id, is_activity)
        if need is Need.NOW:
            self._arrive(identity)
        elif need is Need.SOON:
            self.worker.put(PRESENCE, identity.person_id)

    def opened(self, connection: Connection) -> None:
        """Note that a socket was adopted."""
        if self.leases.open(connection.person_id) is Need.SOON:
            self.worker.put(PRESENCE, connection.person_id)

    def access_changed(self, person_id: int) -> None:
        """Have this person's sockets fitted to his rights, in every process."""
        self._fit_soon(person_id)
        self._tell_others(topics.ACCESS, str(person_id))

    def signed_out(self, person_id: int, session_key: str) -> None:
        """Close the sockets of a session that is over, everywhere; without another one he is offline."""
        self.fitting.end(person_id, session_key)
        self._tell_others(topics.SIGN_OUT, f"{person_id} {session_key}")
        if self.is_running:
            self.worker.put(SIGN_OUT, person_id)
        else:
            attendance.leave(self.leases, person_id)

    def settings_changed(self, name: str) -> None:
        """Have every process read the settings again, and act on them."""
        if self.is_running:
            self.worker.put(SETTINGS, None)
        self._tell_others(topics.SETTINGS, name)

    def beat(self) -> None:
        """Every 15 s: write the leases, and find what an announcement that was missed would have told."""
        attendance.write(self.leases)
        self._read_settings(None)
        for person_id in self.fitting.behind():
            self.fitting.fit(person_id)

    def tick(self) -> None:
        """Every 5 s: show everybody as he is due, whichever process he is connected to."""
        presence.settle()
        self.leases.away = presence.away_here(self.leases.process)

    def clean(self) -> None:
        """Every 10 min: delete expired leases of processes that are no more."""
        with transaction() as tx:
            lease_rows.clean(tx)

    def _arrive(self, identity: Identity) -> None:
        try:
            if self.is_running and attendance.is_there(identity.person_id):
                self.worker.put(PRESENCE, identity.person_id)
            else:
                attendance.arrive(self.leases, identity)
        except DBAPIError as failure:
            log.warning("a lease was not written: %s", failure.orig)

    def _tell_others(self, topic: str, text: str) -> None:
        if self.is_running:
            self.bus.publish(topic, text)

    def _deliver(self, topic: str, text: str) -> None:
        """On the bus's thread: what another process published."""
        if topic == topics.ACCESS:
            self._fit_soon(int(text))
        elif topic == topics.SIGN_OUT:
            self._signed_out_elsewhere(text)
        elif topic == topics.SETTINGS:
            self.worker.put(SETTINGS, None)
        elif not topic.startswith(topics.CONTROL):
            self._joiner.publish(topic, text)

    def _signed_out_elsewhere(self, text: str) -> None:
        person, _, session_key = text.partition(" ")
        self.fitting.end(int(person), session_key)
        if self.leases.knows(int(person)):
            self.worker.put(SIGN_OUT, int(person))

    def _fit_soon(self, person_id: int) -> None:
        if self.is_running and self.hub.of_person(person_id):
            self.worker.put(ACCESS, person_id)

    def _on_lost(self) -> None:
        """Rights may end elsewhere unheard: nobody may go on hearing. The browsers are there and poll."""
        for connection in self.hub.all():
            self.leases.touch(connection.person_id, is_activity=False)
            self.hub.close(connection, TRY_LATER, "no backplane")

    def _on_back(self) -> None:
        self.worker.put(SETTINGS, None)

    def _on_text(self, connection: Connection, text: str) -> None:
        """On the hub's thread."""
        frame = parse(text)
        if frame is None:
            self.hub.close(connection, MALFORMED, "not a JSON object")
            return
        self.said.hear(connection.person_id, frame)
        if frame.get("active") is True and self.leases.act(connection.person_id) is Need.SOON:
            self.worker.put(PRESENCE, connection.person_id)

    def _on_close(self, connection: Connection) -> None:
        """On the hub's thread, which has taken the connection off its lists."""
        person_id = connection.person_id
        if self._is_stopping or self.hub.of_person(person_id):
            return
        if self.bus.is_listening and self.leases.part(person_id):
            self.worker.put(PRESENCE, person_id)

    def _fit(self, people: People) -> None:
        for person_id in self.hub.people() if people is None else people:
            self.fitting.fit(person_id)

    def _look_at(self, people: People) -> None:
        attendance.write(self.leases, people)
        presence.settle(people)

    def _leave(self, people: People) -> None:
        for person_id in people or ():
            attendance.leave(self.leases, person_id)

    def _read_settings(self, people: People) -> None:
        settings.refresh()
        if not topics.is_open():
            for connection in self.hub.all():
                self.hub.close(connection, NOT_ACTIVE, "chat is not active")


def parse(text: str) -> dict[str, Any] | None:
    """Return a client's frame; None if it is anything but one JSON object."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None
