"""The customer user's own chats that are over, with what was said."""

from flask import Blueprint, render_template
from sqlalchemy import or_

from helpdesk.access import allow
from helpdesk.accounts.identity import Identity, identity
from helpdesk.chat import lines
from helpdesk.chat.models import CLOSED, EVERYONE, Chat
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reach import OF_GUEST, chat_of, relation_of
from helpdesk.chat.routes import gate
from helpdesk.database import db
from helpdesk.external.ticket_lists import MOST_PAGES, PAGE
from helpdesk.web import NotFound, typed_id

blueprint = Blueprint("own_chats", __name__, url_prefix="/external")
blueprint.before_request(gate)


@blueprint.get("/chats")
@allow("customer")
def closed_list() -> str:
    """Show the closed chats, newest first."""
    page = min(max(typed_id("page") or 1, 1), MOST_PAGES)
    rows, has_more = closed_chats(identity(), page)
    older, newer = (page + 1 if has_more else 0), page - 1
    return _page("external/chats.html", rows=rows, older=older, newer=newer)


@blueprint.get("/chats/<public_id>")
@allow("customer")
def chat(public_id: str) -> str:
    """Show what was said in a closed chat, from `after` on."""
    relation = chat_of(identity(), public_id)
    if relation.chat.state != CLOSED:
        raise NotFound()
    found, has_more = lines.after(relation.chat, EVERYONE, typed_id("after") or 0)
    return _page("external/chat.html", chat=relation.chat, lines=found, has_more=has_more)


def closed_chats(who: Identity, page: int) -> tuple[list[Relation], bool]:
    """Return one page of his closed chats, and whether more follow."""
    is_read = or_(Chat.requester_id == who.person_id, Chat.accepted_at.is_not(None))
    statement = OF_GUEST.where(Chat.state == CLOSED, is_read).order_by(Chat.id.desc())
    rows = db.session.execute(statement.offset((page - 1) * PAGE).limit(PAGE + 1), {"me": who.person_id})
    found = [relation_of(who, row) for row in rows]
    return found[:PAGE], len(found) > PAGE and page < MOST_PAGES


def _page(template: str, **values: object) -> str:
    return render_template(template, base="/external/window", is_chat_active=True, **values)
