"""The child process: takes one document after the other from its parent, gives each back as PDF.

A document is `{"title", "facts": [[label, text]], "blocks": [block], "foot": [text]}` of plain text; in
`foot`, `{page}` and `{pages}` are filled in. A block is `{"kind": "day", "text"}`, with `"time"` and `"mark"`
as well a `"note"`, with `"name"` too a `"line"`; a mark that is not empty tints it.
"""

import json
import os
import resource
import sys
from typing import Any, BinaryIO

from helpdesk.press import LENGTH, fonts
from helpdesk.press.sheets import Sheets
from helpdesk.press.typesetting import Style

MEMORY_BYTES = 1024**3
NICE = 10

TITLE = Style(is_bold=True, size=16)
LABEL = Style(colour=(0.4, 0.4, 0.43))
TEXT = Style()
NAME = Style(is_bold=True)
GREY = Style(size=8, colour=(0.4, 0.4, 0.43))
MARK = Style(is_bold=True, size=8, colour=(0.55, 0.33, 0.0))
DAY = Style(is_bold=True, size=10.5)


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Print until the parent is gone, with little memory, and less important than the chats beside it."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        made = printed(json.loads(source.read(*LENGTH.unpack(head))))
        target.write(LENGTH.pack(len(made)) + made)
        target.flush()


def printed(document: dict[str, Any]) -> bytes:
    """Return the document as PDF."""
    sheets = Sheets()
    sheets.add([(document["title"], TITLE)])
    for number, (label, text) in enumerate(document["facts"]):
        sheets.add([(f"{label}: ", LABEL), (text, TEXT)], before=0 if number else 6)
    for block in document["blocks"]:
        _SET[block["kind"]](sheets, block)
    try:
        return sheets.written(document["title"], lambda page, pages: _foot(document["foot"], page, pages))
    finally:
        fonts.forget()


def _foot(foot: list[str], page: int, pages: int) -> list[str]:
    return [text.replace("{page}", str(page)).replace("{pages}", str(pages)) for text in foot]


def _day(sheets: Sheets, block: dict[str, str]) -> None:
    sheets.add([(block["text"], DAY)], before=14, keep=2)


def _note(sheets: Sheets, block: dict[str, str]) -> None:
    spans = [(block["text"], GREY), (f"  {block['time']}", GREY), *_mark(block)]
    sheets.add(spans, before=5, is_tinted=bool(block["mark"]))


def _line(sheets: Sheets, block: dict[str, str]) -> None:
    spans = [(block["name"], NAME), (f"  {block['time']}", GREY), *_mark(block)]
    sheets.add(spans, before=6, keep=1, is_tinted=bool(block["mark"]))
    for paragraph in block["text"].expandtabs(4).split("\n"):
        sheets.add([(paragraph, TEXT)], is_tinted=bool(block["mark"]))


def _mark(block: dict[str, str]) -> list[tuple[str, Style]]:
    return [(f"  {block['mark']}", MARK)] if block["mark"] else []


_SET = {"day": _day, "note": _note, "line": _line}


def main() -> None:
    """Serve on standard input and output."""
    serve(sys.stdin.buffer, sys.stdout.buffer)
