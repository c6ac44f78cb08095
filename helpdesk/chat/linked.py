"""What stands of chats on pages about tickets and customers: those of a ticket, and what starts one."""

from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, or_, select

from helpdesk import settings
from helpdesk.accounts.identity import Identity
from helpdesk.chat import parties, personal
from helpdesk.chat.models import GUEST, JOINED, Chat, Participation
from helpdesk.chat.permissions import Forbidden
from helpdesk.chat.reach import OF_AGENT, relation_of
from helpdesk.database import db
from helpdesk.tickets import slots
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.permissions import Relation as TicketRelation
from helpdesk.web import NotFound, iso, render_partial

MOST_CHATS = 50
MOST_OF_CUSTOMER = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One chat that a ticket holds, or that was started from it."""

    public_id: str
    title: str
    state: str
    is_mine: bool
    begun_at: str


def plug_in() -> None:
    """Fill the places that ticket pages offer."""
    slots.on_side(beside_ticket)
    slots.on_customer(beside_customer)
    slots.on_customer_page(below_customer)


def beside_ticket(relation: TicketRelation) -> Markup:
    """Return *Linked chats*: those the agent may read, newest first; "" where there are none."""
    if not _is_for(relation.identity):
        return Markup()
    chats = chats_of(relation.identity, relation.ticket.id)
    return render_partial("chat/_linked_chats.html", chats=chats) if chats else Markup()


def beside_customer(reader: Identity, customer_id: int, number: str) -> Markup:
    """Return the chat icon beside a customer user who can be asked now; "" where he cannot, or not by him."""
    if not _is_for(reader):
        return Markup()
    try:
        target = personal.target(reader, customer_id)
    except (Forbidden, NotFound, personal.NotAvailable):
        return Markup()
    return render_partial("chat/_ask_beside.html", person_id=target.id, whom=target.name, number=number)


def chats_of(reader: Identity, ticket_id: int) -> list[Row]:
    """Return the chats of a ticket and of those merged into it that an agent may read; two queries."""
    merged = select(Ticket.id).where(or_(Ticket.id == ticket_id, Ticket.merged_into_id == ticket_id))
    is_its = or_(Chat.ticket_id.in_(merged), Chat.about_id.in_(merged))
    return _rows(reader, is_its, MOST_CHATS)


def below_customer(reader: Identity, customer_id: int) -> Markup:
    """Return *Chats* of a customer user: the newest that the agent may read; two queries."""
    if not _is_for(reader):
        return Markup()
    was_guest = and_(Participation.person_id == customer_id, Participation.mode == GUEST)
    is_his = Chat.id.in_(select(Participation.chat_id).where(was_guest))
    chats = _rows(reader, is_his, MOST_OF_CUSTOMER + 1)
    return render_partial(
        "chat/_customer_chats.html",
        chats=chats[:MOST_OF_CUSTOMER],
        has_more=len(chats) > MOST_OF_CUSTOMER,
        customer_id=customer_id,
    )


def _is_for(reader: Identity) -> bool:
    """Tell whether this reader is shown chats: agents are, while chat is on."""
    return reader.is_agent and bool(settings.get("ChatEngine::Active"))


def _rows(reader: Identity, is_it: ColumnElement[bool], most: int) -> list[Row]:
    rows = OF_AGENT.where(is_it).order_by(Chat.id.desc()).limit(most)
    relations = [relation_of(reader, row) for row in db.session.execute(rows, {"me": reader.person_id})]
    mine = [relation for relation in relations if relation.may("chat.read")]
    people = parties.of_chats([relation.chat for relation in mine])
    return [
        Row(
            public_id=each.chat.public_id,
            title=f"Chat with {parties.other_than(reader.person_id, each.chat, people[each.chat.id]).name}",
            state=each.chat.state,
            is_mine=each.state == JOINED,
            begun_at=iso(each.chat.created_at),
        )
        for each in mine
    ]
