"""What stands beside a chat about its customer or visitor (rows 31 and 40)."""

from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.chat import closed
from helpdesk.chat.models import TO_CUSTOMER, Chat
from helpdesk.chat.permissions import Relation, is_internal
from helpdesk.database import db
from helpdesk.web import NotFound

MOST_EARLIER = 10


@dataclass(frozen=True, slots=True)
class About:
    """What is known of one guest; `earlier` are his last closed chats that the reader may read."""

    public_id: str
    person_id: int
    started_page: str
    current_page: str
    language: str
    browser: str
    earlier: list[closed.Row]
    has_more: bool


def about(relation: Relation) -> About:
    """Return it; raises NotFound for a chat between agents."""
    if is_internal(relation):
        raise NotFound()
    chat = relation.chat
    person_id = chat.target_id if chat.direction == TO_CUSTOMER else chat.requester_id
    visit = db.session.execute(
        select(Chat.started_page, Chat.current_page, Chat.language, Chat.browser).where(Chat.id == chat.id)
    ).one()
    earlier, has_more = closed.earlier(relation, person_id, MOST_EARLIER)
    return About(chat.public_id, person_id, *visit, earlier=earlier, has_more=has_more)
