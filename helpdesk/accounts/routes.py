"""The pages for coming in and going out; plain forms that need no JavaScript."""

from flask import Blueprint, Response, make_response, redirect, render_template, request

from helpdesk.access import SAFE, Door, allow
from helpdesk.accounts import first_admin as admin
from helpdesk.accounts import sessions, signing_in
from helpdesk.accounts.identity import identity_or_none
from helpdesk.accounts.signing_in import Browser
from helpdesk.web import Invalid, NotFound, Refusal, TooMany, clean_text, path

blueprint = Blueprint("accounts", __name__)


@blueprint.route("/agent/sign-in", methods=["GET", "POST"])
@allow("everybody")
def agent_sign_in() -> Response:
    return _sign_in(Door.AGENT)


@blueprint.route("/external/sign-in", methods=["GET", "POST"])
@allow("everybody")
def external_sign_in() -> Response:
    return _sign_in(Door.EXTERNAL)


@blueprint.post("/agent/sign-out")
@allow("everybody")
def agent_sign_out() -> Response:
    return _sign_out(Door.AGENT)


@blueprint.post("/external/sign-out")
@allow("everybody")
def external_sign_out() -> Response:
    return _sign_out(Door.EXTERNAL)


@blueprint.route("/agent/first-admin", methods=["GET", "POST"])
@allow("everybody")
def first_admin() -> Response:
    if request.method == "POST":
        return _use_code()
    if not admin.is_open():
        raise NotFound()
    return _code_page({})


def _sign_in(door: Door) -> Response:
    target = signing_in.safe_next(request.values.get("next"), door)
    if request.method in SAFE:
        return _go(target) if identity_or_none() else _sign_in_page(door, target)
    login = request.form.get("login", "")
    try:
        token = signing_in.sign_in(door, login, request.form.get("password", ""), _browser(door))
    except Refusal as refusal:
        return _sign_in_page(door, target, login, refusal)
    response = _go(target)
    sessions.set_cookie(response, door, token)
    return response


def _sign_out(door: Door) -> Response:
    signing_in.sign_out(_browser(door))
    response = _go(f"/{door.value}/sign-in")
    sessions.clear_cookie(response, door)
    return response


def _use_code() -> Response:
    form = {name: request.form.get(name, "") for name in ("code", "login", "name", "password", "again")}
    try:
        if form["password"] != form["again"]:
            raise Invalid("again", "The two passwords are not the same.")
        token = admin.use_code(
            form["code"], form["login"], form["name"], form["password"], _browser(Door.AGENT)
        )
    except Invalid as invalid:
        return _code_page(form, invalid)
    response = _go("/agent/")
    sessions.set_cookie(response, Door.AGENT, token)
    return response


def _sign_in_page(door: Door, target: str, login: str = "", refusal: Refusal | None = None) -> Response:
    page = render_template(
        f"accounts/{door.value}_sign_in.html",
        action=path(f"accounts.{door.value}_sign_in"),
        target=target,
        login=_as_typed(login),
        alert=refusal.message if refusal else "",
    )
    response = make_response(page, refusal.status if refusal else 200)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response


def _code_page(form: dict[str, str], invalid: Invalid | None = None) -> Response:
    errors = {invalid.field: invalid.message} if invalid else {}
    typed = {field: _as_typed(form.get(field, "")) for field in ("code", "login", "name")}
    action = path("accounts.first_admin")
    page = render_template("accounts/first_admin.html", action=action, form=typed, errors=errors)
    return make_response(page, invalid.status if invalid else 200)


def _as_typed(raw: str) -> str:
    """What goes back into a field; what is far too long was never a name."""
    try:
        return clean_text(raw, field="", most=1_000)
    except Invalid:
        return ""


def _go(target: str) -> Response:
    return make_response(redirect(f"{request.script_root}{target}", 303))


def _browser(door: Door) -> Browser:
    agent = request.headers.get("User-Agent", "")
    return Browser(request.remote_addr or "", agent, request.cookies.get(door.cookie))
