"""Lists of tickets: who finds which, counted, sorted, in pages."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from helpdesk import settings
from helpdesk.database import db, now, transaction
from helpdesk.tickets import changing, lists, search
from helpdesk.tickets.models import Ticket
from tests.chat.reading import all_with, tree, words
from tests.support.clients import Client, Clients
from tests.tickets.desk import Desk

pytestmark = pytest.mark.requirement(57)


@pytest.fixture
def agent(clients: Clients) -> Client:
    """Agent One at his desk."""
    return clients.agent("agent1")


def found(who: Client, address: str = "", /, **query: Any) -> list[str]:
    """Return the numbers of the tickets of a list, as they stand, on all its pages."""
    answer = who.get(address or "/agent/tickets", query_string=None if address else query)
    assert answer.status_code == 200, answer.text
    page = tree(answer.text)
    numbers = [words(link) for link in all_with(page, "class", "whole-row")]
    more = [link.attrib["href"] for link in page.iter("a") if words(link) == "Next page"]
    return numbers + (found(who, more[0]) if more else [])


def counted(who: Client, **query: Any) -> dict[str, str]:
    """Return what the links beside and above a list count."""
    page = tree(who.get("/agent/tickets", query_string=query).text)
    spans = [span for span in page.iter("span") if span.attrib.get("class") == "count"]
    assert spans
    links = [link for link in page.iter("a") if any(span in link.iter() for span in spans)]
    return {words(link).split(" ")[0]: words(link).split(" ")[1] for link in links}


def aged(number: str, **values: Any) -> None:
    """Change what is stored of a ticket."""
    with transaction() as tx:
        tx.execute(update(Ticket).where(Ticket.number == number).values(**values))


@pytest.fixture
def tickets(desk: Desk) -> dict[str, str]:
    """One ticket of each kind, by the name of its state."""
    made = {state: desk.make(state.title(), state=state) for state in ("new", "open", "closed successful")}
    for state in ("pending reminder", "pending auto close"):
        made[state] = desk.make(state.title(), state=state, pending_until=now() + timedelta(days=1))
    return made


def test_lists_are_by_state_and_queue_and_count_what_is_not_closed(
    desk: Desk, agent: Client, tickets: dict[str, str]
) -> None:
    billing = desk.make("Invoice", queue="Billing")
    assert sorted(found(agent)) == sorted([*tickets.values(), billing])
    assert sorted(found(agent, state="new")) == sorted([tickets["new"], billing])
    assert found(agent, state="new", queue=desk.queue("Billing")) == [billing]
    assert found(agent, state="open") == [tickets["open"]]
    assert len(found(agent, state="pending")) == 2
    assert found(agent, state="closed") == [tickets["closed successful"]]
    assert (
        found(agent, state="mine") == found(agent, state="reminder") == found(agent, state="escalated") == []
    )
    changing.set_owner(desk.relation("agent1", tickets["open"]), desk.who("agent1").person_id)
    aged(tickets["pending reminder"], pending_until=now() - timedelta(hours=1))
    aged(tickets["new"], created_at=now() - timedelta(hours=49))
    aged(tickets["closed successful"], created_at=now() - timedelta(hours=49))
    assert found(agent, state="mine") == [tickets["open"]]
    assert found(agent, state="reminder") == [tickets["pending reminder"]]
    assert found(agent, state="escalated") == [tickets["new"]]
    kinds = {"New": "2", "Open": "1", "Pending": "2", "Reminder": "1", "Escalated": "1", "My": "tickets"}
    assert counted(agent) == kinds | {"Billing": "1", "Support": "4"}
    assert counted(agent, queue=desk.queue("Billing"))["Open"] == "0"
    assert counted(agent, state="pending")["Support"] == "2"
    with transaction() as tx:
        settings.put(tx, "Ticket::EscalationHours", 0, None)
    assert found(agent, state="escalated") == []


def test_many_are_not_counted_to_the_last(desk: Desk, agent: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_COUNTED", 2)
    for _ in range(3):
        assert "2+" not in counted(agent).values()
        desk.make()
    assert counted(agent) == counted(agent) | {"New": "2+", "Open": "0", "Support": "2+", "Billing": "0"}
    assert ">2+<span" in agent.get("/agent/").text


def test_each_order_shows_every_ticket_once_on_its_pages_both_ways(
    desk: Desk, agent: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 3)
    made = [
        desk.make(title, priority=n % 2 + 2, queue=["Support", "Billing"][n % 2])
        for n, title in enumerate(["b", "A", "b", "c", "a", "B", "a"])
    ]
    for query, its in (({}, made), ({"queue": desk.queue("Support")}, made[::2]), ({"words": "help"}, made)):
        for sort in lists.SORTS:
            shown = found(agent, sort=sort, way="up", **query)
            assert sorted(shown) == sorted(its), (sort, query)
            assert found(agent, sort=sort, way="down", **query) == shown[::-1], (sort, query)


def test_lists_come_sorted_in_pages(desk: Desk, agent: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    made = [desk.make(title, priority=n % 3 + 1) for n, title in enumerate(["b", "A", "c", "B", "a"])]
    assert found(agent) == made[::-1]
    assert found(agent, sort="age") == found(agent, sort="number", way="up") == made
    assert [desk.ticket(number).title for number in found(agent, sort="title")] == ["A", "a", "b", "B", "c"]
    assert [desk.ticket(number).priority for number in found(agent, sort="priority")] == [3, 2, 2, 1, 1]
    other = desk.make("z", queue="Billing")
    assert found(agent, sort="queue")[0] == other
    assert found(agent, sort="queue", way="down")[-1] == other


def test_words_and_whole_numbers_are_found(desk: Desk, agent: Client, tickets: dict[str, str]) -> None:
    number = desk.make("Größere Tüte", text="printer on fire")
    assert found(agent, words="fire") == found(agent, words="größ tüte") == [number]
    assert found(agent, words="fire", state="open") == []
    for typed in (number, f"Ticket#{number}", f" {number} "):
        answer = agent.get("/agent/tickets", query_string={"words": typed})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/agent/tickets/{number}")
    assert len(found(agent, words=number[:8])) == 6, "numbers are found from their beginning"


def test_odd_words_are_only_words(desk: Desk, agent: Client) -> None:
    desk.make()
    assert agent.get("/agent/tickets", query_string={"words": "x" * 201}).status_code == 422
    odd = ('"', "' OR 1=1 --", "* NEAR(", "!", "zq & | b", "%", "\x00\u202e", "{{ 7 }}")
    for typed in odd:
        assert found(agent, words=typed) in ([], found(agent)), typed
    for name in ("state", "queue", "sort", "way", "after", "customer", "company"):
        for value in (*odd, "9" * 40, "-1"):
            assert agent.get("/agent/tickets", query_string={name: value}).status_code == 200, (name, value)


def test_of_very_many_the_newest_that_one_may_read_are_found(
    desk: Desk, agent: Client, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    old, moved, newest = desk.make(), desk.make(), desk.make()
    others = [desk.make(queue="Billing", customer_id=desk.who("customer2").person_id) for _ in range(3)]
    assert found(agent, words="help") == others[:0:-1]
    assert "Very many tickets hold these words" in agent.get("/agent/tickets?words=help").text
    three, customer = clients.agent("agent3"), f"&customer={desk.who('customer1').person_id}"
    assert (
        found(three, words="help") == found(agent, "/agent/tickets?words=help" + customer) == [newest, moved]
    )
    assert found(agent, words="help", queue=desk.queue("Support")) == [newest, moved]
    changing.move(desk.relation("agent1", moved), desk.queue("Billing"))
    assert found(three, words="help") == [newest, old]
    assert "Very many" not in three.get("/agent/tickets?words=help").text
    own = [link.attrib["href"][-14:] for link in all_links(clients.customer("customer1"))]
    assert own == [moved, newest]


def all_links(customer: Client) -> list[Any]:
    """Return the links to the tickets the customer finds."""
    page = tree(customer.get("/external/tickets?words=help").text)
    return [link for item in all_with(page, "class", "tickets") for link in item.iter("a")]


@pytest.mark.requirement(61)
def test_other_peoples_tickets_are_in_no_list_count_or_search(
    desk: Desk, clients: Clients, agent: Client
) -> None:
    mine, theirs = desk.make("Mine"), desk.make("Secret", queue="Billing")
    three = clients.agent("agent3")
    assert found(three) == found(three, words="help") == [mine]
    assert found(three, queue=desk.queue("Billing")) == found(three, words="secret") == []
    assert found(three, words=theirs) == []
    assert found(three, "/agent/tickets?after=" + theirs) == []
    page = three.get("/agent/tickets").text
    assert "Billing" not in page
    assert counted(three) == counted(three) | {"New": "1", "Support": "1"}
    desk.revoke("agent3", "Support", "rw")
    assert found(three) == []
    assert "You may not read the tickets of any queue" in three.get("/agent/tickets").text
    assert 'id="ticket-menu"' not in three.get("/agent/").text
    assert 'id="ticket-menu"' in agent.get("/agent/").text
    for stranger in (clients.new(), clients.customer("customer1")):
        assert stranger.get("/agent/tickets").headers["Location"].startswith("/agent/sign-in")


def test_a_list_takes_as_many_queries_for_many_tickets_as_for_one(desk: Desk, agent: Client) -> None:
    lists = ["/agent/tickets", "/agent/", "/agent/tickets?words=help&queue=1"]
    lists.append(f"/agent/customers/{desk.who('customer1').person_id}")
    desk.make()
    for each in lists:
        agent.get(each)
    few = [queries(agent, each) for each in lists]
    for number in range(7):
        desk.make(f"{number}", queue=["Support", "Billing"][number % 2], state="open")
    assert [queries(agent, each) for each in lists] == few


def queries(agent: Client, address: str) -> int:
    """Return how many statements a page takes."""
    seen: list[str] = []

    def see(*about: Any) -> None:
        seen.append(about[2])

    event.listen(db.engine, "before_cursor_execute", see)
    assert agent.get(address).status_code == 200
    event.remove(db.engine, "before_cursor_execute", see)
    return len(seen)


def test_the_dashboard_shows_the_oldest_new_open_reminder_and_escalated_tickets(
    desk: Desk, agent: Client, clients: Clients, tickets: dict[str, str]
) -> None:
    aged(tickets["pending reminder"], pending_until=now() - timedelta(hours=1))
    aged(tickets["open"], created_at=now() - timedelta(hours=49))
    secret = desk.make("Secret", queue="Billing")
    page = tree(agent.get("/agent/").text)
    shown = {
        words(section[0][0]): [a.attrib["href"].rpartition("/")[2] for a in section[1].iter("a")]
        for section in all_with(page, "class", "ticket-widget")
    }
    assert shown == {
        "New Tickets": [tickets["new"], secret],
        "Open Tickets": [tickets["open"]],
        "Reminder Tickets": [tickets["pending reminder"]],
        "Escalated Tickets": [tickets["open"]],
    }
    assert secret not in clients.agent("agent3").get("/agent/").text
