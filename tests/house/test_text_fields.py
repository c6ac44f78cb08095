"""Text comes in through routes, and is cleaned before it is kept."""

import ast
import re

import pytest
from sqlalchemy import String

from helpdesk.database import Base
from tests.house.sources import HELPDESK, calls_in, name_of, python_files, tree_of

# Only these read what a browser sent.
ROUTES = re.compile(r"helpdesk/(\w+/routes(/\w+)?|(external|dashboard)/\w+|web|access)\.py$")
FROM_BROWSERS = {"form", "args", "values", "files", "json", "get_json", "data", "get_data"}
# Every column of text: what keeps it clean. A new column is red until somebody has thought about it.
PEOPLE, VISITORS = "accounts/people.py", "accounts/visitors.py"
ARTICLES, QUEUES = "tickets/articles.py", "tickets/queues.py"
CLEANED = {
    "article.author_name": [PEOPLE, VISITORS],
    "article.recipient": ["web.py"],
    "article.subject": [ARTICLES],
    "article.text": [ARTICLES],
    "article_file.name": ["files.py"],
    "article_line.name": [PEOPLE, VISITORS],
    "article_line.text": ["chat/messages.py"],
    "mail.recipient": ["web.py"],
    "mail.recipient_name": [PEOPLE, VISITORS],
    "mail.subject": [ARTICLES],
    "mail.text": [ARTICLES],
    "queue.comment": [QUEUES],
    "queue.name": [QUEUES],
    "ticket.customer_email": ["web.py"],
    "ticket.customer_name": [PEOPLE, VISITORS],
    "ticket.title": [ARTICLES],
    "transcript_mail.address": ["web.py"],
    "channel.attachment_endings": ["chat/allowances.py"],
    "canned_response.name": ["chat/canned.py"],
    "canned_response.text": ["chat/canned.py"],
    "channel.comment": ["chat/channels.py"],
    "channel.name": ["chat/channels.py"],
    "chat.current_page": ["chat/visits.py"],
    "chat.description": ["chat/messages.py"],
    "chat.started_page": ["chat/visits.py"],
    "company.name": [PEOPLE],
    "message.text": ["chat/messages.py"],
    "participation.name": [PEOPLE, VISITORS],
    "permission_group.comment": [PEOPLE],
    "permission_group.name": [PEOPLE],
    "person.email": [PEOPLE, VISITORS],
    "person.login": [PEOPLE],
    "person.name": [PEOPLE, VISITORS],
    "role.name": [PEOPLE],
}
OURS = {
    "article.channel",
    "article.sender",
    "article_file.type",
    "mail.error",
    "mail.message_id",
    "mail.reply_to_id",
    "mail.state",
    "queue.validity",
    "ticket.number",
    "ticket.state",
    "ticket_counter.name",
    "attempt.key",
    "canned_response.folded",
    "canned_response.key",
    "channel.validity",
    "chat.direction",
    "chat.public_id",
    "chat.state",
    "event.action",
    "event.subject_kind",
    "first_admin_code.code_hash",
    "lease.process",
    "message.audience",
    "message.kind",
    "participation.mode",
    "participation.state",
    "person.kind",
    "person.password_hash",
    "person_permission.permission",
    "presence.shown",
    "role_permission.permission",
    "setting.name",
    "sign_in.token_hash",
    "visitor_token.token_hash",
}
# Headers and addresses: cut and stripped of control characters where they are stored.
HEADERS = {"sign_in.address", "sign_in.browser", "chat.browser"}
# Chosen by the browser, checked by a pattern.
KEYS = {"chat.language", "chat.start_id", "message.client_id", "ticket.start_id"}


def test_only_routes_read_what_a_browser_sent() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} request.{node.attr}"
        for path in python_files()
        if not ROUTES.search(name_of(path))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and node.attr in FROM_BROWSERS
        and ast.unparse(node.value) == "request"
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", sorted({file for files in CLEANED.values() for file in files}))
def test_who_keeps_text_cleans_it(file: str) -> None:
    assert any(name in ("clean_text", "clean_name") for _, name in calls_in(HELPDESK / file))


def test_somebody_has_thought_about_every_column_of_text() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String)
    }
    assert columns == {*CLEANED, *OURS, *HEADERS, *KEYS}
