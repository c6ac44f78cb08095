"""Which font has a character: our own first, then those of the font packages."""

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.pdfbase.ttfonts import TTFError

from helpdesk.press.faces import Face

OWN = Path(__file__).resolve().parents[2] / "static" / "vendor" / "dejavu@2.37"
REGULAR, BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
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
