"""Overviews: how many chats run in each channel, and which."""

from flask import Response, render_template, request
from markupsafe import Markup

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import desk, running
from helpdesk.chat.permissions import Forbidden
from helpdesk.chat.reach import PUBLIC_ID
from helpdesk.chat.routes import blueprint
from helpdesk.web import NotFound, is_htmx, path, render_partial, typed_id, versioned


@blueprint.get("/chats/sidebar")
@allow("agent")
def sidebar() -> Response:
    """Answer the number of chats that run in each of the agent's channels; 304 while it is the same."""
    view = desk.own()
    return versioned(view.counts_etag, lambda: sidebar_of(view))


@blueprint.get("/chats/running")
@allow("agent")
def running_list() -> str | Response:
    """Show the chats that run in `channel`, or in all channels of the agent; a poll gets the list alone."""
    channels = desk.own().choices
    if not channels:
        raise Forbidden("You have no level on any chat channel.")
    channel_id = (typed_id("channel") or 0) if "channel" in request.args else None
    shown = [row.id for row in channels if channel_id in (None, row.id)]
    if not shown:
        raise NotFound()
    after = request.args.get("after", "") if PUBLIC_ID.fullmatch(request.args.get("after", "")) else ""
    page = running.page(identity(), shown, after)
    if is_htmx():
        return versioned(page.etag, lambda: _running(page, channel_id, after))
    return render_template(
        "chat/running.html", channels=channels, channel_id=channel_id, list=_running(page, channel_id, after)
    )


def sidebar_of(view: desk.Desk) -> Markup:
    """Render the numbers of running chats."""
    return render_partial("chat/_sidebar.html", counts=view.counts, etag=view.counts_etag)


def _running(page: running.Page, channel_id: int | None, after: str) -> Markup:
    named = {"channel": channel_id} if channel_id else {}
    here = path("chat.running_list", **named, **({"after": after} if after else {}))
    following = path("chat.running_list", **named, after=page.next_key) if page.next_key else ""
    return render_partial("chat/_running.html", page=page, here=here, following=following)
