"""What is written is written in `transaction()`: it commits, then tells."""

import ast
import re

from tests.house.sources import calls_in, name_of, python_files

# Only here is a transaction begun and ended.
OWNERS = ("helpdesk/database.py", "helpdesk/migrations/env.py")
FORBIDDEN = re.compile(
    r"""(?x)
    db\.session\.(add|add_all|delete|merge|flush|commit|bulk_\w+)$
    | (tx|session|connection|conn)\.(commit|begin|begin_nested)$
    | .*engine(\(\))?\.begin$
    | Session$ | sessionmaker$
    """
)
WRITING = re.compile(r"^(insert|update|delete)\(|^text\(['\"]\s*(insert|update|delete)", re.IGNORECASE)


def test_nothing_is_written_outside_of_transaction() -> None:
    wrong = [
        f"{name_of(path)}:{call.lineno} {name}"
        for path in python_files()
        if name_of(path) not in OWNERS
        for call, name in calls_in(path)
        if FORBIDDEN.match(name)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_reading_session_executes_nothing_that_writes() -> None:
    wrong = [
        f"{name_of(path)}:{call.lineno} {ast.unparse(call)[:100]}"
        for path in python_files()
        for call, name in calls_in(path)
        if name.startswith("db.session.") and call.args and WRITING.match(ast.unparse(call.args[0]))
    ]
    assert not wrong, "\n".join(wrong)
