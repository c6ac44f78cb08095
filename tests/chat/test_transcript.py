"""Download: the whole history of a chat as a PDF."""

import pytest

from helpdesk.accounts.identity import Identity
from helpdesk.accounts.preferences import zone_of
from helpdesk.chat import messages, transcript
from helpdesk.chat.models import AGENTS, EVERYONE, JOINED, OBSERVER, Channel, Participation
from helpdesk.chat.reach import chat_of
from helpdesk.database import db, transaction
from tests.chat.people import NAME
from tests.chat.test_begin import setting
from tests.press.documents import squeezed, text_of

pytestmark = pytest.mark.requirement(35)

HELLO = "Здравствуйте! שלום مرحبا 您好 👩\u200d💻"


@pytest.fixture
def chat(visitor, agent):
    public_id = visitor.begun(HELLO)
    agent.accept(public_id)
    agent.post(public_id, "Good morning.")
    return public_id


def download(agent, chat, **fields):
    return agent.send(f"/chats/{chat}/transcript", **fields)


def relation_of(house, agent, chat):
    """Return the agent's relation to the chat, as a route loads it."""
    with house.app.test_request_context():
        from helpdesk.realtime.topics import load

        identity = load(agent.person_id, "")
        assert isinstance(identity, Identity)
        return chat_of(identity, chat)


def as_text(house, agent, chat, audience):
    """Return what the press is given for one audience."""
    db.session.rollback()
    made = transcript.transcript(relation_of(house, agent, chat), audience)
    document = transcript.document(made)
    db.session.rollback()
    return str(document)


def test_the_pdf_holds_the_whole_history(agent, chat):
    answer = download(agent, chat)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=chat-Support-20")
    text = text_of(answer.data)
    for part in (
        *HELLO.split(),
        "Good morning.",
        NAME,
        "Agent One has joined this chat.",
        "Support",
        "UTC+00:00",
    ):
        assert squeezed(part) in squeezed(text), part
    assert "/verify" in text


def test_times_are_told_in_the_persons_zone(agent, chat):
    text = text_of(download(agent, chat, zone="Asia/Kathmandu").data)
    assert "Asia/Kathmandu (UTC+05:45)" in text
    for nonsense in ("", "../../etc/passwd", "Nowhere/Land", "x" * 500, "\x00", "/", "Europe/", "Europe"):
        assert zone_of(nonsense).key == "UTC"


def test_lines_for_agents_are_in_the_agents_pdf_only(house, visitor, agent):
    chat = visitor.begun()
    agent.move(chat, house.channel("Support"))
    agent.accept(chat)
    with transaction() as tx:
        messages.system(tx, relation_of(house, agent, chat), "moved", AGENTS, {"channel": "Secret"})
    observer = house.agent("agent2")
    with transaction() as tx:
        row = {"chat_id": house.chat(chat).id, "person_id": observer.person_id, "mode": OBSERVER}
        tx.add(Participation(**row, state=JOINED, name="Agent Two"))
    for_agents = as_text(house, agent, chat, AGENTS)
    for_guests = as_text(house, agent, chat, EVERYONE)
    for part in ("Secret", "agents only", "Agent Two (observer)", "For agents only"):
        assert part in for_agents
        assert part not in for_guests
    assert "Agent Two" not in for_guests
    assert "Hello?" in for_guests
    assert "Agent One has joined" in for_guests
    text = text_of(download(agent, chat).data)
    assert "agents only" in text
    assert "For agents only" in text


def test_an_observer_changes_nothing_for_guests(house, visitor, agent, chat):
    before = transcript.transcript(relation_of(house, agent, chat), EVERYONE)
    watcher = house.agent("agent2")
    with transaction() as tx:
        row = {"chat_id": house.chat(chat).id, "person_id": watcher.person_id, "mode": OBSERVER}
        tx.add(Participation(**row, state=JOINED, name="Agent Two"))
    with transaction() as tx:
        messages.system(tx, relation_of(house, watcher, chat), "observes", AGENTS)
    after = transcript.transcript(relation_of(house, agent, chat), EVERYONE)
    assert (before.agents, before.entries, before.guest) == (after.agents, after.entries, after.guest)
    db.session.rollback()


def test_only_who_is_in_the_chat_downloads_it(house, visitor, customer, agent, chat):
    other = house.agent("agent2")
    assert download(other, chat).status_code == 404
    assert download(agent, "x" * 22).status_code == 404
    assert agent.get(f"/chats/{chat}/transcript").status_code == 405
    house.revoke("agent1", "Support", "chat_owner")
    assert download(agent, chat).status_code == 404


def test_a_closed_chat_can_be_downloaded(visitor, agent, chat):
    visitor.close(chat)
    assert "Vera has left this chat." in text_of(download(agent, chat).data)


def test_the_menu_has_the_entry_for_those_who_may(agent, chat):
    assert f'data-download="/agent/chats/{chat}/transcript"' in agent.header(chat).text


def test_so_many_in_an_hour_are_enough(house, agent, chat):
    setting("ChatEngine::TranscriptLimit", 1)
    assert download(agent, chat).status_code == 200
    refused = download(agent, chat)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "Those were many PDFs." in refused.text


def test_more_lines_than_one_pdf_holds_are_refused(monkeypatch, agent, chat):
    monkeypatch.setattr(transcript, "MOST_LINES", 2)
    refused = download(agent, chat)
    assert refused.status_code == 413
    assert "too many for one PDF" in refused.text


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        ('../..\\"; rm -rf /', "chat-rm-rf-"),
        ("Ünïcode 频道", "chat-%C3%9Cn%C3%AFcode-%E9%A2%91%E9%81%93-"),
        ("...", "chat-channel-"),
        ("a" * 200, f"chat-{'a' * 60}-"),
    ],
)
def test_the_files_name_is_safe(house, agent, chat, channel, name):
    with transaction() as tx:
        found = tx.get(Channel, house.channel("Support"))
        assert found is not None
        found.name = channel
    disposition = download(agent, chat).headers["Content-Disposition"]
    assert name in disposition
    assert not set('/\\";\r\n') & set(
        disposition.removeprefix("attachment; filename").split("=", 1)[1]
    ) - set('";')
