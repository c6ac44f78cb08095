"""What others wrote stands unmodified, with its licence."""

import hashlib

import pytest

from tests.house.sources import STATIC

VENDORS = sorted(path.name for path in (STATIC / "vendor").iterdir())


@pytest.mark.parametrize("name", VENDORS)
def test_files_are_those_that_were_published(name: str) -> None:
    folder = STATIC / "vendor" / name
    sums = dict(line.split(maxsplit=1)[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert files <= set(sums)  # more sums than files: what a sprite was drawn from is not kept beside it
    for file in files:
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == sums[file], file


@pytest.mark.parametrize("name", VENDORS)
def test_each_says_version_and_licence(name: str) -> None:
    assert name.count("@") == 1
    assert (STATIC / "vendor" / name / "LICENSE").stat().st_size > 100
