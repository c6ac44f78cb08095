"""Files that are sent with an article: how many, how large, and of which kinds."""

from collections.abc import Iterable, Sequence

from helpdesk import files, settings
from helpdesk.tickets.articles import File
from helpdesk.web import Invalid, Refusal

MOST_FILES = 10


class TooLarge(Refusal):
    """More than an article takes."""

    status = 413

    def __init__(self) -> None:
        super().__init__(f"These files are too large: at most {files.size_words(most_bytes())} in all.")


def most_bytes() -> int:
    """Return how large the files of one article may be together; 0: there can be none."""
    return int(settings.get("Ticket::Attachment::LargestSize")) * 1024


def endings() -> tuple[str, ...]:
    """Return which files can be sent."""
    return files.endings_of(settings.get("Ticket::Attachment::Endings"))


def accept() -> str:
    """Return what a browser's file dialog offers; "" where no file can be sent."""
    return ",".join(f".{ending}" for ending in endings()) if most_bytes() else ""


def checked(sent: Iterable[tuple[str | None, bytes]]) -> Sequence[File]:
    """Return the files of a form, by name and content; raises TooLarge, or Invalid (field "files")."""
    found = [_checked(name, content) for name, content in sent if name or content]
    if len(found) > MOST_FILES:
        raise Invalid("files", f"Please send at most {MOST_FILES} files at once.")
    if sum(len(file.content) for file in found) > most_bytes():
        raise TooLarge()
    return found


def _checked(raw_name: str | None, content: bytes) -> File:
    try:
        name = files.clean_file_name(raw_name)
    except Invalid as invalid:
        raise Invalid("files", invalid.message) from None
    ending = files.ending_of(name)
    if ending not in endings():
        raise Invalid("files", f"{name} is of a type that cannot be sent. These can: {', '.join(endings())}.")
    if not content:
        raise Invalid("files", f"{name} is empty.")
    if not files.is_what_it_says(ending, content):
        raise Invalid("files", f"What is in {name} is not {ending}, as its name says.")
    return File(name, ending, content)
