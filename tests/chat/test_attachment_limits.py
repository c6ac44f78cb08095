"""Which files are taken: type by content, names, sizes and counts, by settings and channel."""

import re
from unicodedata import normalize
from uuid import uuid4

import pytest

from helpdesk import files
from helpdesk.chat import allowances
from helpdesk.database import transaction
from helpdesk.files import clean_file_name, size_words
from helpdesk.settings import put
from helpdesk.web import Invalid
from tests.chat.reading import alerts_of
from tests.chat.sending import EXE, HTML, PDF, PNG, addresses, fetch, send, stored, zipped
from tests.chat.together import at_once

ONE = pytest.mark.parametrize("database_kind", ["sqlite"])
CONTENTS = [
    ("a.txt", "grüße\r\n\tx".encode(), True),
    ("a.log", "gr\xfc\xdfe \x1b[31mred".encode("cp1252"), True),
    ("a.csv", "=cmd|' /C calc'!A0".encode("utf-16"), True),
    ("A.PNG", PNG, True),
    ("a.jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0", True),
    ("bomb.zip", zipped("bomb"), True),
    ("a.docx", zipped("[Content_Types].xml"), True),
    ("a.odt", zipped("mimetype"), True),
    ("html.png", HTML, False),
    ("exe.pdf", EXE, False),
    ("exe.jpg", EXE + b"\xff\xd9", False),
    ("exe.txt", EXE, False),
    ("png.txt", PNG, False),
    ("png.pdf", PNG, False),
    ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", False),
    ("page.html", HTML, False),
    ("run.exe", EXE, False),
    ("run.bat", b"del *", False),
    ("jar.jar", zipped("META-INF/MANIFEST.MF"), False),
    ("invoice.pdf.exe", PDF, False),
    ("no-ending", PNG, False),
    ("empty.txt", b"", False),
]
NAMES = [
    ("../../etc/passwd.txt", "passwd.txt"),
    ("a\u202egnp\u2066.txt", "agnp.txt"),
    ("<img src=x onerror=alert(1)>.txt", "_img src=x onerror=alert(1)_.txt"),
    ("a\x00\x07b.txt", "ab.txt"),
    (" . a.txt . ", "a.txt"),
    ("{{7*7}} {name} 100% ü🏳️‍🌈.txt", "{{7_7}} {name} 100% ü🏳️‍🌈.txt"),
    ("z" + "\u0301" * 50 + ".txt", "z\u0301\u0301\u0301\u0301.txt"),
]


@pytest.fixture
def chat(visitor, agent):
    chat = visitor.begun("Hello?")
    assert agent.accept(chat).status_code == 200
    setting("PerMinute", 1000)
    return chat


def setting(name, value):
    with transaction() as tx:
        put(tx, f"ChatEngine::Attachment::{name}", value, None)


@ONE
@pytest.mark.requirement(40)
def test_the_type_is_told_by_the_content(visitor, agent, chat):
    taken = 0
    for name, content, is_taken in CONTENTS:
        answer = send(visitor, chat, content, name)
        assert answer.status_code == (200 if is_taken else 422), name
        taken += is_taken
        assert stored() == taken
        if is_taken:
            assert fetch(agent, addresses(agent, chat)[-1]).data == content
        else:
            assert len(alerts_of(answer.text)) == 1


@ONE
@pytest.mark.requirement(40)
def test_a_file_that_is_too_large_is_refused_with_the_limit(visitor, chat):
    setting("LargestSize", 3)
    assert send(visitor, chat, b"x" * 3072, "a.txt").status_code == 200
    answer = send(visitor, chat, b"x" * 3073, "a.txt")
    assert answer.status_code == 413
    assert alerts_of(answer.text) == ["This file is too large: at most 3 kB can be sent here."]
    answer = send(visitor, chat, b"x" * 300_000, "a.txt")
    assert (answer.status_code, len(alerts_of(answer.text))) == (413, 1)


