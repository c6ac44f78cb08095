"""The page of a customer user shows his chats to those who may read them."""

import pytest

from tests.chat.reading import tree, words

pytestmark = pytest.mark.requirement(56)


def shown(who, customer):
    page = tree(who.client.get(f"/agent/customers/{customer}").text)
    return [words(item).split(" · ")[0] for item in page.iter("li") if "Chat with" in words(item)]


def test_his_chats_are_shown_to_who_may_read_them(house, agent):
    customer = house.customer("customer1")
    one = house.id_of("customer1")
    over = customer.begun("An invoice", channel=house.channel("Billing"))
    agent.accept(over)
    agent.close(over)
    customer.begun("No paper", channel=house.channel("Support"))
    house.customer("customer2").begun("Another's", channel=house.channel("Support"))
    waits, ended = (f"Chat with Customer One {end}" for end in ("waiting for an answer", "closed"))
    assert shown(agent, one) == [waits, ended]
    assert f"/agent/chats/{over}/protocol" in agent.client.get(f"/agent/customers/{one}").text
    three = house.agent("agent3")
    assert shown(three, one) == [waits]
    assert over not in three.client.get(f"/agent/customers/{one}").text
