"""Canned responses: kept by who owns them, found by who may write, whatever is in them."""

from urllib.parse import quote

import pytest

from helpdesk.chat import canned
from helpdesk.chat.models import OBSERVER, Participation
from helpdesk.database import transaction
from tests.chat.reading import all_with, tree, words

ONE = pytest.mark.parametrize("database_kind", ["sqlite"])
PAGE = "/canned-responses"


@pytest.fixture
def chat(visitor, agent):
    chat = visitor.begun("Hello?")
    assert agent.accept(chat).status_code == 200
    return chat


def add(agent, name, text="Text", channel="", **fields):
    return agent.send(PAGE, name=name, text=text, channel=channel, is_valid="1", **fields)


def number_of(answer):
    return int(next(all_with(tree(answer.text), "class", "canned-response")).attrib["id"].split("-")[1])


def find(agent, chat, query=""):
    """Return what the composer offers: name, scope, and the text that would be put in."""
    answer = agent.get(f"/chats/{chat}/canned-responses?q={quote(query)}")
    assert answer.status_code == 200, answer.text
    found = []
    for option in all_with(tree(answer.text), "role", "option"):
        badge = next(all_with(option, "class", "badge"), None)
        name = words(next(option.iter("b")))
        found.append((name, "" if badge is None else words(badge), option.attrib["data-insert"]))
    return found


def names(agent, chat, query=""):
    return [name for name, _, _ in find(agent, chat, query)]


def listed(agent):
    rows = all_with(tree(agent.get(PAGE).text), "class", "canned-response")
    return [words(next(row.iter("b"))) for row in rows]


@pytest.mark.requirement(40)
def test_ones_own_and_the_channels_are_found_by_name_and_text_own_first(house, agent, chat):
    support, billing = house.channel("Support"), house.channel("Billing")
    add(agent, "Übergabe", "Ich frage im Haus.", support)
    add(agent, "Zuletzt", "Eine ÜBERGABE steht an.")
    add(agent, "Invoice", "Your invoice", billing)
    assert find(agent, chat) == [
        ("Zuletzt", "", "Eine ÜBERGABE steht an."),
        ("Übergabe", "Support", "Ich frage im Haus."),
    ]
    assert names(agent, chat, "übergabe") == ["Zuletzt", "Übergabe"]
    assert names(agent, chat, "FRAGE im") == ["Übergabe"]
    assert names(agent, chat, "invoice") == []


@pytest.mark.requirement(40)
def test_names_of_both_sides_are_put_in_and_other_braces_stay(house, agent):
    chat = house.visitor().begun(name="{agent} <b>V</b>")
    agent.accept(chat)
    text = "Dear {customer}, {name} {0} {{customer}} {Customer}\nyours, {agent} %s"
    add(agent, "Dear", text)
    ((_, _, insert),) = find(agent, chat)
    assert insert == ("Dear {agent} <b>V</b>, {name} {0} {{agent} <b>V</b>} {Customer}\nyours, Agent One %s")


@pytest.mark.requirement(40)
@pytest.mark.parametrize("query", ["%", "_", "\\", "/", "'", '"', "<b>", "a%b", "{{7*7}}"])
def test_signs_of_patterns_are_only_signs(agent, chat, query):
    add(agent, f"x{query}y", "with")
    add(agent, "plain ab", "without")
    assert names(agent, chat, query) == [f"x{query}y"]
    assert names(agent, chat, query.replace("<", "\x00<") + "\u202e") == [f"x{query}y"]


@ONE
@pytest.mark.requirement(40)
def test_participants_use_what_owners_keep_and_observers_and_closed_chats_do_not(house, visitor, agent, chat):
    support = house.channel("Support")
    number = number_of(add(agent, "Greeting", "Hi", support))
    participant = house.agent("agent3")
    with transaction() as tx:
        row = {"chat_id": house.chat(chat).id, "mode": "participant", "state": "joined", "name": "P"}
        tx.add(Participation(**row, person_id=participant.person_id, monitoring=0, position=0))
        row |= {"mode": OBSERVER, "name": "O"}
        tx.add(Participation(**row, person_id=house.id_of("agent2"), monitoring=0, position=0))
    assert names(participant, chat) == ["Greeting"]
    assert listed(participant) == []
    observer = house.agent("agent2")
    assert observer.get(f"/chats/{chat}/canned-responses").status_code == 403
    assert house.agent("admin").get(f"/chats/{chat}/canned-responses").status_code == 404
    for path in (f"{PAGE}/{number}", f"{PAGE}/{number}?edit=1"):
        assert participant.get(path).status_code == 404
        assert observer.get(path).status_code == 200, "an owner of the channel keeps them too"
    for path in (f"{PAGE}/{number}", f"{PAGE}/{number}/deletion"):
        assert participant.send(path, name="x", text="y").status_code == 404
    assert add(participant, "Mine", channel=support).status_code == 422
    assert listed(agent) == ["Greeting"]
    visitor.close(chat)
    assert agent.get(f"/chats/{chat}/canned-responses").status_code == 409