@ONE
@pytest.mark.requirement(40)
def test_a_channel_has_its_own_word_on_size_and_endings(house, visitor, agent, chat):
    channel_id = house.chat(chat).channel_id
    with transaction() as tx:
        allowances.set_for_channel(tx, channel_id, 4, ".log PDF, pdf")
    assert send(visitor, chat, b"x" * 4096, "a.log").status_code == 200
    assert send(visitor, chat, b"x" * 4097, "a.log").status_code == 413
    answer = send(visitor, chat, b"x", "a.txt")
    assert answer.status_code == 422
    assert alerts_of(answer.text) == ["Files of this type cannot be sent here. These can: log, pdf."]
    with transaction() as tx:
        allowances.set_for_channel(tx, channel_id, 0, None)
    assert send(agent, chat, b"x", "a.txt").status_code == 403
    assert "data-attach" not in agent.active().text + visitor.get(f"/chats/{chat}").text
    for wrong in ((-1, None), (files.LARGEST_KB + 1, None), (None, "exe"), (None, "html")):
        with pytest.raises(Invalid), transaction() as tx:
            allowances.set_for_channel(tx, channel_id, *wrong)


@ONE
@pytest.mark.requirement(40)
def test_each_audience_can_be_switched_off(visitor, agent, chat):
    for name, off, others in (("Public", visitor, agent), ("Agents", agent, visitor)):
        setting(name, False)
        assert send(off, chat).status_code == 403
        assert send(others, chat).status_code == 200
        assert "data-attach" not in (off.active() if off is agent else off.get(f"/chats/{chat}")).text
        setting(name, True)
    assert "data-attach" in agent.active().text
    assert "data-attach" in visitor.get(f"/chats/{chat}").text


@pytest.mark.requirement(40)
def test_of_many_at_once_no_more_are_taken_than_a_chat_holds(app, house, visitor, agent, chat):
    setting("PerChat", 2)
    client_id = uuid4()
    assert send(visitor, chat, client_id=client_id).status_code == 200
    answers = at_once(app, [lambda: send(agent, chat)] * 3)
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422]
    assert stored() == 2
    assert send(visitor, chat, client_id=client_id).status_code == 200
    assert [line.n for line in visitor.lines(chat)] == [1, 2, 3, 4]


@ONE
@pytest.mark.requirement(40)
def test_one_person_sends_so_many_in_a_minute(visitor, agent, chat):
    setting("PerMinute", 2)
    codes = [send(visitor, chat).status_code for _ in range(5)]  # a minute may begin meanwhile
    assert set(codes) == {200, 429}
    answer = send(visitor, chat)
    assert answer.status_code in (200, 429)
    assert send(agent, chat).status_code == 200


@ONE
@pytest.mark.requirement(40)
def test_a_name_is_only_a_name(visitor, agent, chat):
    for raw, shown in NAMES:
        assert clean_file_name(raw) == normalize("NFC", shown)
        answer = send(visitor, chat, b"x", raw)
        assert answer.status_code == 200, answer.text
        assert agent.lines(chat)[-1].text == f"{clean_file_name(raw)} 1 byte"
        header = fetch(agent, addresses(agent, chat)[-1]).headers["Content-Disposition"]
        assert re.fullmatch(r"attachment; filename=\"?[\w. -]+\"?; filename\*=UTF-8''[\w.%~-]+", header), (
            header
        )


@ONE
@pytest.mark.requirement(40)
def test_wrong_forms_get_a_clear_answer(visitor, chat):
    path = f"/window/chats/{chat}/attachments"
    assert send(visitor, chat, client_id="x").status_code == 422
    assert send(visitor, chat, b"x", "x" * 256 + ".txt").status_code == 422
    nonsense = {"data": b"--x\r\nnonsense", "content_type": "multipart/form-data; boundary=x"}
    for form in ({}, {"data": {"file": "text"}}, nonsense):
        answer = visitor.client.post(path, htmx=True, **form)
        assert (answer.status_code, alerts_of(answer.text)) == (422, ["Please choose a file."])
    assert stored() == 0


def test_sizes_are_words() -> None:
    assert [size_words(n) for n in (15, 1024, 1_300_000, 10 * 2**20)] == [
        "15 bytes",
        "1 kB",
        "1.2 MB",
        "10 MB",
    ]
