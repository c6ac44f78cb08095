"""Download (requirement 35): the chat menu gives the complete history as a PDF."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.people import say, talking, texts
from tests.press.documents import squeezed, text_of
from tests.support.chromium import Browsers
from tests.support.waiting import until

pytestmark = pytest.mark.requirement(35)

SAID = [
    "Guten Morgen",
    "Доброе утро",
    "صباح الخير",
    "בוקר טוב",
    "早上好",
    "👩\u200d💻 👍🏽",
    "<b>{{ 7*7 }}</b>",
]


def press_download(card: Locator) -> None:
    """Open the chat menu and press Download."""
    card.get_by_role("button", name="Chat menu").click()
    card.get_by_role("button", name="Download", exact=True).click()


def test_download_the_complete_history_as_pdf(browsers: Browsers, tmp_path: Path) -> None:
    agent, visitor, card = talking(browsers)
    for text in SAID:
        say(visitor, text)
    until(lambda: len(texts(card)) == len(SAID) + 1, "all lines to arrive")
    with agent.expect_download() as coming:
        press_download(card)
    assert coming.value.suggested_filename.startswith("chat-Support-")
    coming.value.save_as(tmp_path / "chat.pdf")
    found = squeezed(text_of((tmp_path / "chat.pdf").read_bytes()))
    assert [word for text in SAID for word in text.split() if squeezed(word) not in found] == []
    expect(card.get_by_text("Preparing the PDF")).to_have_count(0)
    verify(visitor, tmp_path / "chat.pdf")


def test_the_card_says_that_the_pdf_is_being_made_and_offers_a_retry_when_it_fails(
    browsers: Browsers,
) -> None:
    agent, _, card = talking(browsers)
    held: list[Route] = []
    browsers.tolerate("net::ERR_FAILED")

    def hold(route: Route) -> None:
        held.append(route)

    agent.route("**/transcript", hold)
    press_download(card)
    expect(card.get_by_role("status").filter(has_text="Preparing the PDF…")).to_be_visible()
    expect(card.get_by_role("button", name="Download", exact=True)).to_have_attribute("aria-busy", "true")
    until(lambda: held, "the request")
    held[0].abort()
    expect(card.get_by_role("alert")).to_contain_text("The PDF could not be fetched.")
    expect(card.get_by_text("Preparing the PDF…")).to_have_count(0)
    agent.unroute("**/transcript")
    with agent.expect_download():
        card.get_by_role("button", name="Retry").click()
    expect(card.get_by_role("alert")).to_have_count(0)


def verify(anybody: Page, file: Path) -> None:
    """Have somebody without an account check a file."""
    anybody.goto("/verify")
    anybody.get_by_label("The PDF").set_input_files(file)
    anybody.get_by_role("button", name="Check").click()
    expect(anybody.get_by_role("heading", name="This file is unchanged.")).to_be_visible()
