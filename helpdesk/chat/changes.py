"""A change of a chat's state: one conditional UPDATE, and whether it met what it expected."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from helpdesk.chat.models import Chat


def change(tx: Session, condition: tuple[Any, ...], **values: Any) -> bool:
    """Change the chat's row where `condition` still holds; both versions move. Tells whether it did."""
    moved = tx.execute(
        update(Chat)
        .where(*condition)
        .values(version=Chat.version + 1, guest_version=Chat.guest_version + 1, **values)
        .returning(Chat.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None
