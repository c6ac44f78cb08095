"""The outbox as an administrator sees and uses it."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from helpdesk.database import now, transaction
from helpdesk.tickets.models import Mail
from tests.browser.test_looks import look
from tests.support.chromium import Browsers
from tests.tickets.posting import put

SAID = "550 5.1.1 The e-mail account that you tried to reach does not exist. Please check it for mistakes."


@pytest.mark.requirement(59)
def test_an_administrator_retries_and_drops_mails(browsers: Browsers) -> None:
    with browsers.server.beside():
        write()
    admin = browsers.agent("admin", "/agent/")
    admin.get_by_role("button", name="Admin").click()
    admin.get_by_role("link", name="Outbox").click()
    expect(admin.get_by_text("Mail is not configured")).to_be_visible()
    look(admin, "outbox")
    admin.get_by_role("link", name="Failed").click()
    admin.get_by_role("button", name="Drop: Your printer").click()
    expect(admin.get_by_text("There are no failed mails.")).to_be_visible()
    admin.get_by_role("link", name="Dropped").click()
    admin.get_by_role("button", name="Retry: Your printer").click()
    expect(admin.get_by_text("There are no dropped mails.")).to_be_visible()
    admin.get_by_role("link", name="Waiting").click()
    expect(admin.get_by_role("row", name="Your printer")).to_contain_text("waiting")


def write() -> None:
    """Put mails of every state into the outbox."""
    states = {"sent": {"sent_at": now(), "tries": 1}, "failed": {"error": SAID, "tries": 1}}
    states["waiting"] = {"error": "127.0.0.1:587: Connection refused", "tries": 2}
    subjects = {"sent": "Your chat of today", "failed": "Your printer", "waiting": "Rechnung " * 12}
    for state, values in states.items():
        mail = put(
            "someone.with.a.long.name@a-long-domain.example.com", subjects[state], recipient_name="Vera"
        )
        with transaction() as tx:
            tx.execute(update(Mail).where(Mail.id == mail).values(state=state, **values))
