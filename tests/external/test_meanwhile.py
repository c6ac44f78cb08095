"""Messages in the place of requests, while chats become tickets: nobody stops the other."""

from functools import partial

import pytest
from flask import Flask

from helpdesk import settings
from helpdesk.database import transaction
from tests.chat.people import House
from tests.chat.test_ticketing_forms import make
from tests.chat.together import at_once
from tests.external.test_nobody_there import leave


@pytest.mark.requirement(29, 58)
@pytest.mark.parametrize("database_kind", ["postgres"])
def test_messages_and_hand_overs_of_one_channel_do_not_stop_each_other(app: Flask, house: House) -> None:
    agent, channel = house.agent("agent1"), house.channel("Support")
    with transaction() as tx:
        settings.put(tx, "ChatEngine::StartLimit", 1000, None)
    for _ in range(3):
        guests = [house.visitor() for _ in range(6)]
        running, waiting = ([guest.begun(channel=channel) for guest in guests] for _ in range(2))
        for chat in running:
            agent.accept(chat)
        deeds = [partial(make, house.agent("agent1"), chat) for chat in running]
        deeds += [partial(leave, guest, instead=chat) for guest, chat in zip(guests, waiting, strict=True)]
        assert [answer.status_code for answer in at_once(app, deeds)] == [200] * 12
        assert all(house.chat(chat).ticket_id for chat in (*running, *waiting))
