"""Nobody there: the same words become a ticket, or a message that is answered by e-mail."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from helpdesk.chat.models import Chat
from helpdesk.database import db, now, transaction
from helpdesk.tickets.models import Article, Queue, Ticket
from tests.chat.people import Guest, House
from tests.chat.reading import tree
from tests.chat.test_begin import setting
from tests.chat.together import at_once
from tests.external.test_bad_input import TEXTS, foreign

pytestmark = pytest.mark.requirement(29)


def leave(guest: Guest, **fields: object):
    typed = {"name": "Vera", "email": "vera@example.com", "text": "No paper", "client_id": uuid4()}
    return guest.send("/tickets", **(typed | fields))


def tickets() -> list[Ticket]:
    found = list(db.session.scalars(select(Ticket).order_by(Ticket.id)))
    db.session.expunge_all()
    db.session.rollback()
    return found


@pytest.mark.parametrize("who", ["customer", "visitor"])
def test_the_window_offers_the_same_words_as_a_ticket_or_message(house: House, who: str) -> None:
    guest = house.customer() if who == "customer" else house.visitor()
    words = "Create ticket" if who == "customer" else "Leave a message"
    assert words in guest.home().text
    form = guest.get("/start").text
    fields = {each.attrib["name"]: each.attrib for each in tree(form).iter("input") if "name" in each.attrib}
    assert words in form
    assert "It looks like no one is available at the moment." in form
    assert ("email" in fields) is (who == "visitor")
    if who == "visitor":
        assert "required" in fields["email"]


def test_a_customers_words_become_his_ticket_once(house: House) -> None:
    customer, client_id = house.customer(), uuid4()
    answers = [leave(customer, client_id=client_id, text="No paper\nin the printer") for _ in range(3)]
    [ticket] = tickets()
    assert [(answer.status_code, ticket.number in answer.text) for answer in answers] == [(200, True)] * 3
    assert (ticket.title, ticket.customer_id) == ("No paper in the printer", house.id_of("customer1"))
    page = customer.client.get(f"/external/tickets/{ticket.number}").text
    assert "in the printer" in page


def test_it_is_in_the_queue_of_the_channel_that_was_chosen(house: House) -> None:
    leave(house.customer(), channel=house.channel("Billing"))
    queue = select(Queue.name).join(Ticket, Ticket.queue_id == Queue.id)
    assert db.session.scalar(queue) == "Billing"
    db.session.rollback()
    assert leave(house.visitor(), channel=house.channel("Billing")).status_code == 422


def test_a_visitors_message_names_him_and_tells_no_number(house: House) -> None:
    visitor = house.visitor()
    answer = leave(visitor)
    [ticket] = tickets()
    assert "vera@example.com" in answer.text
    assert ticket.number not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert (ticket.customer_id, ticket.customer_name, ticket.customer_email) == (
        None,
        "Vera",
        "vera@example.com",
    )
    assert db.session.scalar(select(Article.author_name)) == "Vera"


@pytest.mark.parametrize("wrong", [{"email": ""}, {"email": "x"}, {"name": ""}, {"text": ""}])
def test_what_is_missing_is_said_where_it_belongs_and_the_words_are_kept(
    house: House, wrong: dict[str, str]
) -> None:
    answer = leave(house.visitor(), **({"text": "Keep me"} | wrong))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert ("Keep me" in answer.text) is ("text" not in wrong)
    assert "Leave a message" in answer.text
    assert tickets() == []


def test_the_last_agent_goes_while_the_form_is_filled_in(house: House) -> None:
    agent, visitor = house.agent("agent1"), house.visitor()
    assert "New conversation" in visitor.get("/start").text
    assert agent.send("/availability", to="0").status_code == 200
    client_id = uuid4()
    answer = visitor.begin("Keep me", client_id, channel=house.channel("Support"))
    assert answer.status_code == 409
    assert "Keep me" in answer.text
    [form] = tree(answer.text).iter("form")
    assert form.attrib["action"] == "/window/tickets"
    kept = {each.attrib["name"]: each.attrib.get("value") for each in form.iter("input")}
    assert (kept["client_id"], kept["name"]) == (str(client_id), "Vera")
    assert leave(visitor, **(kept | {"email": "vera@example.com", "text": "Keep me"})).status_code == 200
    assert (len(tickets()), db.session.scalar(select(func.count()).select_from(Chat))) == (1, 0)


@pytest.mark.requirement(30)
@pytest.mark.parametrize("who", ["customer", "visitor"])
def test_who_waits_may_leave_his_words_instead(house: House, who: str) -> None:
    agent = house.agent("agent1")
    guest = house.customer() if who == "customer" else house.visitor()
    chat = guest.begun("One", channel=house.channel("Support"))
    guest.post(chat, "Two")
    form = guest.get(f"/chats/{chat}/message").text
    [area] = tree(form).iter("textarea")
    assert (area.text or "").splitlines() == ["One", "Two"]
    fields = {each.attrib["name"]: each.attrib.get("value") for each in tree(form).iter("input")}
    assert fields["instead"] == chat
    assert leave(guest, **(fields | {"text": "", "email": "v@example.com"})).status_code == 422
    assert house.chat(chat).state == "request"
    for _ in range(2):
        assert leave(guest, **(fields | {"text": area.text, "email": "v@example.com"})).status_code == 200
    [ticket] = tickets()
    assert (house.chat(chat).state, house.chat(chat).ticket_id) == ("closed", ticket.id)
    assert (agent.waiting("public"), agent.waiting("customer")) == ([], [])
    assert (ticket.number in guest.status(chat).text) is (who == "customer")


@pytest.mark.requirement(30)
def test_ways_out_are_offered_to_who_has_waited_for_some_minutes(house: House) -> None:
    house.agent("agent1")
    visitor = house.visitor()
    chat = visitor.begun()
    early = visitor.status(chat)
    assert "You need not wait" not in early.text
    assert "instead</button>" not in early.text
    waited(minutes=2)
    assert visitor.status(chat, headers={"If-None-Match": early.headers["ETag"]}).status_code == 304
    waited(minutes=3)
    late = visitor.status(chat, headers={"If-None-Match": early.headers["ETag"]})
    assert late.status_code == 200
    assert "You need not wait: leave a message and we answer by e-mail." in late.text
    assert "Leave a message instead</button>" in late.text
    setting("ChatEngine::ChatDirection::PublicToAgent", False)
    assert "instead</button>" not in visitor.status(chat).text
    setting("ChatEngine::ChatDirection::PublicToAgent", True)
    setting("ChatEngine::WayOutAfter", 0)
    assert "instead</button>" not in visitor.status(chat).text
    visitor.withdraw(chat)
    setting("ChatEngine::WayOutAfter", 1)
    assert "You need not wait" not in visitor.status(chat).text


@pytest.mark.requirement(30)
def test_a_request_stays_where_the_message_in_its_place_was_refused(house: House) -> None:
    agent, visitor = house.agent("agent1"), house.visitor()
    chat = visitor.begun()
    setting("ChatEngine::StartLimit", 1)
    answer = leave(visitor, instead=chat, text="Keep me")
    assert (answer.status_code, "Keep me" in answer.text) == (429, True)
    assert (house.chat(chat).state, agent.waiting(), tickets()) == ("request", [chat], [])


@pytest.mark.requirement(30)
def test_all_that_was_typed_while_waiting_is_in_the_message(house: House) -> None:
    house.agent("agent1")
    visitor = house.visitor()
    chat = visitor.begun("First of all")
    for n in range(52):
        assert visitor.post(chat, f"Line {n} " + "x" * 200).status_code == 200
    [area] = tree(visitor.get(f"/chats/{chat}/message").text).iter("textarea")
    assert leave(visitor, instead=chat, text=area.text).status_code == 200
    text = str(db.session.scalar(select(Article.text)))
    db.session.rollback()
    assert text.startswith("First of all\nLine 0 xx")
    assert f"\nLine 51 {'x' * 200}" in text


def test_a_long_text_in_any_script_is_taken(house: House) -> None:
    assert leave(house.visitor(), text="ж" * 60_000).status_code == 200
    too_long = leave(house.visitor(), text="x" * 100_001)
    assert (too_long.status_code, "Please use at most 100,000 characters" in too_long.text) == (422, True)
    assert len(tickets()) == 1


@pytest.mark.parametrize("who", ["customer", "visitor"])
def test_words_that_begin_with_what_is_not_seen_are_taken(house: House, who: str) -> None:
    guest = house.customer() if who == "customer" else house.visitor()
    assert leave(guest, text="\u200b" * 150 + "No paper").status_code == 200
    [ticket] = tickets()
    assert ticket.title == "Message"


def waited(minutes: float) -> None:
    """Have all requests be so old."""
    with transaction() as tx:
        tx.execute(update(Chat).values(created_at=now() - timedelta(minutes=minutes, seconds=1)))


@pytest.mark.requirement(30)
def test_a_request_that_was_just_answered_is_not_withdrawn_and_the_words_are_kept(house: House) -> None:
    agent, visitor = house.agent("agent1"), house.visitor()
    chat = visitor.begun()
    agent.accept(chat)
    answer = leave(visitor, instead=chat, text="Keep me")
    assert (answer.status_code, "Keep me" in answer.text) == (409, True)
    assert "Your request has just been answered." in answer.text
    assert 'name="instead"' not in answer.text
    assert (tickets(), house.chat(chat).state) == ([], "active")
    assert visitor.get(f"/chats/{chat}/message").status_code == 403
    assert leave(house.customer(), instead=chat).status_code == 200
    assert house.chat(chat).state == "active"


@pytest.mark.requirement(30)
def test_accepted_and_left_at_once_it_is_a_chat_or_a_message_never_both(house: House) -> None:
    agent = house.agent("agent1")
    outcomes = set()
    for n in range(6):
        visitor, before = house.visitor(), len(tickets())
        chat = visitor.begun()
        deeds = [partial(agent.accept, chat), partial(leave, visitor, instead=chat)]
        answers = at_once(house.app, deeds[:: 1 if n % 2 else -1])
        made, state = len(tickets()) - before, house.chat(chat).state
        outcomes.add((sorted(answer.status_code for answer in answers)[-1], made, state))
    assert outcomes <= {(409, 0, "active"), (409, 1, "closed")}


def test_many_messages_of_one_address_are_refused_with_the_words_kept(house: House) -> None:
    setting("ChatEngine::StartLimit", 1)
    assert leave(house.visitor()).status_code == 200
    answer = leave(house.visitor(), text="Keep me")
    assert (answer.status_code, "Keep me" in answer.text) == (429, True)
    assert int(answer.headers["Retry-After"]) > 0
    assert len(tickets()) == 1


def test_one_asking_never_finds_the_ticket_of_somebody_else(house: House) -> None:
    client_id = uuid4()
    for guest in (house.customer(), house.customer("customer2"), house.visitor()):
        assert leave(guest, client_id=client_id).status_code == 200
    assert len(tickets()) == 3


def test_where_the_direction_is_off_nothing_is_taken(house: House) -> None:
    setting("ChatEngine::ChatDirection::PublicToAgent", False)
    visitor = house.visitor()
    assert "Leave a message" not in visitor.home().text
    assert "Leave a message" not in visitor.get("/start").text
    assert leave(visitor).status_code == 409
    assert tickets() == []


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_any_text_is_kept_and_shown_as_text(house: House, kind: str) -> None:
    customer = house.customer()
    answer = leave(customer, text=TEXTS[kind])
    assert answer.status_code == 200
    [ticket] = tickets()
    answers = [answer, customer.client.get(f"/external/tickets/{ticket.number}")]
    answers.append(leave(house.visitor(), name=TEXTS[kind][:90], email=TEXTS[kind][:200]))
    assert not [found for each in answers if (found := foreign(each.text))]
