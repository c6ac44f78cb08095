"""Tickets are made, changed, linked and merged; each change is in their history."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from helpdesk import settings
from helpdesk.database import db, now, transaction
from helpdesk.events import Event
from helpdesk.tickets import articles, changing, merging, numbers
from helpdesk.tickets.models import NOTE, Ticket
from helpdesk.tickets.permissions import Forbidden
from helpdesk.tickets.reach import may_read
from helpdesk.tickets.search import matching
from helpdesk.web import Invalid, NotFound
from tests.tickets.desk import Desk


def found(desk: Desk, login: str, words: str) -> list[str]:
    """Return the titles of the tickets that somebody finds."""
    who = desk.who(login)
    is_it = (may_read(who), matching(words, is_for_customer=who.is_customer).condition)
    titles = list(db.session.scalars(select(Ticket.title).where(*is_it).order_by(Ticket.id)))
    db.session.rollback()
    return titles


def history(number: str) -> list[str]:
    """Return what was done to a ticket."""
    ticket_id = db.session.scalar(select(Ticket.id).where(Ticket.number == number))
    is_it = (Event.subject_kind == "ticket", Event.subject_id == ticket_id)
    done = list(db.session.scalars(select(Event.action).where(*is_it).order_by(Event.id)))
    db.session.rollback()
    return done


@pytest.mark.requirement(52)
def test_a_ticket_has_a_number_of_date_counter_and_check_digit(desk: Desk) -> None:
    first, second = desk.make(), desk.make()
    assert (len(first), first[:8]) == (14, f"{now():%Y%m%d}")
    assert int(second[8:13]) == int(first[8:13]) + 1
    assert numbers.check_digit(first[:-1]) == first[-1]
    ticket = desk.ticket(first)
    assert (ticket.state, ticket.priority, ticket.company_id is not None, ticket.last_n) == (
        "new",
        3,
        True,
        1,
    )


@pytest.mark.requirement(52)
def test_the_plain_counter_is_the_other_form(desk: Desk) -> None:
    with transaction() as tx:
        settings.put(tx, "Ticket::NumberGenerator", "AutoIncrement", None)
    assert [desk.make(), desk.make()] == ["1000001", "1000002"]


@pytest.mark.requirement(58)
def test_what_is_asked_for_twice_is_one_ticket(desk: Desk) -> None:
    assert desk.make(start_id="once") == desk.make(start_id="once")
    assert desk.make(start_id="again") != desk.make(start_id="once")


@pytest.mark.requirement(52)
def test_state_priority_owner_lock_queue_and_title_change_and_are_in_the_history(desk: Desk) -> None:
    number = desk.make()
    mine = desk.relation("agent1", number)
    changing.set_state(mine, "pending reminder", now() + timedelta(days=1))
    changing.set_priority(mine, 5)
    changing.set_owner(mine, desk.who("agent2").person_id)
    changing.set_lock(mine, False)
    changing.set_title(mine, "Paper is out")
    changing.move(mine, desk.queue("Billing"))
    changing.set_state(desk.relation("agent1", number), "closed successful")
    ticket = desk.ticket(number)
    assert (ticket.state, ticket.priority, ticket.is_locked, ticket.title, ticket.pending_until) == (
        "closed successful",
        5,
        False,
        "Paper is out",
        None,
    )
    assert ticket.queue_id == desk.queue("Billing")
    assert ticket.closed_at is not None
    changes = ["state", "priority", "owner", "lock", "title", "queue", "state"]
    assert history(number) == ["ticket.created", *(f"ticket.{name}" for name in changes)]


@pytest.mark.requirement(52)
def test_what_cannot_be_is_refused(desk: Desk) -> None:
    number = desk.make()
    mine = desk.relation("agent1", number)
    refused = {
        "state": lambda: changing.set_state(mine, "eaten"),
        "pending": lambda: changing.set_state(mine, "pending auto close", now() - timedelta(days=1)),
        "priority": lambda: changing.set_priority(mine, 6),
        "owner": lambda: changing.set_owner(mine, desk.who("customer1").person_id),
        "queue": lambda: changing.move(mine, desk.queue("Misc")),
        "number": lambda: merging.merge(mine, mine),
    }
    for field, deed in refused.items():
        with pytest.raises(Invalid) as refusal:
            deed()
        assert refusal.value.field == field
    assert history(number) == ["ticket.created"]


@pytest.mark.requirement(52, 61)
def test_rights_are_those_of_the_group_of_the_queue(desk: Desk) -> None:
    number = desk.make(queue="Billing")
    with pytest.raises(NotFound):
        desk.relation("agent3", number)
    desk.relation("agent2", number)
    with pytest.raises(Forbidden):
        changing.set_state(desk.relation("agent2", number), "open")
    desk.grant("agent2", "Billing", "priority")
    changing.set_priority(desk.relation("agent2", number), 1)
    desk.revoke("agent2", "Billing", "ro")
    with pytest.raises(NotFound):
        desk.relation("agent2", number)


@pytest.mark.requirement(45, 61)
def test_customers_see_their_own_tickets_and_those_of_their_company_while_that_is_allowed(desk: Desk) -> None:
    number = desk.make()
    desk.relation("customer1", number)
    with pytest.raises(NotFound):
        desk.relation("customer2", number)
    theirs = desk.make("Theirs", customer_id=desk.who("customer2").person_id)
    with transaction() as tx:
        company_id = desk.ticket(number).company_id
        tx.execute(update(Ticket).where(Ticket.number == theirs).values(company_id=company_id))
    assert desk.relation("customer1", theirs).may("ticket.answer")
    assert found(desk, "customer1", "help") == ["No paper", "Theirs"]
    with transaction() as tx:
        settings.put(tx, "Ticket::CompanyTickets", False, None)
    assert found(desk, "customer1", "help") == ["No paper"]
    with pytest.raises(NotFound):
        desk.relation("customer1", theirs)


@pytest.mark.requirement(57)
def test_full_text_search_finds_words_from_their_beginning_and_what_one_may_see(desk: Desk) -> None:
    number = desk.make("Größere Tüte", text="printer on fire")
    desk.make("Other")
    with transaction() as tx:
        draft = articles.typed(desk.who("agent1"), NOTE, "between us", "secretly", is_visible=False)
        articles.add(tx, desk.ticket(number).id, draft)
    for words in ("fire", "PRINT", "fire print", number, "größ", "customer one"):
        assert "Größere Tüte" in found(desk, "agent1", words), words
    assert found(desk, "agent1", "secret") == ["Größere Tüte"]
    assert found(desk, "customer1", "secret") == []
    for words in ('"', "' OR 1", "* NEAR(", "body:fire water", "!", "zq & | b", "-", "%"):
        assert found(desk, "agent1", words) == [], words
    assert found(desk, "agent3", "fire") == ["Größere Tüte"]
    assert found(desk, "customer2", "fire") == []


@pytest.mark.requirement(55)
def test_a_merged_ticket_gives_its_articles_to_the_other_and_takes_no_more(desk: Desk) -> None:
    one, two = desk.make("One", text="apple"), desk.make("Two", text="pear")
    merging.merge(desk.relation("agent1", one), desk.relation("agent1", two))
    into = desk.relation("agent1", two)
    said = articles.of_ticket(into.ticket.id, is_for_customer=False)
    assert [(article.n, article.text) for article in said] == [(1, "pear"), (2, "apple")]
    assert desk.ticket(one).state == "merged"
    assert found(desk, "agent1", "apple") == ["Two"]
    assert [row.number for row in merging.linked_to(into.identity, into.ticket.id)] == [one]
    with pytest.raises(Forbidden, match="merged"):
        changing.set_priority(desk.relation("agent1", one), 1)


@pytest.mark.requirement(55)
def test_what_was_merged_leads_to_the_last_of_a_row(desk: Desk) -> None:
    one, two, three = desk.make("One"), desk.make("Two"), desk.make("Three")
    for each, into in ((one, two), (two, three)):
        merging.merge(desk.relation("agent1", each), desk.relation("agent1", into))
    for login in ("agent1", "customer1"):
        assert [merging.went_on_in(desk.relation(login, each)) for each in (one, two)] == [three] * 2
    into_id = desk.ticket(three).id
    assert [row.number for row in merging.linked_to(desk.who("agent1"), into_id)] == [one, two]
    with transaction() as tx:
        tx.execute(update(Ticket).where(Ticket.id == into_id).values(customer_id=None, company_id=None))
    assert merging.went_on_in(desk.relation("customer1", one)) is None


@pytest.mark.requirement(55)
def test_linked_tickets_are_shown_to_who_may_read_them(desk: Desk) -> None:
    one, two = desk.make("One"), desk.make("Two", queue="Billing")
    for _ in range(2):
        merging.link(desk.relation("agent1", two), desk.relation("agent1", one))
    ids = [desk.ticket(one).id, desk.ticket(two).id]
    assert [row.number for row in merging.linked_to(desk.who("agent1"), ids[0])] == [two]
    assert [row.number for row in merging.linked_to(desk.who("agent3"), ids[0])] == []
    merging.unlink(desk.relation("agent1", one), desk.relation("agent1", two))
    assert [row.number for row in merging.linked_to(desk.who("agent1"), ids[1])] == []


@pytest.mark.requirement(52)
def test_who_locks_a_ticket_without_owner_is_its_owner_and_the_history_says_so(desk: Desk) -> None:
    number = desk.make()
    changing.set_lock(desk.relation("agent2", number), True)
    assert desk.ticket(number).owner_id == desk.who("agent2").person_id
    assert history(number) == ["ticket.created", "ticket.owner", "ticket.lock"]


@pytest.mark.requirement(52)
def test_what_is_so_already_is_no_change(desk: Desk) -> None:
    number = desk.make(owner_id=desk.who("agent1").person_id)
    mine, until = desk.relation("agent1", number), now() + timedelta(days=1)
    changing.set_state(mine, "pending reminder", until)
    before = desk.ticket(number)
    changing.set_state(mine, "pending reminder", until)
    changing.set_priority(mine, before.priority)
    changing.set_owner(mine, before.owner_id)
    changing.set_lock(mine, True)
    changing.set_title(mine, before.title)
    changing.move(mine, before.queue_id)
    assert desk.ticket(number).version == before.version
    assert history(number) == ["ticket.created", "ticket.state"]
    changing.set_state(mine, "pending reminder", until + timedelta(days=1))
    assert history(number)[2:] == ["ticket.state"], "another time is a change"
