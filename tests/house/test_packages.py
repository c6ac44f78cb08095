"""The lock holds what pyproject.toml asks for, pinned and hashed; a wheel holds the whole application."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpdesk.config import ROOT
from tests.house.sources import STATIC, own_static, templates
from tests.support.servers import clean_environment

LOCK = (ROOT / "requirements.txt").read_text()
MARK = "# Only for tests and tools:"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_everything_asked_for_is_locked_in_a_version_that_fits() -> None:
    locked = _versions(LOCK)
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    for wanted in map(Requirement, [*PROJECT["dependencies"], *extras]):
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)], prereleases=True), wanted


def test_serving_needs_only_what_stands_above_the_mark() -> None:
    serving = _versions(LOCK.partition(MARK)[0])
    extras = PROJECT["optional-dependencies"]
    for wanted in map(Requirement, [*PROJECT["dependencies"], *extras["postgres"], *extras["redis"]]):
        assert canonicalize_name(wanted.name) in serving
    assert "pytest" not in serving


def test_every_pin_has_hashes() -> None:
    pins = re.split(r"\n(?=[a-z])", LOCK.strip())
    assert all("--hash=sha256:" in pin for pin in pins)


def test_the_lock_names_no_host() -> None:
    assert not re.search(r"://|@|index-url|find-links|trusted-host", LOCK)


def test_a_wheel_brings_the_whole_application(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    installed = tmp_path / "site"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(installed)
    for path in [*templates(), *own_static(".js", ".css", ".svg"), *(STATIC / "vendor").rglob("*.ttf")]:
        assert (installed / path.relative_to(ROOT)).is_file(), path
    _run(installed, tmp_path, "-m", "helpdesk", "upgrade")
    _run(installed, tmp_path, "-c", OPEN_A_PAGE)


OPEN_A_PAGE = """
from helpdesk import create_app
answer = create_app().test_client().get("/agent/sign-in", base_url="http://127.0.0.1:8000")
assert answer.status_code == 200, answer.text
"""


def _run(installed: Path, folder: Path, *arguments: str) -> None:
    """Run Python with the unpacked wheel, far from the checkout."""
    settings = {"PYTHONPATH": str(installed), "HELPDESK_INSTANCE": str(folder / "instance")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=clean_environment() | settings,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert not list(installed.glob("instance/*"))


def _versions(lock: str) -> dict[str, str]:
    pins = re.findall(r"^([a-z0-9-]+)==([^ ]+)", lock, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}
