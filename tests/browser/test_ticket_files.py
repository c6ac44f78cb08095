"""Files with tickets in the browser: what cannot be sent is said before it is sent; and how it looks."""

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.test_looks import look
from tests.support.chromium import Browsers


@pytest.mark.requirement(45, 53, 55)
def test_too_many_files_are_not_sent_and_others_are_on_both_sides(browsers: Browsers) -> None:
    customer = browsers.customer("customer1", "/external/tickets/new")
    customer.get_by_label("What is it about?").select_option("Support")
    customer.get_by_label("Subject").fill("The printer has no paper")
    customer.get_by_label("Text", exact=True).fill("See the picture and https://help.example/printers.")
    choose(customer, *(f"{n}.txt" for n in range(11)))
    customer.get_by_role("button", name="Create ticket").click()
    why = customer.get_by_label("Attachments").evaluate("field => field.validationMessage")
    assert why == "These files cannot be sent. At most 10 files, 10 MB in all."
    expect(customer.get_by_label("Subject")).to_have_value("The printer has no paper")
    choose(customer, "picture.png")
    customer.get_by_role("button", name="Create ticket").click()
    expect(customer.get_by_text("What is in picture.png is not png")).to_be_visible()
    look(customer, "new-ticket-files")
    choose(customer, "plan.txt")
    customer.get_by_role("button", name="Create ticket").click()
    expect(customer.get_by_role("link", name="plan.txt")).to_be_visible()
    agent = browsers.agent("agent1", f"/agent/tickets/{customer.url.rpartition('/')[2]}")
    agent.locator("summary", has_text="Answer by e-mail").click()
    answer = agent.get_by_role("form", name="Send")
    answer.get_by_label("Text").fill("It is on its way.")
    choose(answer, "bill.txt", f"{'long' * 40}.txt")
    look(agent, "zoom-files")
    answer.get_by_role("button", name="Send").click()
    expect(agent.get_by_role("link", name="bill.txt")).to_be_visible()
    customer.reload()
    expect(customer.get_by_role("link", name="bill.txt")).to_be_visible()
    look(customer, "ticket-files")
    with customer.expect_download() as kept:
        customer.get_by_role("button", name="Print / PDF").click()
    assert kept.value.path().read_bytes().startswith(b"%PDF")


def choose(place: Page | Locator, *names: str) -> None:
    """Choose text files of these names."""
    files: list[FilePayload] = [{"name": name, "mimeType": "text/plain", "buffer": b"x"} for name in names]
    place.get_by_label("Attachments").set_input_files(files)
