"""A press of each test's own."""

from collections.abc import Iterator

import pytest

from helpdesk.press.press import Press


@pytest.fixture
def press() -> Iterator[Press]:
    """Prints; its child is ended with the test."""
    made = Press()
    yield made
    made.stop()
