"""A mail as it goes over the wire: text first, HTML second, headers that hold nothing but what they say.

Headers are written here and stored raw. EmailMessage would read them first: an encoded word that somebody
typed as his name or subject would be decoded, and `=0D=0A` in it would begin a header of his own.
"""

import re
from collections.abc import Iterable, Sequence
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, quote
from mimetypes import guess_type
from typing import Any

from markupsafe import Markup, escape

from helpdesk.files import READ_AS_TEXT
from helpdesk.tickets.articles import File
from helpdesk.web import CONTROL, Invalid

POLICY = SMTP.clone(cte_type="7bit", refold_source="none")
ADDRESS = re.compile(r"""[^\s@<>,;:"()\[\]\\]{1,64}@[^\s@<>,;:"()\[\]\\]{1,250}""")
_SENDER = re.compile(rf"(?P<name>[^<>\n]*)<(?P<address>{ADDRESS.pattern})>|(?P<bare>{ADDRESS.pattern})")
_LINK = re.compile(r"""https?://[^\s<>"]{1,2000}""")
_AFTER_LINK = ".,;:!?'*_)]}"


class NoAddress(Exception):
    """What should be an e-mail address cannot be one."""


def letter(mail: Any, sender: str, files: Iterable[File] = ()) -> EmailMessage:
    """Return the message of a row of `Mail` with these files, from the setting `Mail::From`.

    Raises NoAddress, and UnicodeError for text that cannot be written.
    """
    message = EmailMessage(policy=POLICY)
    message.set_content(mail.text)
    message.add_alternative(html_of(mail.text), subtype="html")
    for file in files:
        message.add_attachment(file.content, *_kind_of(file), filename=file.name)
    for name, value in _headers(mail, sender).items():
        message.set_raw(name, value)
    return message


def _kind_of(file: File) -> Sequence[str]:
    """Of a text nobody knows the character set: it is no text to mail programs."""
    guessed = guess_type(f"x.{file.type}")[0] if file.type not in READ_AS_TEXT else None
    return (guessed or "application/octet-stream").split("/")


def _headers(mail: Any, sender: str) -> dict[str, str]:
    headers = {
        "From": _party(*sender_of(sender)),
        "To": _party(mail.recipient_name, mail.recipient),
        "Subject": _words(mail.subject, "Subject"),
        "Date": format_datetime(mail.created_at),
        "Message-ID": _mark(mail.message_id),
    }
    if mail.reply_to_id:
        headers["In-Reply-To"] = headers["References"] = _mark(mail.reply_to_id)
    if mail.is_automatic:
        headers["Auto-Submitted"] = "auto-generated"
    return headers


def address_of(text: str) -> str:
    """Return an e-mail address as the mail server takes it; raises NoAddress.

    A domain in letters of any script is written as DNS has it.
    """
    if not ADDRESS.fullmatch(text) or CONTROL.search(text):
        raise NoAddress(f"This is not an e-mail address: {_one_line(text)}")
    local, _, domain = text.partition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        raise NoAddress(f"There can be no such domain: {domain}") from None


def sender_of(text: str) -> tuple[str, str]:
    """Return name ("" for none) and address of `Name <address>` or a bare address; raises NoAddress."""
    found = _SENDER.fullmatch(text.strip())
    if found is None:
        raise NoAddress(f"This is not an e-mail address: {_one_line(text)}")
    return (found["name"] or "").strip(), found["address"] or found["bare"]


def check_sender(value: str) -> None:
    """Take a sender; a validator of settings."""
    try:
        address_of(sender_of(value)[1])
    except NoAddress:
        raise Invalid("value", "Please enter an address like Helpdesk <help@example.com>.") from None


def html_of(text: str) -> str:
    """Return plain text as an HTML page: escaped, with paragraphs, lines and links."""
    paragraphs = (_paragraph(part) for part in re.split(r"\n(?:[ \t]*\n)+", text.strip("\n")))
    body = Markup("\n").join(paragraphs)
    return f'<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def _paragraph(text: str) -> Markup:
    lines = Markup("<br>\n").join(_linked(line) for line in text.split("\n"))
    return Markup('<p dir="auto">{}</p>').format(lines)


def _linked(line: str) -> Markup:
    parts, end = [], 0
    for match in _LINK.finditer(line):
        url = match[0].rstrip(_AFTER_LINK)
        parts += [escape(line[end : match.start()]), Markup('<a href="{0}">{0}</a>').format(url)]
        end = match.start() + len(url)
    return Markup("").join([*parts, escape(line[end:])])


def _party(name: str, address: str) -> str:
    """Return name and address; the name is quoted or encoded, so that it is never read as an address."""
    kept, written = _one_line(name), address_of(address)
    if not kept:
        return written
    if _is_plain(kept):
        return f'"{quote(kept)}" <{written}>'
    return f"{Header(kept, 'utf-8', header_name='From').encode()}\n <{written}>"


def _words(text: str, header: str) -> str:
    kept = _one_line(text)
    return Header(kept, "us-ascii" if _is_plain(kept) else "utf-8", header_name=header).encode()


def _is_plain(text: str) -> bool:
    """Whether it is read as it is written; what looks like an encoded word is encoded itself."""
    return text.isascii() and "=?" not in text


def _mark(message_id: str) -> str:
    return f"<{re.sub(r'[^!-~]|[<>]', '', message_id)}>"


def _one_line(text: str) -> str:
    return " ".join(CONTROL.sub(" ", text).split())
