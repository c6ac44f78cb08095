"""The settings of the tickets room; each is declared once, here."""

from helpdesk import files
from helpdesk.settings import Setting, between, declare, one_of
from helpdesk.tickets.letter import check_sender

declare(
    Setting(
        "Mail::From",
        "text",
        "Helpdesk <helpdesk@localhost>",
        "",
        "Who mails are from: an address, or a name and the address in <>. The mail server must take it.",
        check_sender,
    )
)
declare(
    Setting(
        "Mail::KeepSent",
        "int",
        30,
        "days",
        "How long mails are kept that were sent or dropped, with what they say; 0 = for ever.",
        between(0, 3_650),
    )
)
declare(
    Setting(
        "Ticket::NumberGenerator",
        "text",
        "DateChecksum",
        "",
        "How tickets are numbered: DateChecksum (date, counter of the day, check digit) or AutoIncrement.",
        one_of("DateChecksum", "AutoIncrement"),
    )
)
declare(
    Setting(
        "Ticket::PrintLimit",
        "int",
        60,
        "PDFs per hour",
        "How many PDFs of tickets one person may have made.",
        between(1, 10_000),
    )
)
declare(
    Setting(
        "Ticket::CompanyTickets",
        "bool",
        True,
        "",
        "Lets customer users read and answer the tickets of their whole company.",
    )
)
declare(
    Setting(
        "Ticket::EscalationHours",
        "int",
        48,
        "hours",
        "How old a ticket may get in the states new and open before it counts as escalated; 0 = never.",
        between(0, 10_000),
    )
)
declare(
    Setting(
        "Ticket::Attachment::LargestSize",
        "int",
        10_240,
        "kB",
        "How large the files of one article may be together; 0: none can be sent.",
        between(0, files.LARGEST_KB),
    )
)
declare(
    Setting(
        "Ticket::Attachment::Endings",
        "text",
        "png jpg jpeg gif webp pdf txt log csv docx xlsx pptx odt ods odp zip",
        "",
        "Which files an article can have, by the endings of their names; what is in them must be that too.",
        files.known_endings,
    )
)
