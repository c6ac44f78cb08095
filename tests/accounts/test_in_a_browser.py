"""Signing in with a real browser: without JavaScript too, and by the one-time link."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from helpdesk import create_app
from helpdesk.accounts import first_admin
from tests.accounts.conftest import PASSWORD
from tests.accounts.helpers import WRONG
from tests.support.chromium import Browsers, axe, axe_in_both_colours
from tests.support.clients import PASSWORD as DEMO_PASSWORD
from tests.support.databases import configuration
from tests.support.servers import Server

pytestmark = pytest.mark.requirement(61)


@pytest.mark.parametrize(("door", "login"), [("agent", "agent1"), ("external", "customer1")])
def test_signing_in_works_without_javascript(browsers: Browsers, door: str, login: str) -> None:
    page = browsers.person(java_script_enabled=False)
    page.goto(f"/{door}/sign-in")
    page.get_by_role("textbox", name="User name").fill(login)
    page.get_by_role("textbox", name="Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text(WRONG)
    expect(page.get_by_role("textbox", name="User name")).to_have_value(login)
    expect(page.get_by_role("textbox", name="Password")).to_have_value("")
    page.get_by_role("textbox", name="Password").fill(DEMO_PASSWORD)
    page.get_by_role("textbox", name="Password").press("Enter")
    expect(page).to_have_url(re.compile(f"/{door}/$"))
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(f"/{door}/sign-in$"))


@pytest.mark.parametrize("door", ["agent", "external"])
def test_the_page_of_a_wrong_pair_is_accessible(browsers: Browsers, door: str) -> None:
    page = browsers.person()
    page.goto(f"/{door}/sign-in")
    assert axe_in_both_colours(page) == []
    page.get_by_role("textbox", name="User name").fill("nobody")
    page.get_by_role("textbox", name="Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("textbox", name="Password")).to_be_focused()
    expect(page.get_by_role("textbox", name="Password")).to_have_accessible_description(WRONG)
    assert axe_in_both_colours(page) == []


@pytest.fixture
def link(server: Server, tmp_path: Path) -> str:
    """What the start of a helpdesk without an administrator prints."""
    with create_app(configuration(server.database_url, tmp_path)).app_context():
        return f"/agent/first-admin#{first_admin.make_code()}"


class TestFirstAdmin:
    """On a fresh installation."""

    @pytest.fixture
    def server(self, make_server):
        return make_server(content="bare")

    def test_the_link_fills_in_the_code_and_leaves_the_address_bar(
        self, browsers: Browsers, link: str
    ) -> None:
        page = browsers.person()
        asked = []
        page.on("request", lambda request: asked.append(request.url + str(request.headers)))
        page.goto(link)
        code = link.partition("#")[2]
        expect(page.get_by_role("textbox", name="One-time code")).to_have_value(code)
        expect(page.get_by_role("textbox", name="User name")).to_be_focused()
        assert page.url.endswith("/agent/first-admin")
        assert axe(page) == []
        page.get_by_role("textbox", name="User name").fill("ada")
        page.get_by_role("textbox", name="Your name").fill("Ada")
        page.get_by_role("textbox", name="Password", exact=True).fill(PASSWORD)
        page.get_by_role("textbox", name="Password again").fill(PASSWORD + "!")
        page.get_by_role("button", name="Make the administrator").click()
        expect(page.get_by_role("alert")).to_have_text("The two passwords are not the same.")
        assert axe(page) == []
        page.get_by_role("textbox", name="Password", exact=True).fill(PASSWORD)
        page.get_by_role("textbox", name="Password again").fill(PASSWORD)
        page.get_by_role("button", name="Make the administrator").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        assert not any(code in each.partition("#")[0] for each in asked)
