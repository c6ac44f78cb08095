"""`/verify`: tells anybody who has a transcript whether it was made here, and is as it was made."""

from flask import Blueprint, render_template, request
from werkzeug.exceptions import Forbidden

from helpdesk.access import allow, is_own_origin
from helpdesk.accounts import limits
from helpdesk.chat import seals

blueprint = Blueprint("verification", __name__)

LARGEST_PDF_BYTES = 16 * 1024 * 1024
MOST_CHECKS = 120
HOUR_S = 3600
LONGEST_CODE = 200


@blueprint.get("/verify")
@allow("everybody")
def verify() -> str:
    """Show the form."""
    return _page()


@blueprint.post("/verify")
@allow("everybody")
def check() -> str | tuple[str, int]:
    """Check a file, or a code that was typed; neither is kept."""
    if not is_own_origin(request.headers.get("Origin")):
        raise Forbidden()
    limits.count("verify", limits.network(request.remote_addr), MOST_CHECKS, HOUR_S)
    request.max_content_length = LARGEST_PDF_BYTES
    file, typed = request.files.get("file"), request.form.get("code", "").strip()
    if file is not None and file.filename:
        seal, is_whole = seals.check(file.stream.read())
        return _page("whole" if is_whole else "changed" if seal else "foreign", seal)
    if not typed:
        return _page("nothing"), 422
    seal = seals.read(typed)
    return _page("known" if seal else "unknown", seal, typed[:LONGEST_CODE])


def _page(result: str = "", seal: seals.Seal | None = None, typed: str = "") -> str:
    return render_template("chat/verify.html", result=result, seal=seal, typed=typed)
