"""`/verify` tells what was made here from what was not."""

import re

import pytest

from helpdesk.chat import seals
from helpdesk.chat.routes import verification
from tests.chat.test_transcript import chat, download  # noqa: F401 (a fixture)
from tests.press.documents import text_of
from tests.support.databases import PUBLIC_URL

pytestmark = [pytest.mark.requirement(35), pytest.mark.parametrize("database_kind", ["sqlite"])]

CODE = re.compile(r"(?:[A-Z2-7]{8} ){7}[A-Z2-7]{8}")


@pytest.fixture
def pdf(agent, chat):  # noqa: F811
    return download(agent, chat).data


@pytest.fixture
def stranger(house):
    """Somebody without any account."""
    return house.client()


def check(client, file=None, code=""):
    """Send the form as a browser does."""
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = part % (b"code", code.encode())
    if file is not None:
        body += part % (b'file"; filename="chat.pdf', file)
    return client.post("/verify", data=body + b"--x--\r\n", content_type="multipart/form-data; boundary=x")


def test_the_file_as_it_was_made_is_known(stranger, pdf, chat):  # noqa: F811
    text = check(stranger, pdf).text
    assert "This file is unchanged." in text
    assert "Lines" in text
    reference = re.search(r"Reference: ([A-Z2-7]{8})", text_of(pdf))
    assert reference
    assert f"Reference {reference[1]}" in text
    assert chat not in text


def test_any_changed_byte_is_noticed(stranger, pdf):
    for place in (10, len(pdf) // 2, len(pdf) - 200, len(pdf) - 3):
        changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        text = check(stranger, changed).text
        assert "This file is unchanged." not in text
        assert "was changed" in text or "was not made here" in text
    assert "was changed" in check(stranger, pdf[:100] + b" " + pdf[100:]).text
    assert "was changed" in check(stranger, pdf + b"\n").text


def test_what_was_never_sealed_here_is_foreign(stranger, pdf):
    for foreign in (b"", b"%PDF-1.4", pdf.rpartition(seals.STAMP)[0], seals.STAMP * 3, b"\xff" * 1000):
        assert "was not made here" in check(stranger, foreign).text


def test_a_seal_does_not_fit_another_file(stranger, agent, pdf, chat):  # noqa: F811
    agent.post(chat, "One more.")
    other = download(agent, chat).data
    mixed = other.rpartition(seals.STAMP)[0] + b"".join(pdf.rpartition(seals.STAMP)[1:])
    assert "was changed" in check(stranger, mixed).text


def test_the_code_of_the_footer_can_be_typed(stranger, pdf):
    code = CODE.search(text_of(pdf))
    assert code
    for typed in (code[0], code[0].lower(), code[0].replace(" ", ""), f"  {code[0].replace(' ', '-')} "):
        text = check(stranger, code=typed).text
        assert "This code was given out here." in text
        assert "<dd>agents</dd>" in text


def test_a_code_that_was_made_up_is_not_known(stranger, pdf):
    code = CODE.search(text_of(pdf))
    assert code
    letters = code[0].replace(" ", "")
    for number in (0, 5, 20, 40, 63):
        wrong = letters[:number] + ("A" if letters[number] != "A" else "B") + letters[number + 1 :]
        assert "was not given out here" in check(stranger, code=wrong).text
    for nonsense in ("A" * 64, "x", "<script>", "\u202e" * 10, "é" * 64, "A" * 10_000):
        answer = check(stranger, code=nonsense)
        assert answer.status_code == 200
        assert "was not given out here" in answer.text


def test_nothing_chosen_is_said(stranger):
    answer = check(stranger)
    assert answer.status_code == 422
    assert "Choose a file or type a code." in answer.text


def test_a_file_that_is_too_large_is_refused(stranger):
    assert check(stranger, b"x" * (verification.LARGEST_PDF_BYTES + 1)).status_code == 413
    assert check(stranger, b"x" * 1_000_000).status_code == 200


def test_so_many_checks_in_an_hour_are_enough(stranger, monkeypatch):
    monkeypatch.setattr(verification, "MOST_CHECKS", 1)
    assert check(stranger, code="x").status_code == 200
    refused = check(stranger, code="x")
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


def test_another_page_cannot_check_in_somebodys_name(stranger):
    assert stranger.post("/verify", data={"code": "x"}, is_forged=True).status_code == 403
    evil = {"Origin": "https://evil.example"}
    assert stranger.post("/verify", data={"code": "x"}, headers=evil, is_forged=True).status_code == 403
    assert stranger.get("/verify", headers={"Origin": PUBLIC_URL}).status_code == 200
