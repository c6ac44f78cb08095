"""A change of a chat's state: one conditional UPDATE, and whether it met what it expected."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from helpdesk.chat.models import Chat


def change(tx: Session, condition: tuple[Any, ...], *, is_for_guests: bool = True, **values: Any) -> bool:
    """Change the chat's row where `condition` still holds, and tell whether it did.

    Its version moves; the guests' one only when the guest may notice.
    """
    moved = tx.execute(
        update(Chat)
        .where(*condition)
        .values(version=Chat.version + 1, guest_version=Chat.guest_version + int(is_for_guests), **values)
        .returning(Chat.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None
