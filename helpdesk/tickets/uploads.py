"""Files that are sent with an article: how many, how large, and of which kinds."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from helpdesk import files, settings
from helpdesk.tickets.articles import File
from helpdesk.web import Invalid

MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form says of the files that can be sent with it; `accept` is "" where none can.

    `is_again`: some came with the form that was refused. Browsers do not keep them.
    """

    accept: str = ""
    most_bytes: int = 0
    most_files: int = MOST_FILES
    is_again: bool = False

    @property
    def words(self) -> str:
        """What fits."""
        return f"At most {self.most_files} files, {files.size_words(self.most_bytes)} in all."


def offer(sent: Iterable[FileStorage] = ()) -> Offer:
    """Return what can be sent; `sent` are the files that came with the form."""
    accept = ",".join(f".{ending}" for ending in endings()) if most_bytes() else ""
    return Offer(accept, most_bytes(), is_again=any(file.filename for file in sent))


def most_bytes() -> int:
    """Return how large the files of one article may be together; 0: there can be none."""
    return int(settings.get("Ticket::Attachment::LargestSize")) * 1024


def endings() -> tuple[str, ...]:
    """Return which files can be sent."""
    return files.endings_of(settings.get("Ticket::Attachment::Endings"))


def checked(sent: Iterable[FileStorage]) -> Sequence[File]:
    """Return the files of a form, by name and content; raises Invalid (field "files")."""
    read = [(file.filename, _read(file)) for file in sent]
    found = [_checked(name, content) for name, content in read if name or content]
    if len(found) > MOST_FILES:
        raise Invalid("files", f"Please send at most {MOST_FILES} files at once.")
    if sum(len(file.content) for file in found) > most_bytes():
        raise Invalid("files", f"These files are too large: at most {files.size_words(most_bytes())} in all.")
    return found


def _read(file: FileStorage) -> bytes:
    with closing(file):
        return bytes(file.read())


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
