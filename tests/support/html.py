"""A linter for the HTML we answer with: what a browser would silently repair is an error here."""

import re
from collections import Counter
from collections.abc import Iterator

import html5lib
from html5lib.constants import E as WORDS

SWAPS = re.compile(r"<(hx-partial|hx-upsert)\b([^>]*)>(.*?)</\1\s*>", re.DOTALL)
FIRST_TAG = re.compile(r"<([a-z][a-z0-9-]*)", re.IGNORECASE)
CONTAINERS = {"tr": "tbody", "td": "tr", "th": "tr", "tbody": "table", "thead": "table", "option": "select"}
FIGURES = re.compile(r"[A-Za-z0-9_-]{22,}|\d+")
ID = re.compile(r'<[^<>]*?\sid="([^"]*)"')
SCRIPT_SCHEMES = ("javascript:", "data:", "vbscript:")

_clean: set[str] = set()


def problems(text: str) -> list[str]:
    """Return what is wrong with a page or a fragment (which may hold hx-partial and hx-upsert).

    Parsing costs more than the answer itself: what differs only in ids and figures is parsed once.
    """
    shape = FIGURES.sub("0", text)
    found = _repeated(text)
    if shape not in _clean:
        found += _repairs(text)
    if not found:
        _clean.add(shape)
    return found


def _repeated(text: str) -> list[str]:
    """Text cannot pass for an attribute: its quotes are escaped."""
    ids = Counter(ID.findall(text))
    return [f"id {name!r} stands {count} times" for name, count in ids.items() if count > 1]


def _repairs(text: str) -> list[str]:
    found: list[str] = []
    for piece in _pieces(text):
        tree, errors = _parse(piece)
        found += errors
        for element in tree.iter():
            if isinstance(element.tag, str):
                found += _element(element.tag, element.attrib, element.text or "")
    return found


def _pieces(text: str) -> Iterator[str]:
    """Yield the text without its swaps, then what each of them carries: rows need another parser state."""
    if re.match(r"\s*<!doctype", text, re.IGNORECASE):
        yield text
        return
    yield SWAPS.sub(r"<\1\2></\1>", text)
    for _, _, inner in SWAPS.findall(text):
        yield inner


def _parse(piece: str):  # the tree has no public type
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    if re.match(r"\s*<!doctype", piece, re.IGNORECASE):
        tree = parser.parse(piece)
    else:
        first = FIRST_TAG.search(piece)
        tree = parser.parseFragment(piece, container=CONTAINERS.get(first[1].lower() if first else "", "div"))
    return tree, [_worded(error) for error in parser.errors]


def _worded(error: tuple) -> str:
    (line, column), code, values = error
    return f"line {line}, column {column}: {WORDS[code] % values}"


def _element(tag: str, attributes: dict[str, str], text: str) -> Iterator[str]:
    if tag == "style" or (tag == "script" and text.strip()):
        yield f"inline <{tag}>"
    for name, value in attributes.items():
        if (
            name == "style"
            or (name.startswith("on") and not name.startswith("on-"))
            or name.startswith("hx-on")
        ):
            yield f"inline {name}= on <{tag}>"
        if name in ("href", "src", "action", "formaction") and value.strip().lower().startswith(
            SCRIPT_SCHEMES
        ):
            yield f"{name}={value[:40]!r} on <{tag}>"
    if tag == "img" and "alt" not in attributes:
        yield "<img> without alt"
    if tag == "button" and "type" not in attributes:
        yield "<button> without type"