@pytest.mark.requirement(40)
def test_one_is_added_changed_switched_off_deleted_and_brought_back(house, agent, chat):
    number = number_of(add(agent, "Hello", "Hi"))
    answer = agent.send(f"{PAGE}/{number}", name="Bye", text="See you", is_valid="1")
    assert "See you" in answer.text
    assert find(agent, chat) == [("Bye", "", "See you")]
    agent.send(f"{PAGE}/{number}", name="Bye", text="See you")
    assert (names(agent, chat), listed(agent)) == ([], ["Bye"])
    gone = agent.send(f"{PAGE}/{number}/deletion")
    assert "“Bye” is deleted." in gone.text
    assert listed(agent) == []
    assert agent.send(f"{PAGE}/{number}/deletion").status_code == 404
    back = add(agent, "Bye", "See you", undo="1")
    assert number_of(back)
    assert "<form" not in back.text
    assert listed(agent) == ["Bye"]


@pytest.mark.requirement(40)
def test_what_is_wrong_is_said_in_its_place_and_nothing_typed_is_lost(house, agent):
    support = house.channel("Support")
    add(agent, "Hello")
    assert add(agent, "HELLO", channel=support).status_code == 200, "a channel has names of its own"
    other = number_of(add(agent, "Other", "Kept"))
    for name, text, channel, words_ in (
        ("", "kept", "", "Please enter a name."),
        ("\u200b", "kept", "", "Please enter a name."),
        ("kept", " ", "", "Please enter a text."),
        ("hello", "kept", "", "There is a response of this name already."),
        ("x" * 101, "kept", "", "at most 100 characters"),
        ("kept", "x" * 4001, "", "at most 4,000 characters"),
        ("kept", "kept", house.channel("Default channel"), "a channel you own"),
        ("kept", "kept", 2**70, "a channel you own"),
    ):
        for path in (PAGE, f"{PAGE}/{other}"):
            answer = agent.send(path, name=name, text=text, channel=channel, is_valid="1")
            assert answer.status_code == 422
            assert words_ in answer.text
            assert "kept" in answer.text
    assert sorted(listed(agent)) == ["HELLO", "Hello", "Other"]


@ONE
@pytest.mark.requirement(40)
def test_hostile_words_are_words(house, agent, chat):
    for number, text in enumerate(("</textarea><script>1</script>", '" onfocus="x', "{{ 7*7 }} {% x %}")):
        assert add(agent, f"{number} {text}", text).status_code == 200
        found = find(agent, chat, f"{number} ")[0]
        assert found[::2] == (f"{number} {text}", text)
        edit = agent.get(f"{PAGE}/{number + 1}?edit=1").text
        assert text in words(next(tree(edit).iter("textarea")))
        assert all("src" in script.attrib for script in tree(agent.get(PAGE).text + edit).iter("script"))


@ONE
@pytest.mark.requirement(40)
def test_lists_come_in_pages_and_finds_in_twenties(agent, chat):
    for number in range(canned.PAGE + 1):
        add(agent, f"Response {number:02}")
    assert len(listed(agent)) == canned.PAGE
    second = agent.get(f"{PAGE}?page=2").text
    assert "Response 50" in second
    assert "Response 49" not in second
    assert agent.get(f"{PAGE}?page={2**70}").status_code == 200
    assert len(find(agent, chat)) == canned.MOST_FOUND
    assert len(find(agent, chat, "x" * 5000)) == 0


@ONE
@pytest.mark.requirement(40)
def test_who_loses_the_channel_loses_its_responses(house, agent, chat):
    number = number_of(add(agent, "Greeting", "Hi", house.channel("Support")))
    own = number_of(add(agent, "Mine"))
    house.revoke("agent1", "Support", "chat_owner")
    assert listed(agent) == ["Mine"]
    assert agent.send(f"{PAGE}/{number}", name="x", text="y").status_code == 404
    assert agent.get(f"{PAGE}/{own}").status_code == 200
    assert house.agent("agent2").get(f"{PAGE}/{own}").status_code == 404
