"""Reading answers as a browser does: lines, rows, counts and texts of a fragment or page."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

import html5lib

SWAP = re.compile(r"</?(?:hx-partial|hx-upsert)\b[^>]*>")
VOLATILE = "data-volatile"


class Line(NamedTuple):
    """One line of a log."""

    n: int
    kind: str
    author: str
    name: str
    text: str
    client_id: str
    dom_id: str


class Row(NamedTuple):
    """One request of a list."""

    public_id: str
    type: str
    channel: str
    requester: str
    description: str
    circle: str


def tree(text: str) -> Element:
    """Parse an answer; what swaps carry counts as if it stood in the page, rows in a table of their own."""
    bare = SWAP.sub("", text)
    if "<tr" in bare and "<table" not in bare:
        bare = f"<table>{bare}</table>"
    return html5lib.parse(bare, namespaceHTMLElements=False)


def all_with(root: Element, name: str, value: str | None = None) -> Iterator[Element]:
    """Yield the elements with an attribute, or with this word in it."""
    for element in root.iter():
        if isinstance(element.tag, str) and name in element.attrib:
            yield from [element] if value is None or value in element.attrib[name].split() else []


def words(element: Element) -> str:
    """Return the text in an element, white space as it is shown."""
    return " ".join("".join(element.itertext()).split())


def find(text: str, dom_id: str) -> Element:
    """Return the element with this id."""
    found = [each for each in tree(text).iter() if each.attrib.get("id") == dom_id]
    assert len(found) == 1, f"{dom_id} stands {len(found)} times"
    return found[0]


def same(element: Element) -> str:
    """Return an element in one canonical form, without what is volatile, to be compared."""
    attributes = " ".join(f'{key}="{value}"' for key, value in sorted(element.attrib.items()))
    if VOLATILE in element.attrib:
        return ""
    inner = "".join([element.text or "", *(same(child) + (child.tail or "") for child in element)])
    return f"<{element.tag} {attributes}>{' '.join(inner.split())}</{element.tag}>"


def lines_of(text: str) -> list[Line]:
    """Return the lines in an answer, in its order."""
    return [_line(element) for element in all_with(tree(text), "data-seq")]


def rows_of(text: str) -> list[Row]:
    """Return the requests in an answer, in its order."""
    rows = [each for each in tree(text).iter("tr") if each.attrib.get("id", "").startswith("request-")]
    return [_row(each) for each in rows]


def public_id_of(text: str) -> str:
    """Return the chat an answer is about."""
    found = re.search(r'data-(?:chat|header|preview)="([\w-]{22})"', text)
    assert found, text
    return found[1]


def counts_of(text: str) -> dict[int, tuple[int, int]]:
    """Return customers' and visitors' requests by channel, as the toolbar has them."""
    return {
        int(each.attrib["data-waiting"]): (int(each.attrib["data-customer"]), int(each.attrib["data-public"]))
        for each in all_with(tree(text), "data-waiting")
    }


def buttons_of(text: str) -> set[str]:
    """Return the names of the buttons that can be pressed."""
    return {words(each) for each in tree(text).iter("button") if "disabled" not in each.attrib}


def cards_of(text: str) -> list[str]:
    """Return the chats that have a card, in order."""
    return [each.attrib["data-chat"] for each in tree(text).iter("article")]


def alerts_of(text: str) -> list[str]:
    """Return what an answer complains about."""
    return [words(each) for each in all_with(tree(text), "role", "alert")]


def circle_of(text: str) -> tuple[str, str]:
    """Return state and words of the first presence circle."""
    first = next(all_with(tree(text), "class", "circle"))
    return first.attrib["data-state"], words(first)


def _line(element: Element) -> Line:
    text = next(all_with(element, "class", "text"))
    name = next(all_with(element, "class", "author"), None)
    at = element.attrib
    return Line(
        int(at["data-seq"]),
        at["data-kind"],
        at["data-author"],
        "" if name is None else words(name),
        "".join(text.itertext()),
        at.get("data-client", ""),
        at["id"],
    )


def _row(element: Element) -> Row:
    cells = {cell.attrib["class"]: words(cell) for cell in element.iter("td")}
    circle = next(all_with(element, "class", "circle")).attrib["data-state"]
    return Row(
        element.attrib["id"].removeprefix("request-"),
        cells["type"],
        cells["channel"],
        cells["requester"],
        cells["description"],
        circle,
    )
