"""The PDF of a chat: made while the person waits, and kept by nobody."""

from io import BytesIO

from flask import Blueprint, Response, request, send_file

from helpdesk import settings
from helpdesk.access import allow
from helpdesk.accounts import limits
from helpdesk.accounts.identity import identity
from helpdesk.chat import transcript
from helpdesk.chat.models import AGENTS, EVERYONE
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint

HOUR_S = 3600


def mount(guests: Blueprint) -> None:
    """Mount it under a guests' blueprint."""
    guests.add_url_rule("/chats/<public_id>/transcript", "transcript", answer, methods=["POST"])


@blueprint.post("/chats/<public_id>/transcript", endpoint="agent_transcript")
@allow("agent", "customer", "visitor")
def answer(public_id: str) -> Response:
    """Answer the PDF for agents or for guests, its times in `zone`. A POST: it is work, and counted."""
    relation = chat_of(identity(), public_id, "chat.download")
    most = settings.get("ChatEngine::TranscriptLimit")
    limits.count("transcript", identity().person_id, most, HOUR_S, "Those were many PDFs.")
    audience = AGENTS if relation.identity.is_agent else EVERYONE
    made = transcript.transcript(relation, audience, request.form.get("zone", ""))
    pdf = BytesIO(transcript.printed(made))
    return send_file(pdf, "application/pdf", as_attachment=True, download_name=made.file_name)
