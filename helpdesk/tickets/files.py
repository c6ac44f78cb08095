"""Files of articles: handed out to be kept, in no case to be shown."""

import re
from urllib.parse import quote

from flask import Response, make_response
from sqlalchemy import select

from helpdesk.database import db
from helpdesk.tickets.models import Article, ArticleFile
from helpdesk.tickets.permissions import Relation
from helpdesk.web import NotFound


def answer(relation: Relation, file_id: int) -> Response:
    """Answer a file of a ticket to whoever may see it there; raises NotFound."""
    is_it = [ArticleFile.id == file_id, Article.ticket_id == relation.ticket.id]
    if not relation.identity.is_agent:
        is_it += [ArticleFile.is_visible, Article.is_visible]
    found = select(ArticleFile.name, ArticleFile.content).join(Article, Article.id == ArticleFile.article_id)
    row = db.session.execute(found.where(*is_it)).first()
    if row is None:
        raise NotFound()
    return handed_out(row.name, row.content)


def handed_out(name: str, content: bytes) -> Response:
    """Answer a file to be kept under its name, of which a browser runs and shows nothing."""
    response = make_response(content)
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    encoded = {"filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", filename=plain, **encoded)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
