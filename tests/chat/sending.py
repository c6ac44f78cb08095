"""Files as people send and fetch them."""

import io
import zipfile
from uuid import uuid4

from sqlalchemy import func, select

from helpdesk.chat.models import Attachment
from helpdesk.database import db
from tests.chat.reading import tree

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(range(256)) * 4
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
EXE = b"MZ\x90\0\3\0\0\0" + b"\0" * 300
HTML = b"<!doctype html><script>alert(1)</script>"


def send(person, chat, content=PNG, name="picture.png", client_id=None, after=0, **fields):
    ids = {"client_id": str(client_id or uuid4()), "after": after}
    fields |= {"file": (io.BytesIO(content), name)} | ids
    path = f"{person.base}/chats/{chat}/attachments"
    return person.client.post(path, data=fields, htmx=True, content_type="multipart/form-data")


def fetch(person, address):
    return person.client.get(address)


def addresses(person, chat):
    """Return where the files of a chat are, as its log links to them for this person."""
    links = tree(person.read(chat).text).iter("a")
    return [link.attrib["href"] for link in links if link.attrib.get("class") == "file"]


def stored():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Attachment))


def zipped(first):
    """Return a small archive of much nothing, whose first entry has this name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(first, b"\0" * 5_000_000)
    return made.getvalue()
