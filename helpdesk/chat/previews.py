"""The preview of a request: what an agent sees before he accepts it."""

from dataclasses import dataclass

from helpdesk.chat import cards, channels, circles, lines
from helpdesk.chat.models import AGENTS, REQUEST
from helpdesk.chat.permissions import Relation
from helpdesk.chat.reasons import REASONS
from helpdesk.chat.requests import AlreadyTaken
from helpdesk.database import db
from helpdesk.web import Refusal


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything in the dialog; `reason` says why the agent may not accept, `taken_by` who was faster."""

    public_id: str
    requester_name: str
    kind_letter: str
    company_name: str
    circle: circles.Circle
    lines: list[lines.Line]
    channels: list[tuple[int, str]]
    channel_id: int
    channel_name: str
    may_accept: bool
    may_decline: bool
    reason: str
    taken_by: str
    is_personal: bool
    alert: str


def preview(relation: Relation, problem: Refusal | None = None) -> Preview:
    """Return the preview of a request; `problem` is the refusal that is shown in it."""
    top = cards.header(relation)
    own = (relation.chat.channel_id, relation.chat.channel_name)
    may_accept = relation.may("chat.take") or relation.may("chat.take_over")
    return Preview(
        public_id=relation.chat.public_id,
        requester_name=top.title,
        kind_letter=top.letter,
        company_name=top.company_name,
        circle=top.circle,
        lines=lines.last(relation.chat, AGENTS),
        channels=channels.choice_for(db.session, relation.chat) if relation.may("chat.move") else [own],
        channel_id=own[0],
        channel_name=own[1],
        may_accept=may_accept,
        may_decline=relation.may("chat.decline"),
        reason="" if may_accept else REASONS["chat.take"],
        taken_by="",
        is_personal=relation.chat.target_id is not None or relation.chat.state != REQUEST,
        alert=problem.message if problem else "",
    )


def too_late(public_id: str, problem: Refusal) -> Preview:
    """Return the preview of a request that is one no longer: it says why, and shows nothing of the chat."""
    return Preview(
        public_id=public_id,
        requester_name="Chat request",
        kind_letter="",
        company_name="",
        circle=circles.gone(),
        lines=[],
        channels=[],
        channel_id=0,
        channel_name="",
        may_accept=False,
        may_decline=False,
        reason="",
        taken_by=problem.name if isinstance(problem, AlreadyTaken) else "",
        is_personal=False,
        alert="" if isinstance(problem, AlreadyTaken) else problem.message,
    )
