"""Health: 200 when the database answers; for load balancers and monitors."""

from flask import Blueprint, Flask
from sqlalchemy import text

from helpdesk.access import allow
from helpdesk.database import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@allow("everybody")
def healthz() -> dict[str, str]:
    """Answer when the database does; 503 comes from the error handler when it does not."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}


def init_app(app: Flask) -> None:
    """Mount the health check."""
    app.register_blueprint(blueprint)
