"""The settings of presence; each is declared once, here."""

from helpdesk.settings import Setting, between, declare

declare(
    Setting(
        "ChatEngine::AgentOnlineThreshold",
        "int",
        5,
        "minutes",
        "An available agent without activity for longer is shown as away.",
        between(1, 1440),
    )
)
declare(
    Setting(
        "ChatEngine::CustomerOnlineThreshold",
        "int",
        10,
        "minutes",
        "A customer or visitor without activity for longer is shown as away.",
        between(1, 1440),
    )
)
