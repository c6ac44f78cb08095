"""The bus over Redis or Valkey publish/subscribe."""

from collections.abc import Callable
from contextlib import closing
from time import monotonic

import redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.retry import Retry

from helpdesk.realtime.bus import Deliver, Notice
from helpdesk.realtime.bus_listener import ANSWER_WITHIN_S, CHANNEL, PING_EVERY_S, SLICE_S, RemoteBus


class RedisBus(RemoteBus):
    """For several processes beside a Redis; needs no persistence there."""

    def __init__(self, url: str, *, deliver: Deliver, on_lost: Notice, on_back: Notice) -> None:
        super().__init__(deliver=deliver, on_lost=on_lost, on_back=on_back)
        self._client = redis.Redis.from_url(
            url,
            socket_connect_timeout=ANSWER_WITHIN_S,
            socket_timeout=ANSWER_WITHIN_S,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 1),
        )
        # Its own, without retries: the client would subscribe again by itself and hide the gap from us.
        self._listener = redis.Redis.from_url(
            url,
            socket_connect_timeout=ANSWER_WITHIN_S,
            socket_timeout=ANSWER_WITHIN_S,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),
        )

    def stop(self) -> None:
        super().stop()
        self._client.close()

    def _send(self, envelope: str, text: str) -> None:
        self._client.publish(CHANNEL, envelope + text)

    def _listen(self, while_this: Callable[[], bool]) -> None:
        with closing(PubSub(self._listener.connection_pool)) as subscription:
            subscription.subscribe(CHANNEL)
            heard_at, is_asked = monotonic(), False
            while while_this():
                message = subscription.get_message(timeout=SLICE_S)
                silent_s = monotonic() - heard_at
                if message is not None:
                    heard_at, is_asked = monotonic(), False
                    self._take(message)
                elif silent_s > PING_EVERY_S + ANSWER_WITHIN_S:
                    raise redis.ConnectionError("the server does not answer")
                elif silent_s > PING_EVERY_S and not is_asked:
                    subscription.ping()
                    is_asked = True

    def _take(self, message: dict[str, object]) -> None:
        data = message["data"]
        if message["type"] == "subscribe":
            self._begin_listening()
        elif message["type"] == "message" and isinstance(data, bytes):
            self._receive(data.decode("utf-8", "replace"))
