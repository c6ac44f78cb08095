"""An observer leaves no trace for customers and the public: no byte, no frame, no number."""

import json

import pytest

from tests.chat.people import House
from tests.chat.watching import Play
from tests.realtime.here import Here
from tests.realtime.here import socket as open_socket
from tests.support.databases import PUBLIC_URL
from tests.support.waiting import until


def guest_of(house, kind):
    house.agent("agent1")
    return house.visitor() if kind == "visitor" else house.customer()


@pytest.mark.requirement(35)
@pytest.mark.requirement(38)
@pytest.mark.parametrize("kind", ["visitor", "customer"])
def test_with_and_without_an_observer_the_guest_fetches_and_hears_the_same(app, house, hearing, kind):
    def played(is_watched):
        play = Play(house, guest_of(house, kind), is_watched=is_watched)
        guest_id = house.chat(play.chat).requester_id
        seen = []
        for deed in play.steps():
            hearing.clear()
            deed()
            frames = [play.plain(json.dumps(told.frame)) for told in hearing.by(guest_id)]
            seen.append((frames, play.answers(app)))
        return seen

    alone, watched = played(False), played(True)
    for number, (one, other) in enumerate(zip(alone, watched, strict=True)):
        assert other == one, f"step {number}"
    assert "Agent Three has joined this chat." in str(watched)
    assert "observer" not in str(watched)


@pytest.mark.requirement(35)
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("kind", ["visitor", "customer"])
def test_over_a_real_socket_the_same_frames_arrive(database_url, tmp_path, kind):
    here = Here(database_url, tmp_path, public_url=PUBLIC_URL)
    try:
        with here.app.app_context():
            alone, watched = (frames(here, kind, is_watched) for is_watched in (False, True))
            assert watched == alone
            assert sum("Agent Three has left this chat." in frame for frame in watched) == 1
    finally:
        here.finish()


def frames(here, kind, is_watched):
    """Play the chat and return every frame that reached the guest's socket, in order."""
    house = House(here.app)
    guest = guest_of(house, kind)
    play = Play(house, guest, is_watched=is_watched)
    door = "window" if kind == "visitor" else "external"
    token = guest.client.get_cookie(f"helpdesk_{door}", "127.0.0.1", f"/{door}").value
    with open_socket(here.port, door, token, origin=PUBLIC_URL) as client:
        heard = [play.plain(client.hear())]
        for deed in play.steps():
            deed()
        house.chat(play.chat)
        until(lambda: "has been closed" in play.guest.status(play.chat).text, "the chat to end")
        while '"changed"' not in heard[-1] or sum("Agent One has left" in frame for frame in heard) == 0:
            heard.append(play.plain(client.hear()))
    return heard
