"""Canned responses under the agents' door: the page where they are kept, and the search of the composer."""

from dataclasses import dataclass, field
from typing import Any

from flask import Response, render_template, request
from markupsafe import Markup

from helpdesk.access import allow
from helpdesk.accounts.identity import identity
from helpdesk.chat import canned
from helpdesk.chat.reach import chat_of
from helpdesk.chat.routes import blueprint
from helpdesk.web import Invalid, fragment, render_partial, typed_again, typed_id


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a response with what is wrong with them; `id` is 0 for a new one."""

    id: int
    channels: list[tuple[int, str]]
    channel_id: int | None = None
    name: str = ""
    text: str = ""
    is_valid: bool = True
    errors: dict[str, str] = field(default_factory=dict)


@blueprint.get("/canned-responses")
@allow("agent")
def canned_responses() -> str:
    """Show the responses this agent keeps: his own, and those of channels he owns."""
    page = max(1, min(typed_id("page") or 1, canned.MOST_RESPONSES))
    rows, has_more = canned.page_of(identity(), page)
    return render_template(
        "chat/canned_responses.html",
        form=_form(0),
        rows=[_row(row) for row in rows],
        page=page,
        has_more=has_more,
    )


@blueprint.post("/canned-responses", endpoint="canned_add")
@allow("agent")
def add() -> Response:
    """Store a new response and answer its row; with an empty form, unless a deletion is undone."""
    try:
        number = canned.add(identity(), _typed())
    except Invalid as invalid:
        if "undo" in request.form:
            raise
        return fragment(render_partial("chat/_canned_new.html", form=_typed_form(0, invalid)), status=422)
    row = _row(canned.one_of(identity(), number))
    if "undo" in request.form:
        return fragment(row)
    form = render_partial("chat/_canned_new.html", form=_form(0))
    return fragment(form, render_partial("chat/_canned_came.html", row=row))


@blueprint.get("/canned-responses/<id:number>", endpoint="canned_one")
@allow("agent")
def one(number: int) -> Markup:
    """Answer the row of a response; with `edit` its form."""
    row = canned.one_of(identity(), number)
    if "edit" not in request.args:
        return _row(row)
    form = _form(number, channel_id=row.channel_id, name=row.name, text=row.text, is_valid=row.is_valid)
    return render_partial("chat/_canned_edit.html", form=form)


@blueprint.post("/canned-responses/<id:number>", endpoint="canned_change")
@allow("agent")
def change(number: int) -> Response:
    """Store a response anew and answer its row, or its form with what is wrong."""
    canned.one_of(identity(), number)
    try:
        canned.change(identity(), number, _typed())
    except Invalid as invalid:
        form = _typed_form(number, invalid)
        return fragment(render_partial("chat/_canned_edit.html", form=form), status=422)
    return fragment(_row(canned.one_of(identity(), number)))


@blueprint.post("/canned-responses/<id:number>/deletion", endpoint="canned_deletion")
@allow("agent")
def deletion(number: int) -> Markup:
    """Delete a response and answer the way back."""
    row = canned.one_of(identity(), number)
    canned.remove(identity(), number)
    return render_partial("chat/_canned_went.html", response=row)


@blueprint.get("/chats/<public_id>/canned-responses", endpoint="canned_search")
@allow("agent")
def search(public_id: str) -> Markup:
    """Answer the responses that fit what is typed behind the slash, ready to be put in."""
    found = canned.matching(chat_of(identity(), public_id, "chat.write"), request.args.get("q", ""))
    return render_partial("chat/_canned_options.html", public_id=public_id, found=found)


def _row(row: Any) -> Markup:
    return render_partial("chat/_canned_response.html", response=row)


def _form(number: int, **values: Any) -> Form:
    return Form(number, canned.channels_kept_by(identity()), **values)


def _typed() -> canned.Typed:
    form = request.form
    is_valid = form.get("is_valid") == "1"
    channel_id = (typed_id("channel") or 0) if form.get("channel") else None  # 0 is no channel of anybody
    return canned.typed(channel_id, form.get("name"), form.get("text"), is_valid)


def _typed_form(number: int, invalid: Invalid) -> Form:
    return _form(
        number,
        channel_id=typed_id("channel"),
        name=typed_again(request.form.get("name"), 1_000),
        text=typed_again(request.form.get("text"), 100_000),
        is_valid=request.form.get("is_valid") == "1",
        errors={invalid.field: invalid.message},
    )
