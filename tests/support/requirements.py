"""`make requirements`: one line per requirement, `n<TAB>test, test …`, from the marks of the tests."""

import re
import sys
from collections import defaultdict
from contextlib import redirect_stdout
from io import StringIO

import pytest


class Collector:
    """Remembers which tests carry which numbers; tests are named once, without their parameters."""

    def __init__(self) -> None:
        self.tests: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Read the marks of all tests."""
        for item in session.items:
            for mark in item.iter_markers("requirement"):
                for number in mark.args:
                    self.tests[str(number)][item.nodeid.partition("[")[0]] = None


def in_order(number: str) -> tuple[int, str]:
    """Sort 30 before 30a before 31."""
    digits = re.match(r"\d+", number)
    return (int(digits[0]) if digits else sys.maxsize, number)


def main() -> None:
    """Print the table; fails when the tests cannot be collected."""
    collector = Collector()
    with redirect_stdout(StringIO()) as said:
        failed = pytest.main(["--collect-only", "-q"], plugins=[collector])
    if failed:
        sys.exit(said.getvalue())
    for number in sorted(collector.tests, key=in_order):
        print(f"{number}\t{', '.join(collector.tests[number])}")


if __name__ == "__main__":
    main()
