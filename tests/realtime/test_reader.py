"""What clients may send, and the codes for what they may not."""

import pytest
from wsproto.events import BytesMessage, Ping, TextMessage

from tests.realtime.helpers import joined, masked, wait_until_closed, werkzeug_running

TEXT, BINARY, CONTINUATION, PING = 0x1, 0x2, 0x0, 0x9


@pytest.fixture
def served():
    with werkzeug_running() as server:
        yield server


def test_fragments_are_put_together_however_they_are_cut(served):
    frames = masked(TEXT, "eins ä".encode()[:-1], is_final=False)
    frames += masked(PING, b"between") + masked(CONTINUATION, b"", is_final=False)
    frames += masked(CONTINUATION, "ä zwei".encode()[1:]) + masked(TEXT, b"next") + masked(TEXT, b"x" * 4096)
    with joined(served) as client:
        for at in range(len(frames)):
            client.sock.sendall(frames[at : at + 1])
        assert client.hear() == b"between"
        assert [served.recorder.next_text() for _ in range(3)] == ["eins ä zwei", "next", "x" * 4096]


def test_a_reader_is_forgotten_only_between_messages(served):
    with joined(served) as client:
        client.sock.sendall(masked(TEXT, b"", is_final=False))
        client.send(Ping(b"1"))
        assert client.hear() == b"1"
        client.sock.sendall(masked(CONTINUATION, b"whole"))
        assert served.recorder.next_text() == "whole"


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (masked(TEXT, b"\xff"), 1007),
        (masked(TEXT, b"\xed\xa0\x80"), 1007),
        (masked(TEXT, b"x" * 4097), 1009),
        (masked(TEXT, b"x" * 4000, is_final=False) + masked(CONTINUATION, b"x" * 97), 1009),
        (b"\x81\xff" + (1 << 62).to_bytes(8) + b"\0\0\0\0" + b"x" * 5000, 1009),
        (masked(BINARY, b"x"), 1003),
        (masked(CONTINUATION, b"x"), 1002),
        (b"\x81\x01x", 1002),
        (b"\xf1\x80\0\0\0\0", 1002),
        (masked(PING, b"") * 1500, 1008),
        (masked(CONTINUATION, b"", is_final=False) * 1500, 1002),
    ],
)
def test_a_peer_that_breaks_a_rule_is_closed_with_the_code_for_it(served, frames, code):
    with joined(served) as client, joined(served) as other:
        client.sock.sendall(frames)
        assert client.hear_all()[-1] == code
        wait_until_closed(served)
        other.say("echo unharmed")
        assert other.hear() == "unharmed"


def test_endless_empty_fragments_are_a_flood(served):
    with joined(served) as client:
        client.sock.sendall(
            masked(TEXT, b"", is_final=False) + masked(CONTINUATION, b"", is_final=False) * 1500
        )
        assert client.hear() == 1008


def test_messages_behind_a_forbidden_one_are_not_heard(served):
    with joined(served) as client:
        client.send(TextMessage("a"), BytesMessage(b"b"), TextMessage("echo c"))
        assert client.hear() == 1003
        assert served.recorder.next_text() == "a"
