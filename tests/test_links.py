"""Addresses become links; much text or many addresses cost no more than some."""

import pytest

from helpdesk.links import LONGEST_LINKED, MOST_LINKS, linked

pytestmark = pytest.mark.requirement(34)
ADDRESS = "https://a.example"


def test_the_first_addresses_are_links_and_nothing_is_lost() -> None:
    text = f"{ADDRESS} <b>\n" * 60
    html = linked(text)
    assert html.count("<a ") == html.count('rel="noopener nofollow"') == MOST_LINKS
    assert html.striptags().count(ADDRESS) == html.count("&lt;b&gt;") == html.count("\n") == 60


def test_a_line_with_too_many_has_none_but_the_lines_before_it_have() -> None:
    html = linked(f"{ADDRESS}\n" + f"{ADDRESS} " * MOST_LINKS)
    assert html.count("<a ") == 1
    assert linked("a.aa" * 100_000).count("<a ") == 0


def test_a_long_text_has_links_at_its_beginning() -> None:
    html = linked(f"{ADDRESS}\n" + "x" * LONGEST_LINKED + f"\n{ADDRESS}")
    assert html.count("<a ") == 1
    assert html.endswith(f"x\n{ADDRESS}")
