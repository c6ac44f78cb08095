"""The agent's availability, and what is amiss with it."""

from flask import Response, request
from markupsafe import Markup

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import availability as positions
from helpdesk.chat import desk
from helpdesk.chat.routes import blueprint
from helpdesk.database import transaction
from helpdesk.web import Invalid, fragment, render_partial


@blueprint.route("/availability", methods=["GET", "POST"])
@allow("agent")
def availability() -> Markup:
    """Answer the availability button; a POST goes to the `next` position or to the named one first."""
    if request.method == "POST":
        wanted = request.form.get("to", "next")
        if wanted not in ("next", "0", "1", "2"):
            raise Invalid("to", "There is no such position.")
        with transaction() as tx:
            if wanted == "next":
                positions.step(tx, identity().person_id)
            else:
                positions.set_to(tx, identity().person_id, int(wanted))
    return render_partial("chat/_availability.html", availability=positions.current(identity().person_id))


@blueprint.route("/chats/notice", methods=["GET", "POST"])
@allow("agent")
def notice() -> Response:
    """Answer why customers cannot reach this agent; a POST mends it first."""
    if request.method == "POST":
        with transaction() as tx:
            positions.mend(tx, identity().person_id)
    return fragment(desk.notice(desk.own(), positions.current(identity().person_id)))
