"""The hub alone behind gunicorn, for rows that compare it with other socket servers: no database, no chat."""

from flask import Flask, request
from flask_sock import Sock

from helpdesk.realtime.handover import SERVER_OPTIONS, AcceptedSocket
from helpdesk.realtime.hub import Connection, Hub


def push(connection: Connection, text: str) -> None:
    """Obey "push <count> <bytes>": that many lines of that size to the room of whoever says it."""
    _, count, size = text.split()
    (topic,) = connection.topics
    line = "~line~".ljust(int(size), ".")
    for _ in range(int(count)):
        service.hub.publish(topic, line)


class Service:
    """What gunicorn.conf.py starts after its fork and stops."""

    def __init__(self) -> None:
        self.hub = Hub(on_text=push, on_close=lambda connection: None)

    def start(self) -> None:
        self.hub.start()

    def stop(self) -> None:
        self.hub.stop()

    say_goodbye = stop


service = Service()
app = Flask(__name__)
app.config["SOCK_SERVER_OPTIONS"] = SERVER_OPTIONS
app.extensions["helpdesk_realtime"] = service


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@Sock(app).route("/room/<int:number>")
def room(ws: AcceptedSocket, number: int) -> None:
    """Join a room; each socket is another person from another address."""
    port = int(request.environ["REMOTE_PORT"])
    service.hub.adopt(ws, person_id=port, session_key="", address=str(port), topics=[f"room:{number}"])
