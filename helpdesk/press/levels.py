"""Which way text runs: embedding levels of the Unicode bidirectional algorithm, and their order on a line."""

import re
from typing import TypeVar

from xhtml2pdf import bidi

# Hebrew to Arabic Extended, presentation forms, and the right-to-left scripts of plane 1.
RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
STRONG = ("L", "R", "AL")
REMOVED = ("BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
Item = TypeVar("Item")


def levels_of(text: str) -> tuple[int, list[int]]:
    """Return the base level of a paragraph and the level of each of its characters (even: left to right).

    Directional controls are looked through: nobody turns around what others read.
    """
    if not RIGHT_TO_LEFT.search(text):
        return 0, [0] * len(text)
    classes = list(map(bidi.bidi_class, text))
    kept = [number for number, each in enumerate(classes) if each not in REMOVED]
    base = int(next((each for each in classes if each in STRONG), "L") != "L")
    plain = "".join(text[number] for number in kept)
    return base, _spread(
        len(text), kept, bidi.resolve_levels([classes[number] for number in kept], base, plain), base
    )


def _spread(length: int, kept: list[int], levels: list[int], base: int) -> list[int]:
    """A control goes with the character before it."""
    found = [-1] * length
    for number, level in zip(kept, levels, strict=True):
        found[number] = level
    before = base
    for number, level in enumerate(found):
        before = found[number] = before if level < 0 else level
    return found


def visual(items: list[tuple[int, Item]]) -> list[Item]:
    """Return the items of a line, each with its level, from left to right."""
    return [items[number][1] for number in bidi.reorder([level for level, _ in items])]
