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
def availability() -> Response:
    """Answer the availability button; a POST goes to the `next` position or to the named one first."""
    if request.method != "POST":
        return fragment(_button(_position()))
    wanted = request.form.get("to", "next")
    if wanted not in ("next", "0", "1", "2"):
        raise Invalid("to", "There is no such position.")
    with transaction() as tx:
        if wanted == "next":
            positions.step(tx, identity().person_id)
        else:
            positions.set_to(tx, identity().person_id, int(wanted))
    position = _position()
    return fragment(_button(position), _beside("#notice", _notice(position)))


@blueprint.route("/chats/notice", methods=["GET", "POST"])
@allow("agent")
def notice() -> Response:
    """Answer why customers cannot reach this agent; a POST mends it first."""
    if request.method != "POST":
        return fragment(_notice(_position()))
    with transaction() as tx:
        positions.mend(tx, identity().person_id)
    position = _position()
    return fragment(_notice(position), _beside("#availability", _button(position)))


def _position() -> int:
    return positions.current(identity().person_id)


def _button(position: int) -> Markup:
    return render_partial("chat/_availability.html", availability=position)


def _notice(position: int) -> Markup:
    return desk.notice(desk.own(), position)


def _beside(target: str, content: Markup) -> Markup:
    """What is pushed may come before a page that was just fetched can hear it."""
    return render_partial("chat/_beside.html", target=target, content=content)
