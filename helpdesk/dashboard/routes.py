"""The start page and its widgets."""

from flask import Response, render_template, request
from markupsafe import Markup

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import people as everybody
from helpdesk.dashboard import blueprint
from helpdesk.tickets import lists, menu
from helpdesk.web import clean_text, render_partial, typed_id, versioned


@blueprint.get("/agent/")
@allow("agent")
def home() -> str:
    """Show the dashboard."""
    found = everybody.logged_in(identity(), "agents", "", everybody.PAGE)
    tickets = lists.widgets(identity()) if menu.of(identity()).may_read_tickets else []
    return render_template("dashboard/page.html", people=_shown(found), tickets=tickets, kinds=lists.KINDS)


@blueprint.get("/agent/people")
@allow("agent")
def people() -> Response:
    """Answer a tab of Logged-In Users; it stays, without icons, while chat is off."""
    tab = request.args.get("tab", "")
    words = clean_text(request.args.get("words"), field="words", most=everybody.LONGEST_WORDS)
    most = min(max(typed_id("most") or 0, everybody.PAGE), everybody.MOST_PEOPLE)
    found = everybody.logged_in(identity(), tab if tab in everybody.TABS else "agents", words, most)
    return versioned(found.etag, lambda: _shown(found))


def _shown(found: everybody.LoggedIn) -> Markup:
    return render_partial("dashboard/_people.html", found=found, page=everybody.PAGE)
