"""Which way text runs: embedding levels of the Unicode bidirectional algorithm, and their order on a line."""

import re
import unicodedata
from typing import Any, TypeVar

from bidi import algorithm

# Hebrew to Arabic Extended, presentation forms, and the right-to-left scripts of plane 1.
RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
REMOVED = frozenset(algorithm.X9_REMOVED) | {"LRI", "RLI", "FSI", "PDI"}
Item = TypeVar("Item")


def levels_of(text: str) -> tuple[int, list[int]]:
    """Return the base level of a paragraph and the level of each of its characters (even: left to right).

    Directional controls are looked through: nobody turns around what others read.
    """
    if not RIGHT_TO_LEFT.search(text):
        return 0, [0] * len(text)
    kept = [number for number, c in enumerate(text) if unicodedata.bidirectional(c) not in REMOVED]
    plain = "".join(text[number] for number in kept)
    storage: dict[str, Any] = algorithm.get_empty_storage()
    base: int = algorithm.get_base_level(plain)
    storage["base_level"], storage["base_dir"] = base, ("L", "R")[base]
    algorithm.get_embedding_levels(plain, storage)
    algorithm.explicit_embed_and_overrides(storage)
    for resolve in ("weak_types", "neutral_types", "implicit_levels"):
        getattr(algorithm, f"resolve_{resolve}")(storage, False)
    return base, _spread(len(text), kept, [c["level"] for c in storage["chars"]], base)


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
    """Return the items of a line, each with its level, from left to right (rule L2)."""
    ordered = list(items)
    highest = max((level for level, _ in ordered), default=0)
    for level in range(highest, 0, -1):
        begin = 0
        while begin < len(ordered):
            end = begin
            while end < len(ordered) and ordered[end][0] >= level:
                end += 1
            ordered[begin:end] = reversed(ordered[begin:end])
            begin = end + 1
    return [item for _, item in ordered]
