"""Personal Preferences: what an agent chooses for himself, and his password."""

from dataclasses import replace

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from helpdesk import settings
from helpdesk.access import Door, allow
from helpdesk.accounts import own_password, preferences
from helpdesk.accounts.identity import identity
from helpdesk.accounts.signing_in import Browser
from helpdesk.chat import channels
from helpdesk.dashboard import blueprint
from helpdesk.database import transaction
from helpdesk.web import Invalid, Refusal, TooMany, as_id


@blueprint.route("/agent/preferences", methods=["GET", "POST"], endpoint="preferences")
@allow("agent")
def own() -> AnyResponse:
    """Show and store Personal Preferences; what is about chat only while it can be used."""
    if request.method != "POST":
        return _page()
    typed = preferences.typed(request.form)
    with transaction() as tx:
        me, is_about_chat = identity().person_id, _may_chat()
        if is_about_chat:
            wanted = [number for each in request.form.getlist("channel") if (number := as_id(each))]
            channels.choose(tx, me, wanted)
        else:
            kept = preferences.of(tx, me)
            typed = replace(kept, time_zone=typed.time_zone, language=typed.language)
        preferences.keep(tx, me, typed)
    return redirect(url_for("dashboard.preferences", saved=1), 303)


@blueprint.post("/agent/preferences/password")
@allow("agent")
def password() -> AnyResponse:
    """Change one's own password; a refusal answers the page with what is wrong."""
    typed = [request.form.get(name, "") for name in ("current", "new", "again")]
    browser = Browser(
        request.remote_addr or "",
        request.headers.get("User-Agent", ""),
        request.cookies.get(Door.AGENT.cookie),
    )
    try:
        own_password.change(identity(), typed[0], typed[1], typed[2], browser)
    except (Invalid, TooMany) as refusal:
        return _page(refusal)
    return redirect(url_for("dashboard.preferences", changed=1), 303)


def _page(refusal: Refusal | None = None) -> Response:
    field = refusal.field if isinstance(refusal, Invalid) else "current"
    page = render_template(
        "dashboard/preferences.html",
        choices=channels.choices_of(identity().person_id) if _may_chat() else [],
        preferences=preferences.own(),
        zones=preferences.zones(),
        languages=preferences.LANGUAGES,
        is_saved="saved" in request.args,
        is_changed="changed" in request.args,
        errors={field: refusal.message} if refusal else {},
    )
    response = make_response(page, refusal.status if refusal else 200)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response


def _may_chat() -> bool:
    return bool(settings.get("ChatEngine::Active")) and bool(channels.levels_of(identity().person_id))
