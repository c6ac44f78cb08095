"""Agents who work on one ticket at the same time: nobody overwrites what he has not seen."""

import re
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk.database import db, transaction
from helpdesk.events import Event
from helpdesk.tickets import changing
from helpdesk.tickets.models import Queue
from helpdesk.web import Invalid
from tests.chat.together import at_once
from tests.support.clients import Clients
from tests.tickets.desk import Desk
from tests.tickets.test_zoom_actions import address, mails

pytestmark = pytest.mark.requirement(55)

CHANGES = {
    "owner": ("owner", "agent2", "agent1"),
    "priority": ("priority", "4", "5"),
    "state": ("state", "open", "closed successful"),
    "queue": ("queue", "Billing", "Support"),
    "title": ("subject", "Paper is out", "Ink is out"),
}


@pytest.mark.parametrize("deed", CHANGES)
def test_who_changes_what_somebody_else_changed_meanwhile_is_told_and_may_insist(
    desk: Desk, clients: Clients, deed: str
) -> None:
    number, agent, other = desk.make(queue="Misc"), clients.agent("agent1"), clients.agent("admin")
    for login in ("agent1", "agent2"):
        desk.grant(login, "Misc", "rw")
    name, theirs, mine = CHANGES[deed]
    if deed == "queue":
        desk.grant("admin", "Billing", "rw")
        theirs, mine = str(desk.queue(theirs)), str(desk.queue(mine))
    elif deed == "owner":
        theirs, mine = str(desk.who(theirs).person_id), str(desk.who(mine).person_id)
    seen = seen_in(agent.get(f"/agent/tickets/{number}").text, deed)
    assert other.post(address(number, deed), data={name: theirs, "seen": seen}).status_code == 303
    before = desk.ticket(number).version
    refused = agent.post(address(number, deed), data={name: mine, "seen": seen})
    assert (refused.status_code, "Somebody else has changed this meanwhile" in refused.text) == (422, True)
    assert desk.ticket(number).version == before
    same = agent.post(address(number, deed), data={name: theirs, "seen": seen})
    assert (same.status_code, desk.ticket(number).version) == (303, before), "both wanted the same"
    again = agent.post(address(number, deed), data={name: mine, "seen": seen_in(refused.text, deed)})
    assert (again.status_code, desk.ticket(number).version) == (303, before + 1)


def seen_in(page: str, deed: str) -> str:
    """Return what the form of a change says it showed."""
    form = page.split(f'/{deed}"', 1)[1].split("</form>", 1)[0]
    return str(re.findall(r'name="seen" value="([^"]*)"', form)[0])


@pytest.mark.parametrize("deed", ["notes", "mails"])
def test_who_lost_the_ticket_while_he_typed_gets_his_words_back(
    desk: Desk, clients: Clients, deed: str
) -> None:
    number, agent = desk.make(queue="Billing"), clients.agent("agent2")
    desk.revoke("agent2", "Billing", "ro")
    words = {"subject": "Called & asked", "text": "He will <b>\ncall back", "recipient": "a@example.com"}
    answer = agent.post(address(number, deed), data=words)
    assert answer.status_code == 404
    assert "He will &lt;b&gt;\ncall back</textarea>" in answer.text
    assert "Called &amp; asked" in answer.text


def test_an_owner_and_a_queue_that_nobody_could_choose_any_more_stay_chosen(
    desk: Desk, clients: Clients
) -> None:
    number = desk.make(owner_id=desk.who("agent2").person_id)
    desk.revoke("agent2", "Support", "rw")
    with transaction() as tx:
        tx.execute(update(Queue).where(Queue.name == "Support").values(validity="invalid"))
    page = clients.agent("agent1").get(f"/agent/tickets/{number}").text
    assert re.search(r'<option value="\d+" selected>Agent Two</option>', page)
    assert re.search(r'<option value="\d+" selected>Support</option>', page)


def test_a_merge_that_is_sent_twice_leads_to_the_other_ticket_twice(desk: Desk, clients: Clients) -> None:
    one, two, agent = desk.make(), desk.make(), clients.agent("agent1")
    for _ in range(2):
        answer = agent.post(address(one, "merger"), data={"number": two})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/agent/tickets/{two}")
    assert agent.get(f"/agent/tickets/{two}/history").text.count("Took in all articles") == 1


def test_who_answers_while_somebody_else_says_something_is_told_before_it_is_sent(
    desk: Desk, clients: Clients
) -> None:
    number, agent, other = desk.make(), clients.agent("agent1"), clients.agent("agent2")
    page = address(number, "mails")
    answer = {"recipient": "a@example.com", "subject": "Re", "text": "Good morning", "after": "1"}
    assert agent.post(address(number, "notes"), data=answer).status_code == 303
    assert other.post(page, data=answer | {"text": "Theirs", "after": "2"}).status_code == 303
    refused = agent.post(page, data=answer)
    assert (refused.status_code, "Somebody else has said something" in refused.text) == (422, True)
    assert "Good morning</textarea>" in refused.text
    assert [mail.text for mail in mails()] == ["Theirs"]
    assert 'name="after" value="3"' in refused.text
    for _ in range(2):
        assert agent.post(page, data=answer | {"after": "3"}).status_code == 303
    assert [mail.text for mail in mails()] == ["Theirs", "Good morning"]


def test_of_many_who_change_it_at_once_one_wins_and_the_others_are_told(app: Flask, desk: Desk) -> None:
    number = desk.make()
    relation = desk.relation("agent1", number)

    def put(priority: int) -> str:
        try:
            changing.set_priority(relation, priority, "3")
        except Invalid as told:
            return told.field
        return "done"

    answers = at_once(app, [partial(put, priority) for priority in (1, 2, 4, 5)])
    assert sorted(answers) == ["done", "priority", "priority", "priority"]
    history = select(Event.id).where(Event.action == "ticket.priority")
    assert len(db.session.scalars(history).all()) == 1
