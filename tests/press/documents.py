"""Documents to print, and what can be read in a PDF."""

import random
import re
import unicodedata

import pypdfium2

SCRIPTS = {
    "Latin": "abcdefghijklmnopqrstuvwxyzäéñßő",
    "Cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяёїґ",
    "Arabic": "لابتثجحخدذرزسشصضطظعغفقكمنهويةىء",
    "Hebrew": "אבגדהוזחטיכלמנסעפצקרשתםןףץך",
    "CJK": "早上好我的發票有误請問可以幫看嗎おはようございますカタカナ안녕하세요청구서",
    "Devanagari and Thai": "नमस्तमरचलनगतहकखसวสดครบ",
}
EMOJI = [
    "😀",
    "👍🏽",
    "👩\u200d💻",
    "🇩🇪",
    "❤\ufe0f",
    "✅",
    "🦥",
    "👨\u200d👩\u200d👧\u200d👦",
    "1\ufe0f\u20e3",
]
UNSEEN = re.compile("[\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff\u00ad]")


def messages(count: int, seed: int = 1) -> list[str]:
    """Return texts of all scripts in turn, each different."""
    chance = random.Random(seed)
    alphabets = [*map(list, SCRIPTS.values()), EMOJI]
    return [
        f"{number} " + " ".join("".join(chance.choices(letters, k=chance.randint(2, 8))) for _ in range(12))
        for number, letters in ((number, alphabets[number % len(alphabets)]) for number in range(count))
    ]


def document(*texts: str, name: str = "Vera") -> dict:
    """Return a document with these lines."""
    lines = [{"kind": "line", "name": name, "time": "09:40:12", "text": text, "mark": ""} for text in texts]
    return {"title": "Chat", "facts": [["Channel", "Support"]], "blocks": lines, "foot": ["{page}/{pages}"]}


def text_of(pdf: bytes) -> str:
    """Return what a reader finds in the pages."""
    return "\n".join(pages_of(pdf))


def pages_of(pdf: bytes) -> list[str]:
    """Return what a reader finds in each page."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [_text(document, number) for number in range(len(document))]


def _text(document: pypdfium2.PdfDocument, number: int) -> str:
    page = document[number]
    text = page.get_textpage()
    found: str = text.get_text_range()
    text.close()
    page.close()
    return found.replace("\r\n", "\n")


def squeezed(text: str) -> str:
    """Return a text as it is compared: NFKC, without white space and what is never seen."""
    return re.sub(r"\s", "", UNSEEN.sub("", unicodedata.normalize("NFKC", text)))


def missing(texts: list[str], pdf: bytes) -> list[str]:
    """Return the words that a reader does not find.

    Lines break between ideographs and emoji, so white space does not count; words are looked for one by one,
    because the order in which a reader gives the words of a right-to-left line is the reader's own.
    """
    found = squeezed(text_of(pdf))
    return [word for text in texts for word in text.split() if squeezed(word) not in found]
