"""Files as they come in: a clean name, an ending that is known, and content that is what the ending says.

Content is looked at, never decoded, unpacked or run.
"""

import codecs
import re
from functools import cache
from typing import Any

from helpdesk.web import MARKS, Invalid, clean_text

LONGEST_NAME = 255
LARGEST_KB = 25 * 1024
READ_AS_TEXT = frozenset({"txt", "log", "csv", "md", "json"})
# What the signatures of a file say, by the ending it comes with.
_AS_NAMED = "png gif webp bmp pdf zip gz 7z rar docx xlsx pptx odt odp doc xls ppt mp4 wav ogg webm"
SIGNATURES = {
    **{ending: {f".{ending}"} for ending in _AS_NAMED.split()},
    "jpg": {".jpg"},
    "jpeg": {".jpg"},
    "heic": {".heic", ".heif"},
    "ods": {".ods", ".odt"},
    "tif": {".tif"},
    "tiff": {".tif"},
}
KNOWN = frozenset({*READ_AS_TEXT, *SIGNATURES})
# What a path or a header would take for its own, and what some systems cannot have in a name.
_TRICKS = re.compile(r'[<>:"|?*;\\/]')
_BINARY = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def clean_file_name(raw: str | None) -> str:
    """Return a file's own name: no path, no control or directional characters, nothing a header would read.

    Raises Invalid when it is over-long.
    """
    last = re.split(r"[/\\]", raw or "")[-1]
    name = MARKS.sub(r"\1", clean_text(last, field="file", most=LONGEST_NAME))
    return _TRICKS.sub("_", name).strip(" .") or "file"


def ending_of(name: str) -> str:
    """Return what stands behind the last dot, in small letters; "" when there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def endings_of(text: str) -> tuple[str, ...]:
    """Return the endings in a text with spaces between them."""
    words = text.lower().replace(",", " ").split()
    return tuple(dict.fromkeys(word.lstrip(".") for word in words))


def known_endings(text: str) -> None:
    """Take endings whose content can be told; a validator."""
    unknown = [ending for ending in endings_of(text) if ending not in KNOWN]
    if unknown:
        raise Invalid("value", f"{unknown[0]} is not one of {' '.join(sorted(KNOWN))}.")


def is_what_it_says(ending: str, content: bytes) -> bool:
    """Tell whether content is of the kind its name's ending promises; what is not known is not."""
    if ending in READ_AS_TEXT:
        return _is_text(content)
    return ending in SIGNATURES and not SIGNATURES[ending].isdisjoint(_endings_by_content(content))


def size_words(size_bytes: int) -> str:
    """Return a size for people; 1 kB is 1,024 bytes."""
    if size_bytes < 1024:
        return f"{size_bytes} byte{'s' * (size_bytes != 1)}"
    if size_bytes < 1024 * 1024:
        return f"{size_bytes / 1024:.0f} kB"
    return f"{size_bytes / 1024 / 1024:.1f} MB".replace(".0 ", " ")


def _is_text(content: bytes) -> bool:
    """UTF-8, or UTF-16 with its mark, or the Western European of older systems."""
    has_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if has_mark else ("utf-8", "cp1252"):
        try:
            return not _BINARY.search(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return False


def _endings_by_content(content: bytes) -> set[str]:
    """What stands at the end of a file proves nothing: anything can be put there."""
    magic = _magic()
    try:
        return {match.extension for match in magic.magic_string(content) if match.offset >= 0}
    except (magic.PureError, ValueError):
        return set()


@cache
def _magic() -> Any:
    """A thousand signatures are read when the first file comes."""
    import puremagic

    return puremagic
