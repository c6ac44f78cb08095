"""What an agent does on *Ticket Zoom*: each form is sent here, and leads back to the page."""

from collections.abc import Callable, Sequence

from flask import redirect, request
from werkzeug.wrappers import Response

from helpdesk.access import allow, takes
from helpdesk.accounts.identity import identity
from helpdesk.tickets import answering, articles, changing, forms, merging, uploads
from helpdesk.tickets.models import EMAIL, NOTE
from helpdesk.tickets.permissions import Forbidden, Relation
from helpdesk.tickets.reach import ticket_of
from helpdesk.tickets.routes import blueprint
from helpdesk.tickets.routes.zoom import other, page
from helpdesk.web import Invalid, NotFound, clean_email, path, typed_id

# Returns the number of the article that was written, if one was.
Do = Callable[[Relation], int | None]


@blueprint.post("/tickets/<number>/notes")
@allow("agent")
@takes(uploads.most_bytes)
def add_note(number: str) -> Response:
    """Add a note, internal unless it is said that the customer may see it."""

    def do(relation: Relation) -> int:
        is_visible = request.form.get("audience") == "customer"
        draft = articles.typed(identity(), NOTE, *_words(), is_visible=is_visible, files=_files())
        return answering.note(relation, draft, typed_id("after") or 0)

    return _done(number, "note", do)


@blueprint.post("/tickets/<number>/mails")
@allow("agent")
@takes(uploads.most_bytes)
def add_mail(number: str) -> Response:
    """Answer by e-mail: an article its customer sees, and a mail in the outbox, both or neither."""

    def do(relation: Relation) -> int:
        recipient = clean_email(request.form.get("recipient"), field="recipient")
        if not recipient:
            raise Invalid("recipient", "Please enter the e-mail address of who is answered.")
        draft = articles.typed(
            identity(), EMAIL, *_words(), is_visible=True, recipient=recipient, files=_files()
        )
        return answering.mail(relation, draft, typed_id("after") or 0)

    return _done(number, "mail", do)


@blueprint.post("/tickets/<number>/owner")
@allow("agent")
def put_owner(number: str) -> Response:
    """Give the ticket to an agent, or to nobody."""
    owner_id = (typed_id("owner") or 0) if request.form.get("owner") else None
    return _done(number, "owner", lambda relation: changing.set_owner(relation, owner_id, _seen()))


@blueprint.post("/tickets/<number>/priority")
@allow("agent")
def put_priority(number: str) -> Response:
    """Change the priority."""
    wanted = typed_id("priority") or 0
    return _done(number, "priority", lambda relation: changing.set_priority(relation, wanted, _seen()))


@blueprint.post("/tickets/<number>/state")
@allow("agent")
def put_state(number: str) -> Response:
    """Change the state; a pending one with a time in the agent's own zone."""

    def do(relation: Relation) -> None:
        changing.set_state(relation, request.form.get("state", ""), forms.until(request.form), _seen())

    return _done(number, "state", do)


@blueprint.post("/tickets/<number>/queue")
@allow("agent")
def put_queue(number: str) -> Response:
    """Move the ticket; who may not read it where it is now is told so on the list."""
    wanted = typed_id("queue") or 0
    answer = _done(number, "queue", lambda relation: changing.move(relation, wanted, _seen()))
    if answer.status_code == 303:
        try:
            ticket_of(identity(), number)
        except NotFound:
            return redirect(path("tickets.ticket_list", moved=number), 303)
    return answer


@blueprint.post("/tickets/<number>/lock")
@allow("agent")
def put_lock(number: str) -> Response:
    """Lock the ticket with `to=1`, else unlock it."""
    is_locked = request.form.get("to") == "1"
    return _done(number, "lock", lambda relation: changing.set_lock(relation, is_locked))


@blueprint.post("/tickets/<number>/title")
@allow("agent")
def put_title(number: str) -> Response:
    """Change the title."""

    def do(relation: Relation) -> None:
        changing.set_title(relation, articles.clean_title(request.form.get("subject")), _seen())

    return _done(number, "title", do)


@blueprint.post("/tickets/<number>/merger")
@allow("agent")
def merge(number: str) -> Response:
    """Make the ticket part of another one, which is shown then; the page has asked before."""
    wanted = request.form.get("number", "")

    def do(relation: Relation) -> None:
        merging.merge(relation, other(wanted, "ticket.merge"))

    is_done = merging.went_on_in(ticket_of(identity(), number)) == wanted.strip()  # sent twice
    answer = None if is_done else _done(number, "merge", do)
    return redirect(_place(wanted.strip()), 303) if answer is None or answer.status_code == 303 else answer


@blueprint.post("/tickets/<number>/links")
@allow("agent")
def link(number: str) -> Response:
    """Link the ticket to another one that he may read."""

    def do(relation: Relation) -> None:
        merging.link(relation, other(request.form.get("number", ""), "ticket.read"))

    return _done(number, "link", do)


@blueprint.post("/tickets/<number>/unlink")
@allow("agent")
def unlink(number: str) -> Response:
    """Take a link away."""

    def do(relation: Relation) -> None:
        merging.unlink(relation, other(request.form.get("number", ""), "ticket.read"))

    return _done(number, "link", do)


def _done(number: str, form: str, do: Do) -> Response:
    """Do it and lead back to the page; a refusal answers the page as it is now, nothing typed lost."""
    relation = ticket_of(identity(), number)
    try:
        relation.require(f"ticket.{form}")
        n = do(relation)
    except (Invalid, Forbidden) as refusal:
        return page(ticket_of(identity(), number), form, refusal)
    return redirect(_place(number) + (f"#article-{n}" if n else ""), 303)


def _place(number: str) -> str:
    return path("tickets.zoom", number=number)


def _seen() -> str | None:
    """What the form showed at first."""
    return request.form.get("seen")


def _files() -> Sequence[articles.File]:
    return uploads.checked(request.files.getlist("files"))


def _words() -> tuple[str, str]:
    return request.form.get("subject", ""), request.form.get("text", "")
