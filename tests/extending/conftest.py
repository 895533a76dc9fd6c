"""A package that a stranger wrote, installed as a stranger would install it, without a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generation.networks.composers import find_composers

PACKAGE = Path(__file__).parent / "hello_composer"


def install(package: Path, target: Path) -> None:
    """`pip install` into a folder of its own, from a copy, because building leaves files beside the source."""
    source = target.with_name(f"{target.name}-source")
    shutil.copytree(package, source)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the example package is installed."""
    target = tmp_path_factory.mktemp("hello") / "site-packages"
    install(PACKAGE, target)
    return target


@pytest.fixture
def hello(site_packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of the example composer, which is installed as long as the test runs."""
    monkeypatch.syspath_prepend(str(site_packages))
    find_composers.cache_clear()
    yield "hello"
    monkeypatch.undo()
    find_composers.cache_clear()
    sys.modules.pop("hello_composer", None)
