"""Helpdesk: live chat management and tickets. `create_app` puts the rooms together."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from helpdesk import (
    access,
    accounts,
    assets,
    chat,
    config,
    dashboard,
    external,
    health,
    realtime,
    settings,
    tickets,
    web,
)
from helpdesk.cli import cli
from helpdesk.database import db, prepare

LARGEST_REQUEST_BYTES = 256 * 1024


def create_app(configuration: config.Config | None = None) -> Flask:
    """Return the application; raises BadConfiguration. Starts no thread: the server does, after its fork."""
    configuration = configuration or config.from_environment()
    app = Flask(
        __name__,
        root_path=str(config.ROOT),
        template_folder="templates",
        static_folder="static",
        instance_path=str(configuration.instance),
    )
    app.config.update(
        SECRET_KEY=configuration.secret_key,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 2 * configuration.threads + 2, "pool_use_lifo": True},
        SQLALCHEMY_DATABASE_URI=configuration.database_url,
        SESSION_COOKIE_NAME="helpdesk_form",
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        HELPDESK=configuration,
    )
    if configuration.trusted_proxies:
        count = configuration.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    _furnish(app, configuration)
    return app


def _furnish(app: Flask, configuration: config.Config) -> None:
    """Foundation first, then the rooms from the bottom up."""
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    web.init_app(app, configuration)
    access.init_app(app, configuration, accounts.load_identity, realtime.seen)
    assets.init_app(app)
    health.init_app(app)
    for room in (settings, accounts, realtime, tickets, chat, external, dashboard):
        room.init_app(app, configuration)
    app.cli.add_command(cli)
