"""Manage Chats: the page, its request lists and the agent's active chats."""

from contextlib import suppress

from flask import Response, render_template, request
from markupsafe import Markup

from helpdesk import settings
from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import cards, desk, order
from helpdesk.chat.models import CLOSED, CUSTOMER, JOINED, PUBLIC
from helpdesk.chat.permissions import Forbidden, Relation
from helpdesk.chat.reach import PUBLIC_ID, chat_of, has_left
from helpdesk.chat.routes import blueprint
from helpdesk.chat.routes.lists import sidebar_of
from helpdesk.database import transaction
from helpdesk.web import NotFound, fragment, render_partial, versioned

KINDS = (CUSTOMER, PUBLIC, "personal")


@blueprint.get("/chats")
@allow("agent")
def console() -> str:
    """Show Manage Chats."""
    view = desk.own()
    if not view.choices:
        raise Forbidden("You have no level on any chat channel.")
    shown = cards.cards(cards.active(identity()))
    return render_template(
        "chat/console.html",
        order=[card.public_id for card in shown],
        requests={kind: requests_of(view, kind) for kind in KINDS},
        is_all=view.is_all,
        cards=[render_partial("chat/_card.html", card=card) for card in shown],
        notice=desk.notice(view, identity().availability),
        sidebar=sidebar_of(view),
    )


@blueprint.get("/chats/requests/<kind>")
@allow("agent")
def requests(kind: str) -> Response:
    """Answer one request list; 304 while nothing in it changed."""
    if kind not in KINDS:
        raise NotFound()
    view = desk.own()
    return versioned(view.etag(kind), lambda: requests_of(view, kind))


@blueprint.get("/chats/waiting")
@allow("agent")
def waiting() -> Markup:
    """Answer the counts of the toolbar."""
    return desk.figures(desk.own())


@blueprint.post("/chats/filter")
@allow("agent")
def filter() -> Response:
    """Remember All or My Chat Channels and answer both general lists."""
    with transaction() as tx:
        desk.remember_filter(tx, identity().person_id, request.form.get("channels") == "all")
    view = desk.own()
    return fragment(
        *(
            render_partial("chat/_beside.html", target=f"#requests-{kind}", content=requests_of(view, kind))
            for kind in (CUSTOMER, PUBLIC)
        )
    )


@blueprint.get("/chats/active")
@allow("agent")
def active() -> Response:
    """Answer the cards that came, the ids of those that went, and the order; 204 when it is all in `have`.

    A window of one `chat` asks for that alone.
    """
    have = _public_ids(request.args.get("have", ""))
    one = request.args.get("chat")
    mine = [each for each in cards.active(identity()) if one in (None, each.chat.public_id)]
    there = [relation.chat.public_id for relation in mine]
    if have == there:
        return fragment(status=204)
    added = cards.cards([relation for relation in mine if relation.chat.public_id not in have])
    gone = sorted(set(have) - set(there))
    return fragment(render_partial("chat/_cards.html", added=added, gone=gone, order=there))


@blueprint.post("/chats/order")
@allow("agent")
def arrangement() -> Response:
    """Remember the order of the agent's cards, `order` being their chats."""
    order.arrange(identity(), _public_ids(request.form.get("order", "")))
    return fragment(status=204)


@blueprint.get("/chats/<public_id>/header")
@allow("agent")
def agent_header(public_id: str) -> Response:
    """Answer the header of a card; 304 while nothing in it changed, 204 when the card should go."""
    relation = _on_screen(public_id)
    if relation is None:
        return fragment(status=204, HX_Trigger="active")
    etag, _ = cards.header_etag(relation)
    return versioned(etag, lambda: render_partial("chat/_header.html", header=cards.header(relation)))


def _on_screen(public_id: str) -> Relation | None:
    """Return the relation to the chat of a card, None when the card should go; raises NotFound.

    A chat that is over may still be his to read, but its card stays only until he dismisses it.
    """
    with suppress(NotFound):
        relation = chat_of(identity(), public_id)
        if relation.chat.state != CLOSED or relation.state == JOINED:
            return relation
    if not has_left(identity(), public_id):
        raise NotFound()
    return None


def _public_ids(typed: str) -> list[str]:
    """Return what may be public ids among words parted by commas, each once."""
    words = typed.split(",", 2 * cards.MOST_CARDS)[: 2 * cards.MOST_CARDS]
    return list(dict.fromkeys(each for each in words if PUBLIC_ID.fullmatch(each)))


def requests_of(view: desk.Desk, kind: str) -> Markup:
    """Render one request list."""
    rows, has_more = view.waiting(kind)
    return render_partial(
        "chat/_requests.html",
        kind=kind,
        rows=rows,
        has_more=has_more,
        channels=view.shown(kind),
        versions=view.versions(kind),
        etag=view.etag(kind),
        filter="all" if view.is_all else "mine",
        limit=settings.get("ChatEngine::WaitingLimit"),
    )
