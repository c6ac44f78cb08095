"""Files between people in real browsers: chosen, pasted, refused in place, and downloaded as they were."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.people import composer, lines, say, talking
from tests.support.chromium import Browsers

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(range(256)) * 40
NAME = "größe <b>1</b> “x”.png"
PASTE = """field => {
    const data = new DataTransfer();
    data.items.add(new File(["pasted"], "note.txt", {type: "text/plain"}));
    field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


DROP = """card => {
    const data = new DataTransfer();
    data.items.add(new File(["dropped"], "dropped.txt"));
    for (const name of ["dragover", "drop"])
        card.dispatchEvent(new DragEvent(name, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def choose(page: Page, party: Page | Locator, name: str, content: bytes) -> None:
    """Press the paperclip and choose a file."""
    with page.expect_file_chooser() as chooser:
        party.get_by_role("button", name="Send a file").click()
    file: FilePayload = {"name": name, "mimeType": "text/html", "buffer": content}
    chooser.value.set_files(file)


def saved(page: Page, line: Locator) -> tuple[str, bytes]:
    """Follow the link of a file; return the name and content that the browser saves."""
    with page.expect_download() as download:
        line.get_by_role("link").click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@pytest.mark.requirement(40)
def test_agent_and_visitor_send_each_other_files_and_download_them(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    shown = NAME.replace("<", "_").replace(">", "_").replace("/", "_")
    composer(mine).fill("half a sentence")
    for page, writer, other, reader in ((agent, mine, visitor, visitor), (visitor, visitor, agent, mine)):
        before = lines(reader).count()
        choose(page, writer, NAME.replace("/", "_"), PNG)
        expect(lines(reader)).to_have_count(before + 1)
        expect(lines(reader).last.get_by_role("link")).to_contain_text(shown)
        expect(writer.locator("[data-upload]")).to_have_count(0)
        expect(lines(writer)).to_have_count(before + 1)
        name, content = saved(other, lines(reader).last)
        assert (name, content) == (shown, PNG)
        assert reader.locator("[role=log] :is(b:not(.author), img)").count() == 0
    expect(composer(mine)).to_have_value("half a sentence")
    expect(lines(mine).last.locator(".author")).to_have_text("Vera")


@pytest.mark.requirement(40)
def test_a_file_that_is_refused_says_why_in_its_place_and_the_next_one_goes(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    browsers.tolerate("status of 422")
    choose(visitor, visitor, "page.png", b"<script>alert(1)</script>")
    refused = visitor.locator("[data-upload]")
    expect(refused).to_contain_text("What is in this file is not png, as its name says.")
    expect(refused.get_by_role("button", name="Retry")).to_have_count(0)
    choose(visitor, visitor, "large.txt", b"x" * (10 * 2**20 + 1))
    expect(refused.last).to_contain_text("at most 10 MB can be sent here")
    for _ in range(2):
        refused.first.get_by_role("button", name="Dismiss").click()
    expect(refused).to_have_count(0)
    composer(visitor).evaluate(PASTE)
    expect(refused).to_contain_text("Send this file?")
    refused.get_by_role("button", name="Cancel").click()
    composer(visitor).evaluate(PASTE)
    refused.get_by_role("button", name="Send", exact=True).click()
    expect(lines(mine).last).to_contain_text("note.txt")
    expect(composer(visitor)).to_be_focused()
    assert lines(mine).count() == 3
    mine.locator("[data-log]").evaluate(DROP)
    mine.get_by_role("button", name="Send", exact=True).first.click()
    expect(lines(visitor).last).to_contain_text("dropped.txt")
    say(visitor, "there it is")
    expect(lines(mine).last).to_contain_text("there it is")
    visitor.get_by_role("button", name="Close", exact=True).click()
    visitor.get_by_role("button", name="Close chat").click()
    expect(mine.get_by_role("button", name="Send a file")).to_have_count(0)
    expect(visitor.get_by_role("button", name="Send a file")).to_have_count(0)


@pytest.mark.requirement(40)
def test_a_file_that_cannot_be_sent_waits_for_retry(browsers: Browsers) -> None:
    agent, visitor, mine = talking(browsers)
    browsers.tolerate()
    visitor.context.set_offline(True)
    choose(visitor, visitor, "picture.png", PNG)
    waiting = visitor.locator("[data-upload]")
    expect(waiting).to_contain_text("The server cannot be reached.")
    visitor.context.set_offline(False)
    waiting.get_by_role("button", name="Retry").click()
    expect(lines(mine).last).to_contain_text("picture.png")
    expect(waiting).to_have_count(0)
