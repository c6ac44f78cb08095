"""About this customer: what the agents of a chat see of its guest."""

from markupsafe import Markup

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import about as facts
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint
from helpdesk.web import render_partial


@blueprint.get("/chats/<public_id>/about")
@allow("agent")
def about(public_id: str) -> Markup:
    """Answer what is known of the guest of a chat, and his earlier chats."""
    return render_partial("chat/_about.html", about=facts.about(chat_of(identity(), public_id)))
