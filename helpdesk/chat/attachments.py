"""Files in a chat: stored with the line that tells of them, handed out to who may read that line."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import and_, func, insert, select

from helpdesk import files, settings
from helpdesk.accounts import limits
from helpdesk.chat import messages
from helpdesk.chat.allowances import Allowance
from helpdesk.chat.models import CLOSED, EVERYONE, Attachment, Message
from helpdesk.chat.permissions import Relation
from helpdesk.database import CoreTransaction, db
from helpdesk.web import Invalid, NotFound, Refusal

WINDOW_S = 60


class TooLarge(Refusal):
    """More than the channel takes."""

    status = 413

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"This file is too large: at most {files.size_words(most_bytes)} can be sent here.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be stored: its name is clean, and its content is what the name's ending says."""

    name: str
    content: bytes


def count_attempt(relation: Relation) -> None:
    """Count a file that somebody wants to send, before it is read. Commits; raises TooMany."""
    most = settings.get("ChatEngine::Attachment::PerMinute")
    limits.count("chat.attach", relation.identity.person_id, most, WINDOW_S, "You have sent many files.")


def checked(raw_name: str | None, content: bytes, allowance: Allowance) -> Upload:
    """Return what may be stored; raises TooLarge, or Invalid with what is wrong with the file."""
    if len(content) > allowance.most_bytes:
        raise TooLarge(allowance.most_bytes)
    name = files.clean_file_name(raw_name)
    ending = files.ending_of(name)
    if ending not in allowance.endings:
        words = ", ".join(allowance.endings)
        raise Invalid("file", f"Files of this type cannot be sent here. These can: {words}.")
    if not content:
        raise Invalid("file", "This file is empty.")
    if not files.is_what_it_says(ending, content):
        raise Invalid("file", f"What is in this file is not {ending}, as its name says.")
    return Upload(name, content)


def add(
    relation: Relation, client_id: str, upload: Upload, audience: str = EVERYONE
) -> messages.Written | None:
    """Store a file and its line, announce and return the line; None when it was stored before.

    Commits. Raises ChatClosed, Forbidden, TooMany, or Invalid when the chat holds enough of them.
    """
    if relation.chat.state != CLOSED:
        relation.require("chat.attach")
    return messages.post(
        relation,
        upload.name,
        client_id,
        audience=audience,
        kind="file",
        params={"type": files.ending_of(upload.name), "size_bytes": len(upload.content)},
        beside=partial(_store, relation.chat.id, upload.content),
    )


def content_of(relation: Relation, number: int) -> Upload:
    """Return the file of the line that has this number for the reader; raises NotFound."""
    shown = Message.seq if relation.identity.is_agent else Message.guest_seq
    is_its = and_(Attachment.chat_id == Message.chat_id, Attachment.seq == Message.seq)
    found = db.session.execute(
        select(Message.text, Attachment.content)
        .join(Attachment, is_its)
        .where(Message.chat_id == relation.chat.id, shown == number)
    ).first()
    if found is None:
        raise NotFound()
    return Upload(found.text, found.content)


def _store(chat_id: int, content: bytes, tx: CoreTransaction, line: messages.Written) -> None:
    """The chat's row is locked by its line: of two files at the limit one is refused."""
    of_chat = select(func.count()).select_from(Attachment).where(Attachment.chat_id == chat_id)
    most = settings.get("ChatEngine::Attachment::PerChat")
    if tx.connection().execute(of_chat).scalar_one() >= most:
        raise Invalid("file", f"This chat holds {most:,} files already, and takes no more.")
    tx.connection().execute(insert(Attachment), {"chat_id": chat_id, "seq": line.seq, "content": content})
