"""What an administrator may set about sessions and signing in."""

from helpdesk.settings import Setting, between, declare

declare(
    Setting(
        "Session::IdleLimit",
        "int",
        480,
        "minutes",
        "A session without any activity for this long is over. A page that only watches does not count.",
        between(5, 10_080),
    ),
    Setting(
        "Session::AbsoluteLimit",
        "int",
        72,
        "hours",
        "A session is over this long after signing in, however active it is.",
        between(1, 720),
    ),
    Setting(
        "SignIn::WrongPerName",
        "int",
        10,
        "attempts",
        "So many wrong passwords are taken for one user name in one period; then it must wait for the next.",
        between(3, 1_000),
    ),
    Setting(
        "SignIn::WrongPerAddress",
        "int",
        50,
        "attempts",
        "So many wrong sign-ins are taken from one network address in one period.",
        between(3, 100_000),
    ),
    Setting("SignIn::Period", "int", 15, "minutes", "The period of the two limits above.", between(1, 1_440)),
)
