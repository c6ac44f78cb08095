"""The channel that every installation has from its first start."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk.accounts import first_admin
from helpdesk.accounts.models import EXTERNAL, Group, Person
from helpdesk.chat import availability, channels
from helpdesk.chat.models import Channel
from helpdesk.database import db, transaction
from tests.support.clients import Clients


@pytest.fixture
def database_content() -> str:
    return "bare"


@pytest.mark.requirement(2)
def test_a_fresh_system_offers_it_to_all_once_its_first_admin_is_there(app: Flask, clients: Clients) -> None:
    for _ in range(2):
        assert app.test_cli_runner().invoke(args=["helpdesk", "upgrade"]).exit_code == 0
    found = db.session.execute(select(Channel, Group.name).join(Group, Group.id == Channel.group_id)).all()
    [(channel, group)] = found
    assert (channel.name, group, channel.validity) == ("Default channel", "users", "valid")
    assert channel.is_default
    assert channel.is_for_customers
    assert channel.is_for_public
    stranger = clients.new()
    assert "New conversation" not in stranger.get("/window/", htmx=True).text, "nobody is there yet"
    admin = make_first_admin(clients)
    assert admin.get("/agent/").status_code == 200
    assert "Default channel" in admin.get("/agent/preferences").text
    assert "New conversation" not in stranger.get("/window/", htmx=True).text, "he is unavailable at first"
    make_reachable()
    assert "New conversation" in stranger.get("/window/", htmx=True).text
    assert [row.name for row in channels.offered(db.session, "customer")] == ["Default channel"]


def make_first_admin(clients: Clients):
    """Return the browser of the one who used the one-time code."""
    client = clients.new()
    fields = {"login": "admin", "name": "Admin", "password": "a long password", "again": "a long password"}
    answer = client.post("/agent/first-admin", data={"code": first_admin.make_code(), **fields})
    assert answer.status_code == 303, answer.text
    return client


def make_reachable() -> None:
    """Set everybody to external, longer ago than the second that customers wait for."""
    with transaction() as tx:
        for person_id in tx.scalars(select(Person.id)):
            availability.set_to(tx, person_id, EXTERNAL)
        tx.execute(update(Person).values(availability_changed_at=None))
