"""The people of the chat rooms come to the dashboard too."""

from tests.chat.conftest import agent, hearing, house

__all__ = ["agent", "hearing", "house"]
