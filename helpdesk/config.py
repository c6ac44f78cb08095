"""Configuration from the environment: read once, checked once, never changed."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
SMTP_PORTS = {"smtp": 587, "smtps": 465}


class BadConfiguration(Exception):
    """A setting of the environment that stops the start; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in; without a user nobody signs in there. `is_tls`: from the first byte."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    is_tls: bool


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the process must know before it can serve; sizes in bytes, durations in seconds."""

    database_url: str
    secret_key: str
    public_url: str
    backplane: str
    bind: str
    threads: int
    trusted_proxies: int
    instance: Path
    is_demo: bool
    mail_server: MailServer | None = None

    @property
    def is_https(self) -> bool:
        """Whether the public address is https: cookies are then marked Secure."""
        return self.public_url.startswith("https://")

    @property
    def origin(self) -> str:
        """The exact origin of the public address, as a browser writes it."""
        return self.public_url


def from_environment(environ: Mapping[str, str] = os.environ) -> Config:
    """Return the checked configuration; raises BadConfiguration."""
    instance = Path(environ.get("HELPDESK_INSTANCE") or ROOT / "instance").resolve()
    instance.mkdir(parents=True, exist_ok=True)
    bind = environ.get("HELPDESK_BIND") or f"127.0.0.1:{_whole('PORT', environ, 8000, 1, 65535)}"
    config = Config(
        database_url=environ.get("HELPDESK_DATABASE_URL") or f"sqlite:///{instance / 'helpdesk.sqlite3'}",
        secret_key=environ.get("HELPDESK_SECRET_KEY") or _kept_secret(instance / "secret.key"),
        public_url=(environ.get("HELPDESK_PUBLIC_URL") or f"http://{bind}").rstrip("/"),
        backplane=environ.get("HELPDESK_BACKPLANE", ""),
        bind=bind,
        threads=_whole("HELPDESK_THREADS", environ, 8, 1, 64),
        trusted_proxies=_whole("HELPDESK_TRUSTED_PROXIES", environ, 0, 0, 5),
        instance=instance,
        is_demo=environ.get("HELPDESK_DEMO") == "1",
        mail_server=mail_server(environ.get("HELPDESK_SMTP_URL", "")),
    )
    _check(config)
    return config


def mail_server(text: str) -> MailServer | None:
    """Return the server of an address, None for ""; raises BadConfiguration, without the password."""
    if not text:
        return None
    wrong = BadConfiguration(
        "HELPDESK_SMTP_URL must be empty or look like smtp://user:password@mail.example.com:587 "
        "or smtps://user:password@mail.example.com:465; write %40 for an @ in user or password."
    )
    try:
        url = urlsplit(text)
        port = url.port or SMTP_PORTS[url.scheme]
    except (ValueError, KeyError):
        raise wrong from None
    user, password = unquote(url.username or ""), unquote(url.password or "")
    is_odd = url.path not in ("", "/") or url.query or url.fragment or bool(user) != bool(password)
    if not url.hostname or is_odd or any(c.isspace() or not c.isprintable() for c in text):
        raise wrong
    return MailServer(url.hostname, port, user, password, url.scheme == "smtps")


def is_loopback(bind: str) -> bool:
    """Tell whether `host:port` (or `[v6]:port`) can be reached from this machine only."""
    host = bind.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _whole(name: str, environ: Mapping[str, str], default: int, least: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadConfiguration(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def _kept_secret(path: Path) -> str:
    """Return the secret key kept beside the database; made at first run, readable by its owner only.

    It appears under its name whole or not at all: of two processes that start at once both read the same.
    """
    if not path.exists():
        descriptor, made = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        with suppress(FileExistsError):
            os.link(made, path)
        os.unlink(made)
    return path.read_text().strip()


def _check(config: Config) -> None:
    if len(config.secret_key) < 32:
        raise BadConfiguration(
            "HELPDESK_SECRET_KEY must have at least 32 characters; remove it to get one made."
        )
    if not config.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadConfiguration("HELPDESK_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    if config.backplane and not config.backplane.startswith(("redis://", "rediss://")):
        raise BadConfiguration("HELPDESK_BACKPLANE must be empty or begin with redis:// or rediss://.")
    _check_address(config)


def _check_address(config: Config) -> None:
    url = urlsplit(config.public_url)
    if url.scheme not in ("http", "https") or not url.netloc or url.path or url.query:
        raise BadConfiguration("HELPDESK_PUBLIC_URL must look like https://help.example.com, without a path.")
    if is_loopback(config.bind):
        return
    if config.is_demo:
        raise BadConfiguration("The demo has known passwords: it only listens on a loopback address.")
    if not config.is_https:
        raise BadConfiguration(
            "HELPDESK_BIND is reachable from other machines: "
            "set HELPDESK_PUBLIC_URL to the https:// address of your proxy."
        )
