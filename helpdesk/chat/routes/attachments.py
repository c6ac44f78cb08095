"""Files: sent into a chat, and handed out, never shown. The same two functions under every door."""

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import allowances, attachments, messages
from helpdesk.chat.models import CLOSED
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint
from helpdesk.chat.routes.messages import answer, typed_audience
from helpdesk.tickets import files
from helpdesk.web import Invalid

FORM_BYTES = 16 * 1024


def mount(guests: Blueprint) -> None:
    """Mount both functions under a guests' blueprint."""
    guests.add_url_rule("/chats/<public_id>/attachments", "attach", add, methods=["POST"])
    guests.add_url_rule("/chats/<public_id>/attachments/<id:number>", "attachment", download)


@blueprint.post("/chats/<public_id>/attachments", endpoint="agent_attach")
@allow("agent", "customer", "visitor")
def add(public_id: str) -> Response:
    """Store a file, for agents only with `note`, and answer the lines behind `after`, its own included.

    Nothing is read in vain.
    """
    relation = chat_of(identity(), public_id)
    if relation.chat.state != CLOSED:
        relation.require("chat.attach")
    allowance = allowances.require(relation)
    attachments.count_attempt(relation)
    name, content = _sent(allowance.most_bytes)
    client_id = messages.client_id_of(request.form.get("client_id"))
    upload = attachments.checked(name, content, allowance)
    return answer(relation, attachments.add(relation, client_id, upload, typed_audience()))


@blueprint.get("/chats/<public_id>/attachments/<id:number>", endpoint="agent_attachment")
@allow("agent", "customer", "visitor")
def download(public_id: str, number: int) -> Response:
    """Hand out the file of the line with this number: to be kept, in no case to be shown."""
    file = attachments.content_of(chat_of(identity(), public_id), number)
    return files.handed_out(file.name, file.content)


def _sent(most_bytes: int) -> tuple[str | None, bytes]:
    """Return name and content of the file in the form; raises Invalid, TooLarge."""
    request.max_content_length = most_bytes + FORM_BYTES
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge:
        raise attachments.TooLarge(most_bytes) from None
    if file is None:
        raise Invalid("file", "Please choose a file.")
    return file.filename, file.read()
