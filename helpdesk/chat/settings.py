"""The settings of the chat room; each is declared once, here."""

from helpdesk import files
from helpdesk.settings import Setting, between, declare, one_of, web_address

declare(Setting("ChatEngine::Active", "bool", True, "", "Switches everything about chat on or off."))
declare(Setting("ChatEngine::ChatDirection::PublicToAgent", "bool", True, "", "Visitors may start chats."))
declare(
    Setting("ChatEngine::ChatDirection::CustomerToAgent", "bool", True, "", "Customer users may start chats.")
)
declare(
    Setting("ChatEngine::ChatDirection::AgentToCustomer", "bool", True, "", "Agents may ask customer users.")
)
declare(Setting("ChatEngine::ChatDirection::AgentToAgent", "bool", True, "", "Agents may ask other agents."))
declare(
    Setting(
        "ChatEngine::AvailabilityCheck::Public",
        "bool",
        True,
        "",
        "Offers a channel to visitors only while an agent with owner level is there for it.",
    )
)
declare(
    Setting(
        "ChatEngine::AvailabilityCheck::Customer",
        "bool",
        True,
        "",
        "Offers a channel to customer users only while an agent with owner level is there for it.",
    )
)
declare(
    Setting(
        "ChatEngine::StartLimit",
        "int",
        240,
        "chats and messages per minute",
        "How many chats one network address may start, and how many messages it may leave.",
        between(1, 100_000),
    )
)
declare(
    Setting(
        "ChatEngine::MessageLimit",
        "int",
        600,
        "lines per minute",
        "How many lines one person may write.",
        between(1, 1_000_000),
    )
)
declare(
    Setting(
        "ChatEngine::OpenLimit",
        "int",
        5,
        "chats",
        "How many open chats one customer user or visitor may have.",
        between(1, 100),
    )
)
declare(
    Setting(
        "ChatEngine::WaitingLimit",
        "int",
        5,
        "minutes",
        "A request that waits longer is highlighted; 0: none is.",
        between(0, 10_000),
    )
)
declare(
    Setting(
        "ChatEngine::WayOutAfter",
        "int",
        3,
        "minutes",
        "Who waits longer is offered a ticket, or a message, instead of his request; 0: never.",
        between(0, 10_080),
    )
)
declare(
    Setting(
        "ChatEngine::ChatOrder",
        "text",
        "last",
        "first or last",
        "Where a new chat goes among My Active Chats.",
        one_of("first", "last"),
    )
)
declare(Setting("ChatEngine::Attachment::Agents", "bool", True, "", "Agents may send files."))
declare(Setting("ChatEngine::Attachment::Customers", "bool", True, "", "Customer users may send files."))
declare(Setting("ChatEngine::Attachment::Public", "bool", True, "", "Visitors may send files."))
declare(
    Setting(
        "ChatEngine::Attachment::LargestSize",
        "int",
        10_240,
        "kB",
        "The largest file that can be sent; 0: none. A channel may say otherwise.",
        between(0, files.LARGEST_KB),
    )
)
declare(
    Setting(
        "ChatEngine::Attachment::Endings",
        "text",
        "png jpg jpeg gif webp pdf txt log csv docx xlsx pptx odt ods odp zip",
        "",
        "Which files can be sent, by the endings of their names; what is in them must be that too."
        " A channel may say otherwise.",
        files.known_endings,
    )
)
declare(
    Setting(
        "ChatEngine::Attachment::PerChat",
        "int",
        50,
        "files",
        "How many files one chat takes.",
        between(1, 10_000),
    )
)
declare(
    Setting(
        "ChatEngine::Attachment::PerMinute",
        "int",
        10,
        "files per minute",
        "How many files one person may send.",
        between(1, 1_000),
    )
)
declare(
    Setting(
        "ChatEngine::PublicEmail",
        "text",
        "optional",
        "off, optional or required",
        "Whether visitors are asked for an e-mail address.",
        one_of("off", "optional", "required"),
    )
)
declare(
    Setting(
        "ChatEngine::ConsentText", "text", "", "", "Stands above Send where visitors begin; empty: nothing."
    )
)
declare(
    Setting(
        "ChatEngine::ConsentLink",
        "text",
        "",
        "an http or https address",
        "Where the consent text leads to; empty: nowhere.",
        web_address,
    )
)
for _name, _default, _help in (
    ("WithdrawAfter", 2, "A request whose requester is gone for longer is withdrawn; 0: never."),
    ("AskAfter", 15, "A guest who writes nothing for longer is asked whether he is there; 0: never."),
    ("CloseAfter", 60, "A chat whose guest writes nothing for longer is closed; 0: never."),
):
    declare(Setting(f"ChatEngine::Ghosts::{_name}", "int", _default, "minutes", _help, between(0, 10_080)))
declare(
    Setting(
        "ChatEngine::TranscriptLimit",
        "int",
        60,
        "PDFs per hour",
        "How many PDFs of chats one person may have made.",
        between(1, 100_000),
    )
)
declare(
    Setting(
        "ChatEngine::HandOverTime",
        "int",
        60,
        "seconds",
        "How long a chat is offered to a colleague or channel before it stays where it was.",
        between(10, 3600),
    )
)
declare(
    Setting(
        "ChatEngine::TakeOverAfter",
        "int",
        2,
        "minutes",
        "When the agent in charge is not connected for longer, his colleagues can take over; 0: never.",
        between(0, 1440),
    )
)
