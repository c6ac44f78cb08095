"""The monitoring circle of one card."""

from flask import request
from markupsafe import Markup

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import cards
from helpdesk.chat import monitoring as circle
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint
from helpdesk.web import Invalid, render_partial


@blueprint.post("/chats/<public_id>/monitoring")
@allow("agent")
def monitoring(public_id: str) -> Markup:
    """Go to the `next` position or to the named one, and answer the header."""
    relation = chat_of(identity(), public_id, "chat.monitor")
    wanted = request.form.get("to", "next")
    if wanted not in ("next", "0", "1", "2"):
        raise Invalid("to", "There is no such position.")
    if wanted == "next":
        circle.step(relation)
    else:
        circle.set_to(relation, int(wanted))
    return render_partial("chat/_header.html", header=cards.header(chat_of(identity(), public_id)))
