"""Which files a person may send into a chat: the settings' word, and before it the channel's own."""

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from helpdesk import files, settings
from helpdesk.chat.models import Channel
from helpdesk.chat.permissions import Forbidden, Relation
from helpdesk.web import Invalid, clean_text

SWITCHES = {"agent": "Agents", "customer": "Customers", "visitor": "Public"}


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `most_bytes` (0: no file at all), with one of these endings."""

    most_bytes: int
    endings: tuple[str, ...]

    @property
    def most_words(self) -> str:
        """The largest size for people."""
        return files.size_words(self.most_bytes)

    @property
    def accept(self) -> str:
        """What a browser's file dialog offers."""
        return ",".join(f".{ending}" for ending in self.endings)


def allowance_of(relation: Relation) -> Allowance | None:
    """Return what the person may send into the chat; None when that is nothing."""
    chat = relation.chat
    if not settings.get(f"ChatEngine::Attachment::{SWITCHES[relation.identity.kind]}"):
        return None
    most_kb, endings = chat.attachment_kb, chat.attachment_endings
    if most_kb is None:
        most_kb = settings.get("ChatEngine::Attachment::LargestSize")
    if endings is None:
        endings = settings.get("ChatEngine::Attachment::Endings")
    return Allowance(most_kb * 1024, files.endings_of(endings)) if most_kb and endings else None


def require(relation: Relation) -> Allowance:
    """Return what the person may send; raises Forbidden when that is nothing."""
    allowance = allowance_of(relation)
    if allowance is None:
        raise Forbidden("Files cannot be sent in this chat.")
    return allowance


def set_for_channel(tx: Session, channel_id: int, most_kb: int | None, endings: str | None) -> None:
    """Store a channel's own word; None leaves either to the settings. Raises Invalid."""
    if most_kb is not None and not 0 <= most_kb <= files.LARGEST_KB:
        raise Invalid("attachment_kb", f"Please enter a whole number from 0 to {files.LARGEST_KB:,}.")
    if endings is not None:
        endings = " ".join(files.endings_of(clean_text(endings, field="attachment_endings", most=500)))
        files.known_endings(endings)
    tx.execute(
        update(Channel)
        .where(Channel.id == channel_id)
        .values(attachment_kb=most_kb, attachment_endings=endings)
        .execution_options(synchronize_session=False)
    )
