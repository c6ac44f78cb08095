"""A font file: its glyphs as HarfBuzz shapes them, and its part of a PDF as reportlab writes it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uharfbuzz
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont
from xhtml2pdf.bidi import mirrored

PRIVATE = 0xF0000  # codes for glyphs that no character has alone
# Drawn as one, and read as one: a reader that turns a line around would turn the two letters as well.
LIGATURES = {
    "\u0644\u0627": "\ufefb",
    "\u0644\u0622": "\ufef5",
    "\u0644\u0623": "\ufef7",
    "\u0644\u0625": "\ufef9",
}
FEATURES = {"kern": False}  # evenly set text is written as whole words, and read back as such
Place = tuple[float, float, float]  # advance, x and y offset, in thousandths of the size


@dataclass(frozen=True, slots=True)
class Shaped:
    """Glyphs from left to right, one for each code; without `places` each just follows the last.

    `width` is in thousandths of the size.
    """

    codes: str
    width: float
    places: tuple[Place, ...]


class _Font(TTFont):
    """Tells readers which text a glyph stands for: reportlab's table knows neither emoji nor ligatures."""

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name, str(path))
        self.meanings: dict[int, str] = {}

    def addObjects(self, doc: Any) -> None:  # noqa: N802 (reportlab's name)
        subsets = self.state[doc].subsets
        super().addObjects(doc)
        for number, subset in enumerate(subsets):
            name = (SUBSETN(number) + b"+" + self.face.name + self.face.subfontNameX).decode()
            stream = doc.idToObject[f"toUnicodeCMap:{name}"]
            stream.content = _to_unicode(name, [self._meaning(code) for code in subset])

    def _meaning(self, code: int) -> str:
        return self.meanings.get(code) or (chr(code) if code else "\ufffd")


class Face:
    """One font file. `key` names it in a document."""

    def __init__(self, path: Path) -> None:
        self.key = path.stem.partition("[")[0]
        self.font = _Font(self.key, path)
        pdfmetrics.registerFont(self.font)
        self._codes: dict[tuple[int, str], int] = {}
        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), 0)
        self._thousandth = 1000 / face.upem
        self._shaper = uharfbuzz.Font(face)
        self._shaped: dict[tuple[str, bool], Shaped] = {}

    def has(self, character: str) -> bool:
        """Tell whether the font draws this character."""
        return ord(character) in self.font.face.charToGlyph

    def shape(self, text: str, is_rtl: bool) -> Shaped:
        """Return the glyphs of `text`, all of one script."""
        key = (text, is_rtl)
        if key not in self._shaped:
            self._shaped[key] = self._shape(text, is_rtl)
        return self._shaped[key]

    def simple(self, text: str) -> Shaped | None:
        """Return the glyphs of text that needs no shaping; None where the font lacks a character."""
        glyphs, widths = self.font.face.charToGlyph, self.font.face.charWidths
        codes = [ord(character) for character in text]
        if not all(code in glyphs for code in codes):
            return None
        return Shaped(text, sum(widths[code] for code in codes), ())

    def forget(self) -> None:
        """Forget what one document needed."""
        glyphs, widths = self.font.face.charToGlyph, self.font.face.charWidths
        for code in self._codes.values():
            del glyphs[code], widths[code]
        self._codes.clear()
        self._shaped.clear()
        self.font.meanings.clear()

    def _shape(self, text: str, is_rtl: bool) -> Shaped:
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if is_rtl else "ltr"
        uharfbuzz.shape(self._shaper, buffer, FEATURES)
        starts = sorted({info.cluster for info in buffer.glyph_infos}) + [len(text)]
        ends = dict(zip(starts, starts[1:], strict=False))
        codes, places, told = [], [], set()
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            meaning = "" if info.cluster in told else text[info.cluster : ends[info.cluster]]
            told.add(info.cluster)
            codes.append(self._code(info.codepoint, meaning, at.x_advance))
            places.append(tuple(part * self._thousandth for part in (at.x_advance, at.x_offset, at.y_offset)))
        width = sum(place[0] for place in places)
        is_even = all(map(self._follows, codes, places))
        return Shaped("".join(map(chr, codes)), width, () if is_even else tuple(places))

    def _follows(self, code: int, place: Place) -> bool:
        advance, right, up = place
        return not right and not up and abs(self.font.face.charWidths.get(code, 0) - advance) < 0.5

    def _code(self, glyph: int, meaning: str, advance: int) -> int:
        """A glyph that a character has alone goes by that character; any other gets a code of its own."""
        face = self.font.face
        if len(meaning) == 1:
            for character in (meaning, mirrored(meaning, 1)):
                if face.charToGlyph.get(ord(character)) == glyph:
                    return ord(character)
        code = self._codes.get((glyph, meaning))
        if code is None:
            code = PRIVATE + len(self._codes)
            self._codes[glyph, meaning] = code
            face.charToGlyph[code] = glyph
            face.charWidths[code] = advance * self._thousandth
            self.font.meanings[code] = LIGATURES.get(meaning, meaning) or "\u200b"
        return code


def _to_unicode(name: str, meanings: list[str]) -> str:
    entries = [
        f"<{number:02X}> <{meaning.encode('utf-16-be').hex().upper()}>"
        for number, meaning in enumerate(meanings)
    ]
    parts = [
        f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar"
        for part in (entries[start : start + 100] for start in range(0, len(entries), 100))
    ]
    return "\n".join(
        (
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            f"/CMapName /{name} def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<00> <FF>",
            "endcodespacerange",
            *parts,
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        )
    )
