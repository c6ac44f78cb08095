"""Paragraphs on a page of xhtml2pdf's: its own, and those that our typesetting fills."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from reportlab.pdfbase.pdfmetrics import getAscent
from xhtml2pdf.reportlab_paragraph import ParaLines
from xhtml2pdf.xhtml2pdf_reportlab import PmlPageTemplate, PmlParagraph

from helpdesk.press import fonts
from helpdesk.press.faces import Face
from helpdesk.press.typesetting import Line, Piece, Style, lines


class Sheet(PmlPageTemplate):  # type: ignore[misc]
    """A page whose footer is also read last, and so drawn last."""

    def beforeDrawPage(self, canvas: Any, doc: Any) -> None:  # noqa: N802 (reportlab's name)
        """Draw nothing yet."""

    def afterDrawPage(self, canvas: Any, doc: Any) -> None:  # noqa: N802
        """Draw the footer."""
        canvas._doctemplate = doc  # which has let go of it on the last page
        super().beforeDrawPage(canvas, doc)


class Paragraph(PmlParagraph):  # type: ignore[misc]
    """A paragraph as xhtml2pdf sets it; a line of it never stands alone on a page."""

    allowWidows = 0  # noqa: N815 (reportlab's name)

    def draw(self) -> None:
        """Draw it, but not while the pages are only counted."""
        if self.canv._doctemplate.layoutPass > 1:
            super().draw()


class Typeset(Paragraph):
    """A paragraph with any script: its place and its box are xhtml2pdf's, its lines are ours."""

    def _brokenLines(self, _: float, width: float) -> ParaLines:  # noqa: N802 (xhtml2pdf's name)
        if getattr(self, "_set", (0,))[0] != width:
            self._set = (width, ParaLines(kind=0, lines=list(_lines(self.frags, width))))
        return self._set[1]

    def _get_split_blParaFunc(self) -> Any:  # noqa: N802
        return lambda broken, begin, end: broken.lines[begin:end]

    def drawPara(self, debug: int = 0) -> None:  # noqa: N802
        """Draw the lines within the box."""
        style = self.style
        room = self.width - self.deltaWidth - style.leftIndent - style.rightIndent
        y = self.height - getAscent(style.fontName, style.fontSize)
        for line in self.blPara.lines:
            _draw(self.canv, line, style.leftIndent, y, room)
            y -= style.leading


def _lines(frags: list[Any], width: float) -> Iterator[Line]:
    """Break the text of fragments into lines; what was split between pages comes as lines already."""
    if all(isinstance(frag, Line) for frag in frags):
        yield from frags
        return
    rows: list[list[tuple[str, Style]]] = [[]]
    for frag in frags[:-1]:  # the last one is always empty
        if hasattr(frag, "lineBreak"):
            rows.append([])
        else:
            rows[-1].append((str(frag.text), _style(frag.fontName, frag.fontSize, frag.textColor.rgb())))
    for row in rows:
        yield from lines(row, width)


@cache
def _style(font: str, size: float, colour: tuple[float, float, float]) -> Style:
    return Style(font == fonts.bold().key, size, colour)


def _draw(canvas: Any, line: Line, x: float, y: float, room: float) -> None:
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
