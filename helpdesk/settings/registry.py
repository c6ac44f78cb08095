"""What settings there are: declared by the rooms at import, before any value is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from helpdesk.web import Invalid, clean_text

Kind = Literal["bool", "int", "text", "list"]

LONGEST_TEXT = 10_000
LONGEST_LIST = 1_000
LARGEST_NUMBER = 2**53 - 1


def _anything(value: Any) -> None:
    """Whatever is of the right kind will do."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting.

    `validate` gets a value of the right kind and raises Invalid with one sentence that says what is wrong.
    Values of kind "list" are tuples of text.
    """

    name: str
    kind: Kind
    default: Any
    unit: str = ""
    help: str = ""
    validate: Callable[[Any], None] = _anything


_declared: dict[str, Setting] = {}


def declare(*settings: Setting) -> None:
    """Declare settings; raises ValueError when a name is declared twice or a default is not valid itself."""
    for setting in settings:
        if setting.name in _declared:
            raise ValueError(f"The setting {setting.name} is declared twice.")
        try:
            check(setting, setting.default)
        except Invalid as invalid:
            raise ValueError(f"The default of {setting.name} is not valid: {invalid.message}") from invalid
        _declared[setting.name] = setting


def declared() -> tuple[Setting, ...]:
    """Return all declared settings, by name."""
    return tuple(sorted(_declared.values(), key=lambda setting: setting.name))


def find(name: str) -> Setting:
    """Return the setting of this name; raises KeyError with the name when nobody declared it."""
    return _declared[name]


def check(setting: Setting, value: Any) -> Any:
    """Return `value` as it is kept; raises Invalid, whose field is the setting's name."""
    kept = CHECKS[setting.kind](setting.name, value)
    try:
        setting.validate(kept)
    except Invalid as invalid:
        raise Invalid(setting.name, invalid.message) from invalid
    return kept


def between(least: int, most: int) -> Callable[[int], None]:
    """Return a validator for whole numbers from `least` to `most`."""

    def validate(value: int) -> None:
        if not least <= value <= most:
            raise Invalid("value", f"Please enter a whole number from {least:,} to {most:,}.")

    return validate


def one_of(*words: str) -> Callable[[str], None]:
    """Return a validator for one of these words."""

    def validate(value: str) -> None:
        if value not in words:
            raise Invalid("value", f"Please enter one of {', '.join(words)}.")

    return validate


def web_address(value: str) -> None:
    """Take "" or an http or https address with a host; a validator."""
    if value and not re.fullmatch(r"https?://[^\s/?#]+\S*", value):
        raise Invalid("value", "Please enter an address that begins with https:// or http://.")


def _bool(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid(name, "Please choose yes or no.")
    return value


def _int(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_NUMBER:
        raise Invalid(name, "Please enter a whole number.")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid(name, "Please enter text.")
    return clean_text(value, field=name, most=LONGEST_TEXT, is_multiline=True)


def _list(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > LONGEST_LIST:
        raise Invalid(name, f"Please enter a list of at most {LONGEST_LIST:,} lines.")
    return tuple(_text(name, item) for item in value)


CHECKS: dict[str, Callable[[str, Any], Any]] = {"bool": _bool, "int": _int, "text": _text, "list": _list}
