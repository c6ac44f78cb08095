"""What one process knows of who is here, before anything is written: in memory, against a clock we turn."""

import pytest

from helpdesk.realtime.leases import LINGER_S, POLL_S, SOCKET_S, SOON_S, TRUST_S, Leases, Need

PERSON = 7


class World:
    """A clock and a set of people with sockets."""

    def __init__(self):
        self.now = 1000.0
        self.sockets: set[int] = set()
        self.leases = Leases(self.sockets.__contains__, clock=lambda: self.now)
        self.leases.is_written_regularly = True

    def open(self):
        self.leases.touch(PERSON, is_activity=False)
        self.sockets.add(PERSON)
        self.leases.take()

    def close(self):
        self.sockets.discard(PERSON)
        return self.leases.part(PERSON)


@pytest.fixture
def world():
    return World()


def test_the_first_request_is_to_be_written_now_and_the_next_with_all_others(world):
    assert world.leases.touch(PERSON, is_activity=True) is Need.NOW
    assert [held.alive_s for held in world.leases.take([PERSON])] == [POLL_S]
    assert world.leases.touch(PERSON, is_activity=True) is Need.LATER


@pytest.mark.requirement(11)
def test_a_socket_keeps_a_person_here_however_long_he_does_nothing(world):
    world.open()
    world.now += 100_000
    (held,) = world.leases.take()
    assert (held.has_socket, held.alive_s) == (True, SOCKET_S)
    assert world.leases.touch(PERSON, is_activity=False) is Need.LATER


@pytest.mark.requirement(11)
def test_after_the_last_socket_a_person_lingers_whatever_he_requested_before(world):
    world.open()
    world.leases.touch(PERSON, is_activity=True)
    assert world.close()
    (held,) = world.leases.take([PERSON])
    assert (held.has_socket, held.alive_s, held.is_parted) == (False, LINGER_S, True)


def test_the_next_page_of_a_person_who_lingers_is_written_soon_because_his_row_is_about_to_end(world):
    world.open()
    world.close()
    world.leases.take([PERSON])
    world.now += LINGER_S / 2
    assert world.leases.touch(PERSON, is_activity=False) is Need.SOON
    (held,) = world.leases.take([PERSON])
    assert held.alive_s == POLL_S
    assert not held.is_parted


def test_a_socket_that_opens_while_the_row_is_about_to_end_is_written_soon(world):
    world.open()
    assert world.leases.open(PERSON) is Need.LATER
    world.close()
    world.leases.take([PERSON])
    world.sockets.add(PERSON)
    assert world.leases.open(PERSON) is Need.SOON


@pytest.mark.requirement(11)
def test_a_page_that_polls_once_a_minute_is_always_here(world):
    world.leases.touch(PERSON, is_activity=False)
    world.leases.take()
    written_until = world.now + POLL_S
    for _ in range(10):
        world.now += 60
        assert world.now < written_until
        assert world.leases.touch(PERSON, is_activity=False) is Need.SOON
        (held,) = world.leases.take([PERSON])
        written_until = world.now + held.alive_s


def test_who_only_polls_is_not_written_again_before_he_polls_again(world):
    world.leases.touch(PERSON, is_activity=False)
    assert len(world.leases.take()) == 1
    assert world.leases.take() == []
    world.leases.touch(PERSON, is_activity=False)
    assert len(world.leases.take()) == 1


def test_who_is_gone_is_forgotten_and_comes_back_as_new(world):
    world.leases.touch(PERSON, is_activity=True)
    world.leases.take()
    world.now += POLL_S
    assert world.leases.take() == []
    assert not world.leases.knows(PERSON)
    assert world.leases.touch(PERSON, is_activity=False) is Need.NOW
    (held,) = world.leases.take()
    assert held.active_s is None


def test_watching_is_not_acting(world):
    world.open()
    world.leases.act(PERSON)
    world.now += 90
    world.leases.touch(PERSON, is_activity=False)
    (held,) = world.leases.take()
    assert held.active_s == 90


def test_activity_of_one_who_is_shown_as_away_is_written_soon(world):
    world.open()
    assert world.leases.act(PERSON) is Need.LATER
    world.leases.away = frozenset({PERSON})
    assert world.leases.act(PERSON) is Need.SOON
    assert world.leases.touch(PERSON, is_activity=True) is Need.SOON
    assert world.leases.touch(PERSON, is_activity=False) is Need.LATER


def test_activity_of_one_who_is_not_here_says_nothing(world):
    world.leases.away = frozenset({PERSON})
    assert world.leases.act(PERSON) is Need.LATER
    assert world.leases.take() == []


def test_who_signed_out_is_gone_even_when_his_sockets_close_after(world):
    world.open()
    world.leases.forget(PERSON)
    assert not world.close()
    assert world.leases.take() == []


def test_what_could_not_be_written_is_returned_again(world):
    world.open()
    world.close()
    held = world.leases.take([PERSON])
    world.leases.give_back(held)
    assert world.leases.touch(PERSON, is_activity=False) is Need.SOON
    (again,) = world.leases.take()
    assert again.is_parted


def test_without_a_worker_thread_a_request_is_written_again_when_the_row_is_old(world):
    world.leases.is_written_regularly = False
    world.leases.touch(PERSON, is_activity=False)
    world.leases.take()
    world.now += TRUST_S + 1
    assert world.leases.touch(PERSON, is_activity=False) is Need.NOW


def test_the_rows_outlast_the_time_between_two_writings():
    assert LINGER_S < SOON_S < SOCKET_S
    assert SOON_S > 15
