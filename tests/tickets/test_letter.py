"""Whatever name, subject and text hold, a mail has the headers it should have and says what was written."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import getaddresses
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpdesk.config import BadConfiguration, mail_server
from helpdesk.database import now
from helpdesk.files import clean_file_name
from helpdesk.tickets.articles import File
from helpdesk.tickets.letter import NoAddress, address_of, check_sender, html_of, letter, sender_of
from helpdesk.web import Invalid

pytestmark = pytest.mark.requirement(59)
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted"}
HEADERS |= {"MIME-Version", "Content-Type"}
ENDS = "\r\x85\u2028\u2029\v\f\x1c\x1d\x1e"
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=100)
ADDED = "=?utf-8?q?a=0d=0aBcc:victim=40example.com?= b"


def parsed(files: Any = (), **changes: Any) -> Any:
    """Return a mail as somebody reads it who knows nothing of us: headers undecoded."""
    row: dict[str, Any] = {
        "recipient": "one@example.com",
        "recipient_name": "",
        "subject": "Hi",
        "text": "Hello",
    }
    row |= {"message_id": "a" * 60 + "@help.example.com", "reply_to_id": "b" * 100 + "@help.example.com"}
    row |= {"is_automatic": True, "created_at": now()}
    raw = letter(SimpleNamespace(**(row | changes)), "Hilfe, Büro <help@example.com>", files).as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    message = message_from_bytes(raw)
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert message["In-Reply-To"] == f"<{(row | changes)['reply_to_id']}>"
    return message


def decoded(header: str) -> str:
    return " ".join(str(make_header(decode_header(header))).split())


@given(WORDS)
@example(ADDED)
@example("Müller, Hans")
@example('"; <victim@example.com>, "')
@example("日本語の長い名前がここにあります、とても長い" * 4)
@example("\\")
def test_a_name_is_never_more_than_a_name(name: str) -> None:
    message = parsed(recipient_name=name)
    [(shown, address)] = getaddresses([message["To"]])
    assert address == "one@example.com"
    assert decoded(shown) == " ".join(name.split())


@given(WORDS)
@example(ADDED)
@example("=?utf-8?q?plain?=")
@example("Grüße aus 東京 🎉 " * 6)
@example("long " * 20 + "x" * 200)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    message = parsed(subject=subject)
    assert decoded(message["Subject"]) == " ".join(subject.split())


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\x00"])
def test_no_line_end_begins_a_header(end: str) -> None:
    hostile = f"Hello{end}Bcc: victim@example.com{end}{end}body"
    message = parsed(subject=hostile, recipient_name=hostile)
    assert decoded(message["Subject"]) == "Hello Bcc: victim@example.com body"
    assert [address for _, address in getaddresses([message["To"]])] == ["one@example.com"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters=ENDS), max_size=300))
@example(".\n..\n\n")
@example("x" * 5_000)
def test_a_text_arrives_as_it_was_written(text: str) -> None:
    row: dict[str, Any] = {"recipient": "a@b.example", "recipient_name": "", "subject": "", "text": text}
    row |= {"message_id": "a@b", "reply_to_id": "", "is_automatic": False, "created_at": now()}
    raw = letter(SimpleNamespace(**row), "a@b.example").as_bytes()
    part = message_from_bytes(raw, policy=default).get_body(("plain",))
    assert part is not None
    assert str(part.get_content()).replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


@given(WORDS)
@example("Żółta strona – 日本語.pdf" * 8)
@example('a"; filename="b.exe')
@example(ADDED)
@example("\\")
@example("%0d%0aBcc: a")
def test_a_file_keeps_its_name_and_content(name: str) -> None:
    name = clean_file_name(name)
    message = parsed(files=[File(name, "pdf", b"%PDF\r\n.\n")])
    assert message.get_content_type() == "multipart/mixed"
    body, file = message.get_payload()
    assert body.get_content_type() == "multipart/alternative"
    assert file.get_content_type() == "application/pdf"
    assert (file.get_filename(), file.get_payload(decode=True)) == (name, b"%PDF\r\n.\n")
    assert set(file.keys()) <= {
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
        "MIME-Version",
    }


def test_html_is_made_of_the_text_and_never_markup() -> None:
    html = html_of(
        '<script>x</script> & "\n> quoted\n\n \nsee (https://x.example/a_(b)?q=<b>&c=1), javascript:x'
    )
    assert "<script>" not in html
    assert '<p dir="auto">&lt;script&gt;x&lt;/script&gt; &amp; &#34;<br>\n&gt; quoted</p>' in html
    assert '(<a href="https://x.example/a_(b)?q=">https://x.example/a_(b)?q=</a>&lt;b&gt;&amp;c=1)' in html
    assert 'href="javascript' not in html


def test_a_sender_is_an_address_with_or_without_a_name() -> None:
    assert sender_of("Help <help@localhost>") == ("Help", "help@localhost")
    assert sender_of("help@example.com") == ("", "help@example.com")
    for wrong in ("", "Help", "Help <help>", "a@b, c@d", "Help <a@b> <c@d>", "a@b\nBcc: c@d", "<a@b"):
        with pytest.raises(Invalid):
            check_sender(wrong)


def test_a_domain_in_any_script_is_written_as_dns_has_it() -> None:
    assert address_of("post@bücher.example") == "post@xn--bcher-kva.example"
    with pytest.raises(NoAddress):
        address_of("post@a..ü")


def test_the_address_of_a_server_is_read_once_and_well() -> None:
    assert mail_server("") is None
    server = mail_server("smtp://me%40example.com:p%40ss@mail.example.com")
    assert server is not None
    assert (server.host, server.port, server.is_tls) == ("mail.example.com", 587, False)
    assert (server.user, server.password) == ("me@example.com", "p@ss")
    assert "p@ss" not in repr(server)
    secure = mail_server("smtps://mail.example.com")
    assert secure is not None
    assert (secure.port, secure.is_tls, secure.user) == (465, True, "")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://me:geheim@",
        "smtp://me@mail.example.com",
        "smtp://:geheim@mail.example.com",
        "smtp://me:geheim@mail.example.com:port",
        "smtp://me:geheim@mail.example.com:99999",
        "smtp://me:geheim@mail.example.com/queue",
        "smtp://me:geheim@mail.example.com?tls=1",
        "smtp://me:geheim@mail.example.com\r\nx",
    ],
)
def test_a_bad_address_stops_the_start_without_saying_the_password(url: str) -> None:
    with pytest.raises(BadConfiguration) as refusal:
        mail_server(url)
    assert "HELPDESK_SMTP_URL" in str(refusal.value)
    assert "geheim" not in str(refusal.value)
