# mypy: disable-error-code="import-not-found,import-untyped"
"""Flask-SocketIO on the work of `hub_app`; runs in an environment of its own."""

from flask import Flask
from flask_socketio import SocketIO, emit, join_room, rooms

app = Flask(__name__)
socketio = SocketIO(app, async_mode="threading", cors_allowed_origins="*", ping_interval=300)


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@socketio.on("enter")
def enter(number: int) -> None:
    join_room(f"room:{number}")


@socketio.on("push")
def push(count: int, size: int) -> None:
    (room,) = (each for each in rooms() if each.startswith("room:"))
    line = "~line~".ljust(size, ".")
    for _ in range(count):
        emit("line", line, to=room)
