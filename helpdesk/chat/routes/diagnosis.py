"""*Why can nobody chat?* for administrators."""

from flask import render_template

from helpdesk.access import allow
from helpdesk.accounts import permissions
from helpdesk.accounts.identity import identity
from helpdesk.chat import diagnosis as doctor
from helpdesk.chat.routes import blueprint
from helpdesk.web import NotFound, typed_id


@blueprint.get("/chats/diagnosis")
@allow("agent")
def diagnosis() -> str:
    """Show for each channel which agents miss which condition; there is no such page for others."""
    if not permissions.is_admin(identity().person_id):
        raise NotFound()
    page = min(typed_id("page") or 0, 10_000)
    findings, has_more = doctor.findings(page)
    return render_template("chat/diagnosis.html", findings=findings, has_more=has_more, page=page)
