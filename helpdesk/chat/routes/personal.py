"""What an agent sets for himself: availability and My Chat Channels."""

from flask import Response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import availability as positions
from helpdesk.chat import channels, desk
from helpdesk.chat.routes import as_id, blueprint
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


@blueprint.route("/preferences", methods=["GET", "POST"])
@allow("agent")
def preferences() -> str | AnyResponse:
    """Show and store Personal Preferences."""
    if request.method == "POST":
        wanted = [number for each in request.form.getlist("channel") if (number := as_id(each))]
        with transaction() as tx:
            channels.choose(tx, identity().person_id, wanted)
        return redirect(url_for("chat.preferences", saved=1), 303)
    return render_template(
        "chat/preferences.html",
        choices=channels.choices_of(identity().person_id),
        is_saved="saved" in request.args,
    )
