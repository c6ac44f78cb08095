"""Pages that stay, beside the same pages fetched anew: what was pushed must make the one into the other."""

from functools import partial

from playwright.sync_api import Page, expect

from tests.support.chromium import another
from tests.support.waiting import until

LOOKS = 8  # at what was fetched, for half a second, while what is pushed is on its way
MOST_S = 12  # well below the 30 s after which a page asks by itself: what was not pushed must not pass for it
# What differs by its nature: clocks, widths, marks of libraries, versions of the last fetch.
PLAIN = """
root => {
  const gone = '[data-volatile], [data-outbox], .newer, .toasts';
  const varies = /^(data-(htmx|version|etag|n$|tab$)|aria-(selected|current)|style|tabindex)/;
  const parts = [];
  const tell = node => {
    for (const each of (node.content ?? node).childNodes) {
      if (each.nodeType !== Node.ELEMENT_NODE) parts.push(each.data.replaceAll('<', '&lt;'));
      else if (!each.matches(gone)) {
        parts.push('<', each.localName);
        for (const name of each.getAttributeNames().sort())
          if (!varies.test(name)) parts.push(' ', name, '="', each.getAttribute(name), '"');
        parts.push('>');
        tell(each);
        parts.push('</', each.localName, '>');
      }
    }
  };
  tell(root);
  return parts.join('').replace(/\\s+/g, ' ').replace(/> ?| ?</g, sign => sign.trim());
}
"""


class Seat:
    """Somebody with the page he looks at, and a second tab of his in which it is fetched anew."""

    def __init__(self, page: Page, root: str = "main") -> None:
        self.page, self.root = page, root
        self.tab = another(page)

    def fetch(self) -> None:
        """Begin to fetch the page anew; an address with a mark behind it would only be gone to."""
        self.looks = 0
        self.tab.goto(self.page.url.partition("#")[0], wait_until="commit")

    def is_equal(self) -> bool:
        """Tell whether both tabs show the same; after some looks all is fetched again for the next time."""
        self.tab.wait_for_load_state()
        expect(self.tab.locator("#window-view[data-view=none]")).to_have_count(0)
        shown, anew = self.both()
        self.looks += 1
        if shown != anew and self.looks == LOOKS:
            self.fetch()
        return shown == anew

    def both(self) -> tuple[str, str]:
        """Return what stands in the page and in the tab."""
        shown, anew = (page.locator(self.root).evaluate(PLAIN) for page in (self.page, self.tab))
        return shown, anew

    def look_away(self) -> None:
        """Show nothing in the second tab, so that nothing is seen there."""
        self.tab.goto("about:blank")


def equal(after: str, *seats: Seat) -> None:
    """Wait until the page of everybody is what he would fetch now."""
    for seat in seats:
        seat.fetch()
    for seat in seats:
        until(seat.is_equal, partial(_differing, seat, after), MOST_S)


def _differing(seat: Seat, after: str) -> str:
    return "\n\n".join((f"the same on {seat.page.url} after {after}", *seat.both()))
