"""Sheets: lines put on pages, and pages written as PDF."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from helpdesk.press.faces import Face
from helpdesk.press.typesetting import Line, Piece, Style, lines

WIDTH, HEIGHT = A4
SIDE, TOP, BOTTOM = 50.0, 48.0, 54.0
ROOM = WIDTH - 2 * SIDE
LEADING = 1.38
FOOT = Style(size=6.6, colour=(0.35, 0.35, 0.38))
TINT = (0.99, 0.95, 0.84)
INDENT = 8.0

rl_config.useA85 = 0  # binary streams: a fifth smaller


@dataclass(frozen=True, slots=True)
class Row:
    """One line on its way to a page; `before` is the space above it, in points; it stays with `keep` more."""

    line: Line
    size: float
    before: float = 0.0
    keep: int = 0
    is_tinted: bool = False


class Sheets:
    """Collects rows, then writes them."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def add(
        self, spans: list[tuple[str, Style]], before: float = 0.0, keep: int = 0, is_tinted: bool = False
    ) -> None:
        """Add a paragraph without line breaks."""
        size = max((style.size for _, style in spans), default=9.5)
        for number, line in enumerate(lines(spans, ROOM - INDENT)):
            self._rows.append(Row(line, size, 0.0 if number else before, keep, is_tinted))

    def written(self, title: str, foot: Callable[[int, int], list[str]]) -> bytes:
        """Return the PDF; `foot(page, pages)` gives the lines below each page."""
        target = BytesIO()
        canvas = Canvas(target, pagesize=A4, pageCompression=1, lang="en")
        canvas.setTitle(title)
        canvas.setCreator("Helpdesk")
        pages = list(self._pages())
        for number, rows in enumerate(pages, 1):
            self._page(canvas, rows, foot(number, len(pages)))
            canvas.showPage()
        canvas.save()
        return target.getvalue()

    def _pages(self) -> Iterator[list[Row]]:
        page: list[Row] = []
        room = HEIGHT - TOP - BOTTOM
        for number, row in enumerate(self._rows):
            together = self._rows[number : number + 1 + row.keep]
            if page and sum(each.before + each.size * LEADING for each in together) > room:
                yield page
                page, room = [], HEIGHT - TOP - BOTTOM
            page.append(row)
            room -= row.before + row.size * LEADING
        yield page

    def _page(self, canvas: Any, rows: list[Row], foot: list[str]) -> None:
        y = HEIGHT - TOP
        for row in rows:
            y -= row.before + row.size * LEADING
            if row.is_tinted:
                _tint(canvas, y - row.size * 0.34, row.size * LEADING)
            draw(canvas, row.line, SIDE + INDENT, y, ROOM - INDENT)
        for number, text in enumerate(foot):
            for line in lines([(text, FOOT)], ROOM)[:1]:
                draw(canvas, line, SIDE, BOTTOM - 16 - number * FOOT.size * 1.5, ROOM)


def _tint(canvas: Any, y: float, height: float) -> None:
    canvas.setFillColorRGB(*TINT)
    canvas.rect(SIDE, y, ROOM, height, stroke=0, fill=1)


def draw(canvas: Any, line: Line, x: float, y: float, room: float) -> None:
    """Draw a line at its beginning, which is the right edge where text runs to the left."""
    if line.base % 2:
        x += room - line.width
    code = ["BT"]
    for run in _runs(line.from_left()):
        code += _shown(canvas._doc, run, x, y)
        x += sum(piece.width for piece in run)
    canvas._code += [*code, "ET"]


def _runs(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Join neighbours that are written in one go."""
    run: list[Piece] = []
    for piece in pieces:
        if run and not _is_alike(run[-1], piece):
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def _is_alike(one: Piece, next_: Piece) -> bool:
    is_even = not one.shaped.places and not next_.shaped.places
    return is_even and one.face is next_.face and one.style is next_.style


def _shown(doc: Any, run: list[Piece], x: float, y: float) -> Iterator[str]:
    style, face = run[0].style, run[0].face
    yield "{:.3g} {:.3g} {:.3g} rg".format(*style.colour)
    if not run[0].shaped.places:
        yield f"1 0 0 1 {x:.2f} {y:.2f} Tm"
        yield from _codes(doc, face, style.size, "".join(piece.shaped.codes for piece in run))
        return
    point = style.size / 1000
    for code, (advance, right, up) in zip(run[0].shaped.codes, run[0].shaped.places, strict=True):
        yield f"1 0 0 1 {x + right * point:.2f} {y + up * point:.2f} Tm"
        yield from _codes(doc, face, style.size, code)
        x += advance * point


def _codes(doc: Any, face: Face, size: float, codes: str) -> Iterator[str]:
    for subset, chunk in face.font.splitString(codes, doc):
        yield f"{face.font.getSubsetInternalName(subset, doc)} {size:g} Tf <{chunk.hex()}> Tj"
