"""Two processes of one installation: what happens in one acts in the other, over each backplane."""

import json
import re
from http.cookiejar import CookieJar
from time import monotonic
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest
from sqlalchemy import select

from helpdesk import realtime, settings
from helpdesk.database import db, transaction
from helpdesk.realtime.models import Lease
from tests.realtime.here import (
    Here,
    grant,
    group_and_channel,
    person_id,
    revoke,
    shown,
    sign_in,
    sign_out,
    socket,
)
from tests.support.clients import PASSWORD
from tests.support.nursery import nursery
from tests.support.servers import Server
from tests.support.waiting import until


@pytest.fixture(params=["notify", "redis"])
def backplane(request):
    """Its setting."""
    return "" if request.param == "notify" else request.getfixturevalue("redis_server").url


@pytest.fixture
def database_kind():
    return "postgres"


@pytest.fixture
def there(database_url, tmp_path, backplane):
    """A process of its own: gunicorn."""
    server = Server(database_url, tmp_path, launch=nursery().start, HELPDESK_BACKPLANE=backplane)
    yield server.processes[0]
    server.finish()


@pytest.fixture
def here(there, database_url, tmp_path, backplane):
    """The test's process."""
    made = Here(database_url, tmp_path, backplane=backplane)
    with made.app.app_context():
        yield made
        db.session.remove()
    made.finish()


def ready(client):
    return json.loads(client.hear())["ready"]


def connected(port, token):
    """An agent's socket that said `ready`; refused ones (the backplane is not yet heard) are tried again."""
    while True:
        client = socket(port, "agent", token)
        first = client.hear()
        if first != 1013:
            return client
        client.close()


class Person:
    """An agent with a browser, by plain requests."""

    def __init__(self, url):
        self.url = url
        self.jar = CookieJar()
        self.open = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.jar)).open

    def post(self, path, page, **fields):
        text = self.open(self.url + page, timeout=20).read().decode()
        (fields["csrf_token"],) = set(re.findall(r'name="csrf_token" value="([^"]+)"', text))
        request = Request(self.url + path, urlencode(fields).encode(), {"Origin": self.url})
        return self.open(request, timeout=20)

    @property
    def token(self):
        return next(cookie.value for cookie in self.jar if cookie.name == "helpdesk_agent")


def test_what_one_publishes_the_other_delivers(here, there):
    with connected(there.port, sign_in("agent1")) as client:
        realtime.publish(f"person:{person_id('agent1')}", '"from afar"')
        assert client.hear() == '"from afar"'


def test_signing_out_here_closes_the_sockets_there_at_once(here, there):
    first, second = sign_in("agent1"), sign_in("agent1")
    with connected(there.port, first) as client, connected(there.port, second) as other:
        begin = monotonic()
        sign_out(first)
        assert client.hear() == 4001
        assert monotonic() - begin < 10
        realtime.publish(f"person:{person_id('agent1')}", '"still here"')
        assert other.hear() == '"still here"'


def test_signing_out_there_closes_the_sockets_here_and_shows_him_offline_everywhere(here, there):
    person = Person(there.url)
    person.post("/agent/sign-in", "/agent/sign-in", login="agent1", password=PASSWORD)
    with connected(here.port, person.token) as client, connected(there.port, person.token) as other:
        assert shown("agent1") == "active"
        person.post("/agent/sign-out", "/agent/")
        assert (client.hear(), other.hear()) == (4001, 4001)
        until(lambda: shown("agent1") == "offline")
        until(lambda: not here.service.leases.knows(person_id("agent1")))
        until(lambda: not leases())


def leases():
    rows = db.session.scalars(select(Lease.person_id)).all()
    db.session.rollback()
    return rows


def test_a_changed_right_acts_in_both(here, there):
    _, channel = group_and_channel("Support")
    token = sign_in("agent3")
    with connected(here.port, token) as client, connected(there.port, token) as other:
        revoke("agent3", "chat_participant", "Support")
        # What follows is worked out after: it says that the narrowing is done.
        grant("agent3", "chat_observer", "Billing")
        _, billing = group_and_channel("Billing")
        for each in (client, other):
            while str(channel) in (told := ready(each)["channels"]):
                pass
            assert str(billing) in told
        realtime.publish(f"channel:{channel}", '"secret"')
        realtime.publish(f"channel:{billing}", '"heard"')
        assert (client.hear(), other.hear()) == ('"heard"', '"heard"')


@pytest.mark.requirement(1)
def test_a_setting_changed_here_acts_there(here, there):
    with connected(there.port, sign_in("agent1")) as client:
        with transaction() as tx:
            settings.put(tx, "ChatEngine::Active", False, None)
        assert client.hear() == 4003


@pytest.mark.requirement(11)
def test_a_person_connected_to_both_is_offline_only_when_both_say_so(here, there):
    token = sign_in("agent1")
    with connected(there.port, token):
        with connected(here.port, token):
            until(lambda: len(leases()) == 2)
        until(lambda: not here.service.hub.people())
        here.service.leases.forget(person_id("agent1"))
        here.service.tick()
        assert shown("agent1") == "active"


@pytest.mark.parametrize("backplane", ["redis"], indirect=True)
def test_without_the_backplane_sockets_are_closed_and_refused_until_it_is_back(here, redis_server, backplane):
    token = sign_in("agent1")
    with connected(here.port, token) as client:
        redis_server.stop()
        assert client.hear() == 1013
    with socket(here.port, "agent", token) as client:
        assert client.hear() == 1013
    assert shown("agent1") == "active"
    redis_server.start()
    until(lambda: here.service.bus.is_listening)
    connected(here.port, token).close()
