"""While chat is switched off nothing of it can be reached, by any door; on again everything is back."""

import pytest
from flask import Flask

from helpdesk import realtime
from tests.chat.reading import cards_of, tree, words
from tests.chat.test_begin import setting
from tests.house.rights import rules

SWITCH = "ChatEngine::Active"
OURS = ("chat.", "window.", "external_window.")


@pytest.fixture
def chat(visitor, agent):
    chat = visitor.begun("Kept")
    agent.accept(chat)
    return chat


@pytest.mark.requirement(1)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_address_about_chat_says_that_it_is_not_active(app: Flask, house, visitor, agent, chat):
    customer = house.customer()
    setting(SWITCH, False)
    tried = 0
    for rule, method in rules(app):
        if not rule.endpoint.startswith(OURS):
            continue
        path = rule.rule.replace("<public_id>", chat).replace("<kind>", "public").replace("<id:number>", "1")
        who = agent if path.startswith("/agent") else customer if path.startswith("/external") else visitor
        for is_htmx in (True, False):
            answer = who.client.open(path, method=method, htmx=is_htmx)
            assert answer.status_code == 404, f"{method} {path}"
            assert "Chat is not active" in words(tree(answer.text))
            assert "Kept" not in answer.text
        tried += 1
    assert tried > 30


@pytest.mark.requirement(1)
def test_pages_show_nothing_of_it(house, agent, chat):
    setting(SWITCH, False)
    page = agent.client.get("/agent/").text
    assert "Sign out" in page
    for text in ("Manage Chats", "Availability", "open chat request", ">Chat<"):
        assert text not in page
    preferences = agent.client.get("/agent/preferences").text
    assert "Time zone" in preferences
    for text in ("My Chat Channels", "Tell me of", "Sound", "Monitoring"):
        assert text not in preferences
    portal = house.client().get("/external/").text
    assert "How can we help?" in portal
    assert "bubble" not in portal
    assert "Chat window" not in portal


@pytest.mark.requirement(1)
def test_running_chats_are_kept_and_come_back(visitor, agent, house, chat):
    waiting = visitor.begun("Waiting")
    setting(SWITCH, False)
    assert visitor.post(chat, "Meanwhile").status_code == 404
    setting(SWITCH, True)
    assert cards_of(agent.get("/chats").text) == [chat]
    assert agent.waiting() == [waiting]
    assert visitor.words(chat) == ["Kept", "Agent One has joined this chat."]
    assert visitor.post(chat, "Again").status_code == 200
    assert "Manage Chats" in agent.client.get("/agent/").text


@pytest.mark.requirement(1)
def test_sockets_are_refused_meanwhile(app: Flask):
    assert realtime.service().refusal() is None or not realtime.service().bus.is_listening
    setting(SWITCH, False)
    refusal = realtime.service().refusal()
    assert refusal is not None
    assert refusal[0] == 4003
    setting(SWITCH, True)
    again = realtime.service().refusal()
    assert again is None or again[0] != 4003
