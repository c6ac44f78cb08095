"""Real browsers: one Chromium per test process, one context per person, every complaint collected.

Tests run in Chromium's headless shell where there is one: the same engine for half the work, but it shows no
notifications. What is about those is marked `notifications` and runs in the whole browser.
"""

import os
import re
import shutil
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Playwright, expect

from helpdesk.config import ROOT
from tests.support.clients import PASSWORD
from tests.support.servers import Server

OUTPUT = ROOT / "tests/output"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHELLS = ("chromium-headless-shell", *NAMES)
OPTIONS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--no-proxy-server",
    # A page begins in one process and goes on in another when it gets its address: the first one is enough.
    "--renderer-process-limit=1",
)
# What nobody sees and costs more than most of our pages: two pages of the address bar in every window, and a
# process in reserve behind every page.
UNSEEN = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess")
# What Playwright disables itself: said again, since Chromium heeds the last list alone.
OFF_ANYHOW = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
# Refusals that are answered in place; Chromium reports each as a failed resource.
ANSWERED = re.compile(r"Failed to load resource: .* status of (409|422|429)")
# What Chromium says when a page is left, or its context closed, while its socket is still opening.
LEFT_EARLY = re.compile(r"WebSocket is closed before the connection is established")
OFFLINE = (
    r"ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_|ERR_EMPTY_RESPONSE"
    r"|Failed to fetch|WebSocket connection to"
)
REPORT = """
document.addEventListener('securitypolicyviolation', event =>
    console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} in ${event.sourceFile}`));
"""


def program(names: tuple[str, ...]) -> str:
    """Return the first Chromium of `names` on this machine; fails with what to do when there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "No Chromium found: install one (apt install chromium) or set CHROMIUM to its path."
    return found


def chromium(playwright: Playwright, names: tuple[str, ...]) -> Browser:
    """Start the first of `names`, headless; it talks to nobody but the server under test."""
    options = [*OPTIONS, f"--disable-features={','.join((*UNSEEN, *OFF_ANYHOW))}"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    return playwright.chromium.launch(executable_path=program(names), args=options)


class Browsers:
    """The people in front of their screens in one test; each has cookies and storage of his own."""

    def __init__(self, browser: Browser, server: Server, name: str) -> None:
        self.browser = browser
        self.server = server
        self.name = name
        self.complaints: list[str] = []
        self._tolerated: list[re.Pattern[str]] = [ANSWERED, LEFT_EARLY]
        self._pages: list[Page] = []

    def tolerate(self, pattern: str = OFFLINE) -> None:
        """Expect complaints that match, as while the test takes the network away."""
        self._tolerated.append(re.compile(pattern))

    def person(self, **options: Any) -> Page:
        """Return the page of a stranger; `options` as for Browser.new_context (viewport, color_scheme …)."""
        defaults: dict[str, Any] = {
            "base_url": self.server.url,
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
        }
        context = self.browser.new_context(**(defaults | options))
        context.set_default_timeout(15_000)
        context.add_init_script(REPORT)
        context.on("page", self._watch)
        return context.new_page()

    def agent(self, login: str, path: str = "/agent/chats", **options: Any) -> Page:
        """Return the page of a signed-in agent at `path`; `sign_in` does it by hand."""
        return self._signed_in("agent", login, path, options)

    def customer(self, login: str, path: str = "/external/", **options: Any) -> Page:
        """Return the page of a signed-in customer user at `path`; `sign_in` does it by hand."""
        return self._signed_in("external", login, path, options)

    def visitor(self, path: str = "/external/", **options: Any) -> Page:
        """Return the page of a public visitor at `path`."""
        page = self.person(**options)
        page.goto(path)
        return page

    def finish(self, has_failed: bool) -> None:
        """Close all; keeps pictures when the test failed, and fails when a page complained before."""
        for page in self._pages:
            self._hear_out(page)
        complaints = list(self.complaints)  # what a page says of being closed is nobody's trouble
        if has_failed:
            self._take_pictures()
            print("\n".join(complaints))
        for context in {page.context for page in self._pages}:
            _close(context)
        assert has_failed or not complaints, "\n".join(complaints)

    def _hear_out(self, page: Page) -> None:
        """Have what the page has said until now arrive: an answer comes behind it."""
        if not page.is_closed():
            with suppress(Error):  # it is on its way to another page, or crashed: the test would know
                page.evaluate("0")

    def _signed_in(self, door: str, login: str, path: str, options: dict[str, Any]) -> Page:
        page = self.person(**options)
        token = self.server.enter(login)
        cookie = {"domain": "127.0.0.1", "path": f"/{door}", "httpOnly": True, "sameSite": "Lax"}
        page.context.add_cookies([{"name": f"helpdesk_{door}", "value": token, **cookie}])  # type: ignore[typeddict-item]
        page.goto(path)
        return page

    def _watch(self, page: Page) -> None:
        self._pages.append(page)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complain(f"uncaught: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _complain(self, text: str) -> None:
        if not any(pattern.search(text) for pattern in self._tolerated):
            self.complaints.append(text)

    def _take_pictures(self) -> None:
        OUTPUT.mkdir(exist_ok=True)
        for number, page in enumerate(self._pages):
            if not page.is_closed():
                page.screenshot(path=OUTPUT / f"{self.name}-{number}.png", full_page=True)


def another(page: Page) -> Page:
    """Open another page of the same person in a window of its own: behind it a tab is drawn once a second."""
    context = page.context
    assert context.browser is not None
    here = context.new_cdp_session(page).send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    window = {"url": "about:blank", "browserContextId": here, "newWindow": True}
    with context.expect_page() as opened:
        context.browser.new_browser_cdp_session().send("Target.createTarget", window)
    return opened.value


def sign_in(page: Page, door: str, login: str) -> None:
    """Fill in the form of a door (agent or external) and wait until somebody is in."""
    page.goto(f"/{door}/sign-in")
    page.get_by_role("textbox", name="User name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def axe(page: Page) -> list[str]:
    """Return what axe-core finds wrong with a page as it stands (WCAG 2.2 A and AA, best practices)."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(_axe_source())
    found = page.evaluate("() => axe.run({resultTypes: ['violations']})")
    return [f"{v['id']}: {v['help']}: {[n['html'][:160] for n in v['nodes']]}" for v in found["violations"]]


def axe_in_both_colours(page: Page) -> list[str]:
    """Return what axe-core finds in light colours and in dark ones."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += axe(page)
    return found


def _close(context: BrowserContext) -> None:
    context.close()


@cache
def _axe_source() -> str:
    spec = find_spec("axe_playwright_python")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "axe.min.js").read_text()
