"""The commands: `helpdesk …` when installed, `python -m helpdesk …` in a checkout."""

import errno
import json
import os
import socket
import sys
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo

from helpdesk import config, demo, migrations, settings
from helpdesk.accounts import first_admin, people, permissions
from helpdesk.chat import channels
from helpdesk.database import db, transaction
from helpdesk.tickets import housekeeping, outbox, queues, sender
from helpdesk.web import Refusal

cli = AppGroup("helpdesk", help="Start and look after the helpdesk.")

DEMO = """
The demo is at

  agents and admin          {url}/agent/
  customers and visitors    {url}/external/

Accounts: admin, agent1, agent2, agent3; customer1, customer2. Password of all: {password}

Sign in as agent1 first. Then open the visitor's address in another browser window and press "Chat".
Ctrl-C ends it. Starting it again keeps what was written; `make demo FRESH=1` starts over.
"""
FIRST_ADMIN = """
There is no administrator yet. Make the first one at this address, which works once:

  {url}/agent/first-admin#{code}
"""


def main() -> NoReturn:
    """Run a command; a bad configuration is one line and exit code 2."""
    try:
        cli.main(prog_name="helpdesk", obj=ScriptInfo(create_app=_create_app))
    except config.BadConfiguration as problem:
        _stop(str(problem))
    sys.exit(0)


@cli.command("serve")
def serve() -> None:
    """Bring the database up to date and serve (HELPDESK_BIND, PORT)."""
    configuration: config.Config = current_app.config["HELPDESK"]
    _check_port(configuration.bind)
    _prepare()
    code = first_admin.make_code()
    if code is not None:
        click.echo(FIRST_ADMIN.format(url=configuration.public_url, code=code))
    _serve()


@cli.command("demo", with_appcontext=False)
@click.option("--fresh", is_flag=True, help="Start over: delete what was written in the demo.")
def demo_command(fresh: bool) -> None:
    """Serve the demo, on this machine only, with its own database and known passwords."""
    configuration = _demo_configuration()
    _check_port(configuration.bind)
    if fresh:
        for leftover in configuration.instance.glob("demo.sqlite3*"):
            leftover.unlink()
    with _create_app().app_context():
        migrations.upgrade()
        demo.seed()
        click.echo(DEMO.format(url=configuration.public_url, password=demo.PASSWORD))
        _serve()


@cli.command("upgrade")
def upgrade() -> None:
    """Bring the database to the schema of this version; several processes may do so at once."""
    _prepare()


@cli.command("create-admin")
@click.argument("login")
@click.argument("name")
@click.password_option()
def create_admin(login: str, name: str, password: str) -> None:
    """Make an administrator with this user name and displayed name."""
    _prepare()
    try:
        with transaction() as tx:
            person_id = people.create_agent(tx, login, name, password)
            permissions.grant(tx, person_id, people.ensure_groups(tx)[people.ADMIN], "rw")
    except Refusal as refusal:
        _stop(refusal.message)
    click.echo(f"{name} is an administrator now.")


@cli.command("setting")
@click.argument("name")
@click.argument("value")
def setting(name: str, value: str) -> None:
    """Store a setting; VALUE is JSON (true, 5, "text", ["a", "b"]), or plain text."""
    try:
        with transaction() as tx:
            settings.put(tx, name, _parsed(value), None)
    except KeyError:
        _stop(f"There is no setting {name}.")
    except Refusal as refusal:
        _stop(refusal.message)
    click.echo(f"{name} is {json.dumps(settings.get(name))} now.")


@cli.command("housekeeping")
def housekeeping_command() -> None:
    """Remind and close pending tickets, send mails, delete old ones; the server does so each minute."""
    done = sum(iter(housekeeping.run, 0))
    sent = sum(iter(sender.send_due, 0))
    gone = sum(iter(outbox.forget, 0))
    click.echo(f"Tickets reminded or closed: {done}. Mails sent: {sent}, deleted: {gone}.")


def _create_app() -> Flask:
    from helpdesk import create_app  # at the top it would import itself

    return create_app()


def _demo_configuration() -> config.Config:
    """Of a real installation's environment the demo takes no more than the folder and the address."""
    kept = ("HELPDESK_INSTANCE", "HELPDESK_BIND")
    for name in [name for name in os.environ if name.startswith("HELPDESK_") and name not in kept]:
        del os.environ[name]
    os.environ["HELPDESK_DEMO"] = "1"
    instance = config.from_environment().instance
    os.environ["HELPDESK_DATABASE_URL"] = f"sqlite:///{instance / 'demo.sqlite3'}"
    return config.from_environment()


def _check_port(bind: str) -> None:
    """Say at once what gunicorn only says after five tries."""
    host, _, port = bind.rpartition(":")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), int(port), type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            _stop(f"Port {port} is in use. Choose another one, as in PORT={int(port) % 65535 + 1}.")
        _stop(f"Cannot listen on {bind}: {error.strerror}.")


def _prepare() -> None:
    """The newest schema, and what every installation has."""
    migrations.upgrade()
    with transaction() as tx:
        migrations.wait_for_others(tx.connection())
        users = people.ensure_groups(tx)[people.USERS]
        channels.ensure_default(tx, users)
        queues.ensure_default(tx, users)


def _serve() -> NoReturn:
    """Become gunicorn, which reads the same environment."""
    db.session.remove()
    db.engine.dispose()
    sys.stdout.flush()
    arguments = ["-m", "gunicorn", "--chdir", str(config.ROOT), "-c", str(config.ROOT / "gunicorn.conf.py")]
    os.execv(sys.executable, [sys.executable, *arguments])


def _parsed(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _stop(message: str) -> NoReturn:
    click.echo(f"helpdesk: {message}", err=True)
    sys.exit(2)
