"""The PDF of a chat: made while the person waits, and kept by nobody."""

from io import BytesIO

from flask import Response, request, send_file

from helpdesk import settings
from helpdesk.access import allow
from helpdesk.accounts import limits
from helpdesk.accounts.identity import identity
from helpdesk.chat import transcript
from helpdesk.chat.models import AGENTS
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint

HOUR_S = 3600


@blueprint.post("/chats/<public_id>/transcript")
@allow("agent")
def agent_transcript(public_id: str) -> Response:
    """Answer the agents' PDF, its times in `zone`. A POST: it is work, and counted."""
    relation = chat_of(identity(), public_id, "chat.download")
    most = settings.get("ChatEngine::TranscriptLimit")
    limits.count("transcript", identity().person_id, most, HOUR_S, "Those were many PDFs.")
    made = transcript.transcript(relation, AGENTS, request.form.get("zone", ""))
    pdf = BytesIO(transcript.printed(made))
    return send_file(pdf, "application/pdf", as_attachment=True, download_name=made.file_name)
