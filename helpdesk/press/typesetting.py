"""Lines: a paragraph cut into pieces of one font and one direction, and broken where the line is full."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from helpdesk.press import fonts, levels
from helpdesk.press.faces import Face, Shaped

# Ideographs, kana and Hangul may be parted anywhere, but not from the closing marks behind them.
WIDE = "\u2e80-\u2fff\u3003-\u3007\u3021-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
CLOSING = "\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff1a\uff1b\u300d\u300f\uff09\u3011\u30fc"
UNIT_LENGTH = 32  # longer than any that is meant; readers refuse much longer ones
TOKEN = re.compile(f"\\s+|[{WIDE}][{CLOSING}]*|[^\\s{WIDE}]+")


@dataclass(frozen=True, slots=True)
class Style:
    """How a span looks; `size` in points, `colour` as red, green, blue from 0 to 1."""

    is_bold: bool = False
    size: float = 9.5
    colour: tuple[float, float, float] = (0.1, 0.1, 0.12)


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one style, font and direction."""

    style: Style
    face: Face
    level: int
    shaped: Shaped

    @property
    def width(self) -> float:
        """In points."""
        return self.shaped.width * self.style.size / 1000


@dataclass(slots=True)
class Line:
    """One line of a paragraph; `pieces` in the order they were written."""

    base: int
    pieces: list[Piece] = field(default_factory=list)

    @property
    def width(self) -> float:
        """In points."""
        return sum(piece.width for piece in self.pieces)

    def from_left(self) -> list[Piece]:
        """Return the pieces as they stand."""
        return levels.visual([(piece.level, piece) for piece in self.pieces])


@dataclass(frozen=True, slots=True)
class Unit:
    """A character, with what follows it inseparably; `face` is None where no font has it."""

    text: str
    style: Style
    face: Face | None
    level: int

    def goes_with(self, other: "Unit") -> bool:
        """Tell whether both can be one piece."""
        is_one = self.face is not None and self.face is other.face and len(self.text) < UNIT_LENGTH
        return is_one and self.level == other.level and self.style == other.style


def lines(spans: list[tuple[str, Style]], width: float) -> list[Line]:
    """Return a paragraph without line breaks, broken into lines of at most `width` points."""
    text = "".join(part for part, _ in spans)
    styles = [style for part, style in spans for _ in part]
    base, embedding = levels.levels_of(text)
    line, room = Line(base), width
    found = [line]
    for match in TOKEN.finditer(text):
        for pieces in _parts(match, styles, embedding, width):
            wide = sum(piece.width for piece in pieces)
            if wide > room and line.pieces:
                line, room = Line(base), width
                found.append(line)
                if match[0].isspace():
                    break
            line.pieces += pieces
            room -= wide
    return found


def _parts(
    match: re.Match[str], styles: list[Style], embedding: list[int], width: float
) -> Iterator[list[Piece]]:
    """Yield a word; one that is wider than a line in parts."""
    begin, end = match.span()
    style = styles[begin]
    if not embedding[begin] and styles[end - 1] is style and fonts.is_plain(match[0]):
        shaped = _face(style).simple(match[0])
        piece = shaped and Piece(style, _face(style), 0, shaped)
        if piece and piece.width <= width and not any(embedding[begin:end]):
            yield [piece]
            return
    yield from _fitting(_units(match.string, styles, embedding, begin, end), width)


def _fitting(units: list[Unit], width: float) -> Iterator[list[Piece]]:
    pieces = _pieces(units)
    if sum(piece.width for piece in pieces) <= width:
        yield pieces
        return
    begin, room = 0, width
    for number, unit in enumerate(units):
        wide = _piece([unit]).width  # a letter alone is at least about as wide as among others
        if wide > room and number > begin:
            yield _pieces(units[begin:number])
            begin, room = number, width
        room -= wide
    yield _pieces(units[begin:])


def _pieces(units: list[Unit]) -> list[Piece]:
    pieces: list[Piece] = []
    begin = 0
    for end in range(1, len(units) + 1):
        if end == len(units) or not units[end - 1].goes_with(units[end]):
            pieces.append(_piece(units[begin:end]))
            begin = end
    return pieces


def _piece(units: list[Unit]) -> Piece:
    """What no font has is named by its number: nothing that was written is left out, or a mere box."""
    first, text = units[0], "".join(unit.text for unit in units)
    if first.face is not None:
        return Piece(first.style, first.face, first.level, first.face.shape(text, bool(first.level % 2)))
    shaped = fonts.regular().shape(f"U+{ord(text[0]):04X}", False)
    return Piece(first.style, fonts.regular(), first.level, shaped)


def _units(text: str, styles: list[Style], embedding: list[int], begin: int, end: int) -> list[Unit]:
    """Cut a word wherever it may be cut, and find the font of each part."""
    units: list[Unit] = []
    for number in range(begin, end):
        character = " " if text[number].isspace() else text[number]
        if units and _goes_on(units[-1], character):
            units[-1] = replace(units[-1], text=units[-1].text + character)
        elif not fonts.is_ignorable(character):
            style, is_emoji = styles[number], text[number + 1 : number + 2] == "\ufe0f"
            face = fonts.face_for(character, _face(style), is_emoji)
            units.append(Unit(character, style, face, embedding[number]))
    return units


def _face(style: Style) -> Face:
    return fonts.bold() if style.is_bold else fonts.regular()


def _goes_on(unit: Unit, character: str) -> bool:
    """Whether this belongs to what is before it: accents, joined emoji, skin tones, half a flag."""
    if len(unit.text) >= UNIT_LENGTH:
        return False
    if fonts.is_ignorable(character):
        return True
    if unit.face is None or not unit.face.has(character):
        return False
    if _is_flag(character):
        return len(unit.text) == 1 and _is_flag(unit.text)
    is_joined = unit.text[-1] == "\u200d" or _is_tone(character)
    return is_joined or unicodedata.category(character)[0] == "M"


def _is_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
