"""The mail server: one connection for one mail, and what its answer means."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage

from helpdesk.config import MailServer, is_loopback

TIMEOUT_S = 20
# Who looks into mails before he takes them may need long: to give up meanwhile is to send it twice.
ANSWER_S = 120
TOO_LARGE = 552


class NotNow(Exception):
    """It was not taken this time; `is_down`: no other mail would be either."""

    def __init__(self, words: str, is_down: bool) -> None:
        super().__init__(words)
        self.is_down = is_down


class Never(Exception):
    """The server will not take this mail, ever; in its words."""


def deliver(server: MailServer, name: str, sender: str, recipient: str, message: EmailMessage) -> None:
    """Hand in one mail; `name` is what this machine calls itself. Raises NotNow or Never.

    Takes a few TIMEOUT_S and ANSWER_S at most.
    """
    try:
        line = _open(server, name)
    except (OSError, smtplib.SMTPException) as failure:
        raise NotNow(f"{server.host}:{server.port}: {words_of(failure)}", is_down=True) from failure
    try:
        line.send_message(message, sender, [recipient])
    except (smtplib.SMTPNotSupportedError, UnicodeError) as failure:
        raise Never(words_of(failure)) from failure
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as failure:
        if _code(failure) >= 500:
            raise Never(words_of(failure)) from failure
        raise NotNow(words_of(failure), is_down=False) from failure
    except smtplib.SMTPSenderRefused as failure:
        if failure.smtp_code == TOO_LARGE:
            raise Never(words_of(failure)) from failure
        raise NotNow(words_of(failure), is_down=False) from failure
    except (OSError, smtplib.SMTPException) as failure:
        raise NotNow(words_of(failure), is_down=True) from failure
    finally:
        _close(line)


def words_of(failure: Exception) -> str:
    """Return in one text what the server said, or what went wrong before it could."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return _answer(*next(iter(failure.recipients.values())))
    if isinstance(failure, smtplib.SMTPResponseException):
        return _answer(failure.smtp_code, failure.smtp_error)
    return getattr(failure, "strerror", "") or str(failure) or type(failure).__name__


def context_for(host: str) -> ssl.SSLContext:
    """Return how to encrypt: certificates are checked, but not those of this very machine."""
    context = ssl.create_default_context()
    if is_loopback(f"{host}:0"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _open(server: MailServer, name: str) -> smtplib.SMTP:
    line = _connected(server, name)
    try:
        _greet(line, server)
        assert line.sock is not None
        line.sock.settimeout(ANSWER_S)
    except BaseException:
        _close(line)
        raise
    return line


def _connected(server: MailServer, name: str) -> smtplib.SMTP:
    if server.is_tls:
        context = context_for(server.host)
        return smtplib.SMTP_SSL(server.host, server.port, name, timeout=TIMEOUT_S, context=context)
    return smtplib.SMTP(server.host, server.port, name, timeout=TIMEOUT_S)


def _greet(line: smtplib.SMTP, server: MailServer) -> None:
    line.ehlo_or_helo_if_needed()
    is_encrypted = server.is_tls
    if not is_encrypted and line.has_extn("starttls"):
        line.starttls(context=context_for(server.host))
        line.ehlo()
        is_encrypted = True
    if server.user:
        if not is_encrypted and not is_loopback(f"{server.host}:0"):
            raise smtplib.SMTPException("The server offers no encryption, so the password was not sent.")
        line.login(server.user, server.password)


def _close(line: smtplib.SMTP) -> None:
    """Say goodbye without waiting for the answer: the mail is taken already, or is not."""
    with suppress(OSError, smtplib.SMTPException):
        line.putcmd("quit")
    line.close()


def _answer(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"


def _code(failure: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> int:
    if isinstance(failure, smtplib.SMTPDataError):
        return failure.smtp_code
    return int(next(iter(failure.recipients.values()))[0])
