"""About this customer: what his browser says, and his earlier chats (rows 31 and 40)."""

import pytest

from helpdesk.chat import about as facts
from helpdesk.chat import visits
from tests.chat.reading import tree, words
from tests.chat.test_closed import over

SHOP = "https://shop.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def told(agent, chat):
    """What stands beside the chat, by its name."""
    root = tree(agent.get(f"/chats/{chat}/about").text)
    return dict(zip(map(words, root.iter("dt")), map(words, root.iter("dd")), strict=True))


def earlier(agent, chat):
    """Heading and links of the earlier chats."""
    root = tree(agent.get(f"/chats/{chat}/about").text)
    links = [each.attrib["href"] for each in root.iter("a") if each.attrib["href"].startswith("/agent/chats")]
    return words(next(root.iter("h4"))), links


@pytest.mark.requirement(31)
def test_agents_see_where_the_visitor_began_and_is_now_his_language_and_browser(
    visitor, agent, hearing, house
):
    headers = {"User-Agent": FIREFOX, "Accept-Language": "de-AT,de;q=0.8,en;q=0.5"}
    visitor.client.environ_base |= {
        "HTTP_USER_AGENT": FIREFOX,
        "HTTP_ACCEPT_LANGUAGE": headers["Accept-Language"],
    }
    chat = visitor.begun(page=f"{SHOP}/cart?token=secret#pay")
    agent.accept(chat)
    first = {"Started on": f"{SHOP}/cart", "Now on": f"{SHOP}/cart", "Language": "de-AT"}
    assert told(agent, chat) == first | {"Browser": "Firefox 140, Linux"}
    hearing.clear()
    for _ in range(2):
        assert visitor.send(f"/chats/{chat}/page", page=f"{SHOP}/shoes").status_code == 204
    assert [(each.topic, each.frame) for each in hearing.told] == [
        (f"chat:{house.chat(chat).id}:agents", {"about": chat})
    ]
    assert told(agent, chat)["Started on"] == f"{SHOP}/cart"
    assert told(agent, chat)["Now on"] == f"{SHOP}/shoes"
    assert house.visitor().send(f"/chats/{chat}/page", page=SHOP).status_code == 401
    assert house.agent("agent2").get(f"/chats/{chat}/about").status_code == 404
    agent.close(chat)
    assert visitor.send(f"/chats/{chat}/page", page=SHOP).status_code == 409
    assert told(agent, chat)["Now on"] == f"{SHOP}/shoes"


@pytest.mark.requirement(31)
@pytest.mark.parametrize(
    ("raw", "page"),
    [
        (f"{SHOP}/a%20b?x=1#y", f"{SHOP}/a%20b"),
        ("http://user:password@shop.example:8080/x", "http://shop.example:8080/x"),
        (f"{SHOP}/{'x' * 600}", SHOP),
        (f"https://{'x' * 600}.example/", ""),
        *((odd, "") for odd in ("", None, "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd")),
        *(
            (odd, "")
            for odd in ("https://", "https://[", "https://x:99999/", "shop.example", "//shop.example")
        ),
        (f'{SHOP}/"><script>', f'{SHOP}/"><script>'),
        ("x" * 60_000, ""),
    ],
)
def test_a_page_is_an_address_without_what_may_be_secret(raw, page):
    assert visits.page_of(raw) == page


@pytest.mark.requirement(31)
def test_browsers_and_languages_are_short_words():
    known = {
        FIREFOX: "Firefox 140, Linux",
        EDGE: "Edge 138, Windows",
        IPHONE: "Safari 18, iPhone",
        "": "",
        "<script>": "",
        "Chrome/" + "9" * 5_000: "Chrome 9999",
    }
    assert {agent: visits.browser_of(agent) for agent in known} == known
    for language in ("en", "de-AT", "zh-Hant-TW"):
        assert visits.language_of(language) == language
    for odd in (None, "", "*", "en<b>", "x" * 36, "en\n"):
        assert visits.language_of(odd) == ""


@pytest.mark.requirement(31)
def test_hostile_pages_are_text(visitor, agent):
    chat = visitor.begun(page=f'{SHOP}/"><script>alert(1)</script>')
    agent.accept(chat)
    assert told(agent, chat)["Now on"].startswith(f'{SHOP}/"><script>')


@pytest.mark.requirement(40)
def test_earlier_chats_of_the_same_customer_stand_beside_the_chat(house, agent, monkeypatch):
    customer, billing = house.customer("customer1"), house.channel("Billing")
    support = [over(customer, agent, f"number {n}", channel=house.channel("Support")) for n in range(2)]
    invoice = over(customer, agent, "An invoice", channel=billing)
    over(house.customer("customer2"), agent, "Somebody else")
    chat = customer.begun("Me again", channel=house.channel("Support"))
    agent.accept(chat)
    links = [f"/agent/chats/{each}/protocol" for each in (invoice, *support[::-1])]
    assert earlier(agent, chat) == ("Earlier chats (3)", links)
    agent.close(chat)
    third = house.agent("agent3")
    assert earlier(third, chat) == ("Earlier chats (2)", links[1:]), "Billing is not his"
    monkeypatch.setattr(facts, "MOST_EARLIER", 1)
    heading, found = earlier(agent, chat)
    assert (heading, found[0]) == ("Earlier chats (1+)", links[0])
    assert found[1].startswith("/agent/chats/closed?person=")
    everything = agent.get(found[1].removeprefix("/agent")).text
    assert all(each in everything for each in links)
    assert "Somebody else" not in everything


@pytest.mark.requirement(40)
def test_earlier_chats_of_the_same_visitor_too(visitor, agent):
    before = over(visitor, agent, "The first time")
    chat = visitor.begun("And again")
    agent.accept(chat)
    assert earlier(agent, chat) == ("Earlier chats (1)", [f"/agent/chats/{before}/protocol"])
