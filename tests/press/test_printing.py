"""What is written is in the PDF, in any script, as text and nothing else."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from helpdesk.press import levels
from helpdesk.press.press import Press
from tests.press.documents import document, messages, missing, pages_of, squeezed, text_of

pytestmark = pytest.mark.requirement(35)


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    """One child prints everything here, and takes as long as the machine lets it."""
    made = Press(deadline_s=120)
    yield made
    made.stop()


@pytest.fixture
def witness() -> Iterator[tuple[str, list[str]]]:
    """A web server that notes what is asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_thousand_messages_of_all_scripts_are_all_there(press: Press) -> None:
    texts = messages(1000)
    assert missing(texts, press.printed(document(*texts))) == []


def test_markup_is_text_and_nothing_is_fetched(press: Press, witness: tuple[str, list[str]]) -> None:
    address, asked = witness
    hostile = [
        f"<img src={address}/1>",
        f"<link rel=stylesheet href={address}/2>",
        f"<script src={address}/3></script>",
        f"<style>@import url({address}/4); p {{ background: url({address}/5) }}</style>",
        f"<pdf:nextpage /><pdf:pagenumber><object data={address}/6></object>",
        f"<iframe src=file:///etc/passwd></iframe><a href={address}/7>",
        "{{ 7*7 }} {% include '/etc/passwd' %} &lt;b&gt; &#65; &amp;",
        "BT /F1 9 Tf (x) Tj ET endstream endobj \\( ) %PDF ${7*7} {page} {pages}",
    ]
    pdf = press.printed(document(*hostile, name=f"<img src={address}/8>"))
    found = squeezed(text_of(pdf))
    assert [text for text in hostile if squeezed(text) not in found] == []
    assert not asked
    for sign in (b"/Subtype /Image", b"/Annot", b"/URI", b"/JavaScript", b"/EmbeddedFile"):
        assert sign not in pdf


def test_a_character_that_no_font_has_is_named(press: Press) -> None:
    assert "U+12000 U+10FFFD" in text_of(press.printed(document("\U00012000 \U0010fffd")))


@pytest.mark.parametrize(
    "text",
    [
        "W" * 4000,
        "🦥" * 400,
        "早" * 2000,
        "ب" * 1000,
        "e" + "\u0301" * 200,
        "👨\u200d" * 200,
        "\u202ekcab\u202c \u2067isolated\u2069 \u200f\u200e",
        "a\tb\n\n\n  c\n",
        "",
        "\ufe0f\u200d\u0301",
        "\u0627\u2028\u05d0\u3000x\xa0y",
    ],
)
def test_any_text_can_be_printed(press: Press, text: str) -> None:
    pdf = press.printed(document(text, "the next line"))
    assert "the next line" in text_of(pdf)
    assert "�" not in text_of(pdf)


def test_long_words_stay_on_the_page(press: Press) -> None:
    text = text_of(press.printed(document("W" * 300)))
    rows = [row for row in text.splitlines() if row.startswith("WW")]
    assert sum(map(len, rows)) == 300
    assert max(map(len, rows)) < 70


def test_every_page_has_its_number(press: Press) -> None:
    pages = pages_of(press.printed(document(*["a line"] * 200)))
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert page.splitlines()[-1].strip() == f"{number}/{len(pages)}"


def test_a_footer_may_be_in_any_script_and_count_nothing(press: Press) -> None:
    lines = document(*["a line"] * 100)["blocks"]
    paper = {"title": "Chat", "facts": [], "blocks": lines}
    pages = pages_of(press.printed(paper | {"foot": ["例え {page}/{pages} 🦥"]}))
    assert [squeezed(page.splitlines()[-1]) for page in pages] == [
        f"例え{number}/{len(pages)}🦥" for number in range(1, len(pages) + 1)
    ]
    assert "a line" in text_of(press.printed(paper | {"foot": []}))


@pytest.mark.parametrize("word", ["word", "слово", "كلمة", "文字", "🦥"])
def test_a_message_goes_on_over_as_many_pages_as_it_needs(press: Press, word: str) -> None:
    paper = document("\n".join(f"{number} {word}" for number in range(200)), "the next line")
    paper["blocks"][0]["mark"] = "agents only"
    pages = pages_of(press.printed({**paper, "foot": []}))
    assert len(pages) > 3
    found = "\n".join(pages)
    rows = [row for row in map(squeezed, found.splitlines()) if squeezed(word) in row]
    assert sorted(rows) == sorted({*rows})
    assert len(rows) == 200
    assert found.splitlines()[-1] == "the next line"


def test_a_message_of_many_rows_is_all_there_in_order(press: Press) -> None:
    rows = [f"row {n}" for n in range(2_000)]
    found = text_of(press.printed(document("\n".join(rows)))).splitlines()
    assert [row for row in found if row.startswith("row ")] == rows


def test_a_name_is_not_parted_from_what_was_said(press: Press) -> None:
    texts = [f"{number}. " + "早上好" * (number % 40) for number in range(200)]
    for page in pages_of(press.printed(document(*texts))):
        assert not page.splitlines()[-2].startswith("Vera")


def test_xhtml2pdf_makes_it(press: Press) -> None:
    assert b"/Producer (xhtml2pdf" in press.printed(document("x"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", "abc"),
        ("אבג", "גבא"),
        ("אבג 12 abc", "abc 12 גבא"),
        ("abc אבג דהו abc", "abc והד גבא abc"),
        ("אב\u200dג", "ג\u200dבא"),
        ("\u202eabc", "\u202eabc"),
    ],
)
def test_characters_stand_as_the_algorithm_wants(text: str, expected: str) -> None:
    _, found = levels.levels_of(text)
    assert "".join(levels.visual(list(zip(found, text, strict=True)))) == expected
