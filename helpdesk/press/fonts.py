"""Which font has a character: our own first, then those of the font packages."""

import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase.ttfonts import TTFError

from helpdesk.press.faces import Face

OWN = Path(__file__).resolve().parents[2] / "static" / "vendor" / "dejavu@2.37"
FAMILY = "dejavu"
REGULAR, BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
# Latin, Greek, Cyrillic, Armenian, punctuation: a character is a glyph, and the next stands behind it.
PLAIN = re.compile(
    "[\u0020-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u1fff\u2010-\u2026\u20a0-\u20bf]+"
)
# Where one of these is not installed, its characters are printed as U+XXXX.
EMOJI = ("manimgx_fonts", "NotoEmoji*.ttf")
CJK = ("paperang_p2_fonts_cjk", "fonts/*.ttc")
SCRIPTS = ("manimgx_fonts", "NotoSans[!-]*.ttf")


@cache
def regular() -> Face:
    """Return the face of plain text; raises FileNotFoundError where the installation is broken."""
    return _own(REGULAR)


@cache
def bold() -> Face:
    """Return the face of names and headings; raises FileNotFoundError too."""
    return _own(BOLD)


@cache
def family() -> str:
    """Make both known to xhtml2pdf as one family, and return its name."""
    addMapping(FAMILY, 0, 0, regular().key)
    addMapping(FAMILY, 1, 0, bold().key)
    return FAMILY


def is_plain(text: str) -> bool:
    """Tell whether both have all of a text, each character with a glyph of its own beside the last."""
    return _plain().issuperset(text)


def face_for(character: str, wanted: Face, is_emoji: bool = False) -> Face | None:
    """Return the first face that has the character, `wanted` before all others; None when there is none."""
    return _face_for(character, f"{wanted.key}.ttf", is_emoji or ord(character) >= 0x1F000)


def is_ignorable(character: str) -> bool:
    """Tell whether a character is never seen itself: joiners, selectors, directional and other controls."""
    return is_selector(character) or unicodedata.category(character) in ("Cf", "Cc")


def is_selector(character: str) -> bool:
    """Tell whether this only chooses how the character before it looks."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0020" <= character <= "\U000e01ef"


def forget() -> None:
    """Forget what one document needed; the fonts that were read stay."""
    _face_for.cache_clear()
    for known in _opened.values():
        if known is not None:
            known.forget()


@cache
def _plain() -> frozenset[str]:
    return frozenset(
        c for c in map(chr, range(0x10000)) if PLAIN.match(c) and regular().has(c) and bold().has(c)
    )


_opened: dict[Path, Face | None] = {}


@cache
def _face_for(character: str, wanted: str, is_emoji: bool) -> Face | None:
    ours, emoji = [OWN / wanted, OWN / REGULAR], _installed(*EMOJI)
    others = [*emoji, *_installed(*CJK), *_installed(*SCRIPTS)]
    for path in [*emoji, *ours, *others] if is_emoji else [*ours, *others]:
        found = _face(path)
        if found is not None and found.has(character):
            return found
    return None


def _face(path: Path) -> Face | None:
    """Return the font of a file, read once; None for one that cannot be used."""
    if path not in _opened:
        try:
            _opened[path] = Face(path)
        except (TTFError, OSError):
            _opened[path] = None
    return _opened[path]


def _own(name: str) -> Face:
    found = _face(OWN / name)
    if found is None:
        raise FileNotFoundError(OWN / name)
    return found


@cache
def _installed(package: str, pattern: str) -> list[Path]:
    """The fonts of a package, which is not imported."""
    spec = find_spec(package)
    places = (spec and spec.submodule_search_locations) or ()
    return sorted(path for place in places for path in Path(place).glob(pattern) if "Italic" not in path.name)
