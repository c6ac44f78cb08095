"""What a person is told by the browser: real notifications, toasts, the figure in the title, sounds."""

from typing import Any

from playwright.sync_api import Locator, Page

from tests.support.chromium import another
from tests.support.waiting import until

# Headless pages all believe to be in focus: here a test says which one the person looks at.
# Notifications and sounds are real; their constructors are only counted.
EARS = """
window.isWatched = false;
document.hasFocus = () => window.isWatched;
window.raised = [];
window.notes = 0;
const Real = window.Notification;
window.Notification = class extends Real {
  constructor(title, options) {
    super(title, options);
    window.raised.push({ title, text: options.body, tag: options.tag, self: this });
  }
  static get permission() { return window.permissionNow ?? Real.permission; }
  static async requestPermission() {
    window.asked = (window.asked ?? 0) + 1;
    return (window.permissionNow = "granted");
  }
};
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.notes += 1;
  return start.apply(this, when);
};
"""


def listening(page: Page, permission: str = "granted") -> Page:
    """Have an agent's browser count what it tells on this page and later ones; return it once it hears."""
    return hearing(counting(page, permission))


def counting(page: Page, permission: str = "granted") -> Page:
    """The same for a guest, whose socket opens with his first chat."""
    if permission == "granted":
        page.context.grant_permissions(["notifications"])
    script = EARS if permission == "granted" else f"{EARS}window.permissionNow = '{permission}';"
    page.context.add_init_script(script)
    page.reload()
    assert page.evaluate("Notification.permission") == permission, "mark the test: notifications"
    return page


def tab(page: Page, path: str) -> Page:
    """Open another tab of the same person."""
    other = another(page)
    other.goto(path)
    return hearing(other)


def hearing(page: Page) -> Page:
    """Wait until the page's socket is up."""
    held = "navigator.locks.query().then(({held}) => held.map(lock => lock.name))"
    mine = page.evaluate("helpdesk.person")
    until(lambda: any(f"{mine}:up:" in name for name in page.evaluate(held)))
    return page


def watch(page: Page, is_watched: bool = True) -> None:
    """Let the person look at this page, or away from it."""
    page.evaluate(
        "is => { window.isWatched = is; window.dispatchEvent(new Event(is ? 'focus' : 'blur')); }", is_watched
    )


def raised(*pages: Page) -> list[tuple[str, str]]:
    """Return title and text of all notifications that were raised on these pages."""
    found: list[Any] = []
    for page in pages:
        found += page.evaluate("window.raised.map(({title, text}) => [title, text])")
    return [(title, text) for title, text in found]


def until_raised(count: int, *pages: Page) -> list[tuple[str, str]]:
    """Return the notifications of these pages once there are so many."""
    until(lambda: len(raised(*pages)) >= count)
    return raised(*pages)


def press_newest(page: Page) -> None:
    """Click the newest notification of a page."""
    page.evaluate("window.raised.at(-1).self.dispatchEvent(new Event('click'))")


def toasts(page: Page) -> Locator:
    """Return what is told on the page itself."""
    return page.locator(".told button")


def notes(page: Page) -> int:
    """Return how many notes were played."""
    return int(page.evaluate("window.notes"))
