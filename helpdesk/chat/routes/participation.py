"""How an agent is in a chat: as observer or as participant."""

from flask import Response, request

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import cards, invited, participation
from helpdesk.chat.reach import chat_of, relation_to
from helpdesk.chat.routes import blueprint
from helpdesk.web import Invalid, fragment, render_partial


@blueprint.post("/chats/<public_id>/participation")
@allow("agent")
def participate(public_id: str) -> Response:
    """Join the chat, or switch, as `mode` says; answer the headers that change. A new card is fetched."""
    relation, mode = relation_to(identity(), public_id), request.form.get("mode", "")
    if mode not in participation.RIGHT_TO:
        raise Invalid("mode", "Please choose Observer or Participant.")
    participation.be(relation, mode)
    changed = [public_id, *invited.invitations_of(identity(), relation.chat)]
    headers = [cards.header(chat_of(identity(), each)) for each in changed]
    return fragment(render_partial("chat/_headers.html", headers=headers), HX_Trigger="active")
