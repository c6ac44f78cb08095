"""The end of a chat in the window: sent by e-mail, or made a ticket of."""

from flask import Blueprint, Response, request

from helpdesk.access import allow
from helpdesk.accounts import limits
from helpdesk.accounts.identity import identity
from helpdesk.chat import linking, mailing, ticketing
from helpdesk.chat.reach import chat_of
from helpdesk.external import asking, ended, forms
from helpdesk.tickets import creating
from helpdesk.web import Invalid, NotFound, Refusal, clean_email, fragment, render_partial, typed_again


def mount(window: Blueprint) -> None:
    """Mount both under a window's blueprint."""
    window.add_url_rule("/chats/<public_id>/mails", "mail", mail, methods=["POST"])
    window.add_url_rule("/chats/<public_id>/ticket", "make_ticket", make_ticket, methods=["POST"])


@allow("customer", "visitor")
def mail(public_id: str) -> Response:
    """Have the conversation sent; what was typed comes back with the reason where it is refused."""
    relation = chat_of(identity(), public_id)
    try:
        relation.require("chat.mail")
        address = clean_email(request.form.get("email"), field="email", is_required=True)
        network = limits.network(request.remote_addr)
        mailing.send(relation, address, request.form.get("zone", ""), network)
    except NotFound:
        raise
    except Refusal as refusal:
        return _again(public_id, refusal, typed_again(request.form.get("email"), 1_000))
    return _now(public_id)


@allow("customer", "visitor")
def make_ticket(public_id: str) -> Response:
    """Make a ticket of a customer's conversation; who comes second is shown the one that is there."""
    relation = chat_of(identity(), public_id)
    me = relation.identity.person_id
    wanted = creating.Wanted(
        title=asking.subject_of(relation.chat.description),
        queue_id=linking.queue_of(relation.chat.channel_id),
        customer_id=me,
        by_id=me,
    )
    try:
        stored = ticketing.hand_over_to_new(relation, wanted, right="chat.make_ticket")
    except NotFound:
        raise
    except Refusal as refusal:
        return _again(public_id, refusal)
    is_his = bool(linking.numbers(identity(), [stored.ticket_id]))
    return _now(public_id, "" if is_his else "This conversation is in a ticket already.")


def _now(public_id: str, notice: str = "") -> Response:
    shown = ended.of(chat_of(identity(), public_id), forms.base(), notice=notice)
    return fragment(render_partial("external/_ended.html", ended=shown))


def _again(public_id: str, refusal: Refusal, email: str = "") -> Response:
    error = refusal.message if isinstance(refusal, Invalid) else ""
    shown = ended.of(
        chat_of(identity(), public_id), forms.base(), email, error, "" if error else refusal.message
    )
    if shown is None:
        raise refusal  # it still goes on
    response = fragment(render_partial("external/_ended.html", ended=shown), status=refusal.status)
    return forms.with_retry(response, refusal)
