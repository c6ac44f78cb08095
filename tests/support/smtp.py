"""A real mail server for the tests: takes mails on a free port of this machine, and keeps them."""

import ssl
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.support.servers import free_port
from tests.support.waiting import until

# Of this machine and of nobody else, valid for a century.
CERTIFICATE = Path(__file__).with_name("sink.pem")
PLAIN, STARTTLS, TLS = "plain", "starttls", "tls"


class Taken:
    """One mail that was taken: from whom, for whom, as bytes and as what they mean."""

    def __init__(self, envelope: Any) -> None:
        self.sender: str = envelope.mail_from
        self.recipients: list[str] = envelope.rcpt_tos
        self.raw: bytes = envelope.content
        self.message = message_from_bytes(self.raw, policy=default)

    @property
    def text(self) -> str:
        """The text part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None, f"no {kind} part in {self.raw!r}"
        return str(part.get_content()).replace("\r\n", "\n")


class Sink:
    """`url` is what HELPDESK_SMTP_URL takes; `answers` says what to answer for a recipient instead of yes.

    `encryption` is PLAIN, STARTTLS or TLS; with a password it must be given.
    """

    def __init__(
        self,
        encryption: str = PLAIN,
        password: str = "",
        on_data: Callable[[], object] = int,
        largest_bytes: int = 40_000_000,
    ) -> None:
        self.largest_bytes = largest_bytes
        self.encryption, self.password, self.on_data = encryption, password, on_data
        self.port = free_port()
        self.mails: list[Taken] = []
        self.answers: dict[str, str] = {}
        who = f"helpdesk:{password}@" if password else ""
        self.url = f"{'smtps' if encryption == TLS else 'smtp'}://{who}127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Take mails, on the same port as before."""
        self._controller = Controller(self, "127.0.0.1", self.port, ready_timeout=30, **self._options())
        self._controller.start()

    def stop(self) -> None:
        """Be not there."""
        self._controller.stop(no_assert=True)

    def mail_to(self, recipient: str) -> Taken:
        """Wait for the first mail to somebody."""
        until(lambda: self.mails_to(recipient), f"a mail to {recipient}")
        return self.mails_to(recipient)[0]

    def mails_to(self, recipient: str) -> list[Taken]:
        """Return what came for somebody so far."""
        return [mail for mail in self.mails if recipient in mail.recipients]

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"enable_SMTPUTF8": True, "data_size_limit": self.largest_bytes}
        if self.encryption != PLAIN:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(CERTIFICATE)
            options |= {"ssl_context": context} if self.encryption == TLS else {"tls_context": context}
        if self.password:
            options |= {"authenticator": self._authenticate, "auth_required": True}
            options["auth_require_tls"] = self.encryption == STARTTLS
        return options

    def _authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any
    ) -> AuthResult:
        is_right = given == LoginPassword(b"helpdesk", self.password.encode())
        return AuthResult(success=is_right, handled=False)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Answer for one recipient."""
        if address not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get(address, "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail."""
        self.on_data()
        self.mails.append(Taken(envelope))
        return "250 OK"
