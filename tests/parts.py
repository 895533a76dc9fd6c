"""The parts that MelodyMuse is installed in, and environments that hold one part and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
MACHINES = [
    {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.{patch}", "extra": ""}
    for minor, patch in ((11, 0), (11, 14), (12, 12), (13, 9))
]
"""The interpreters that a marker may ask for; the operating system is the one that runs the tests."""


def list_needs(part: str) -> list[str]:
    """What `.ci/parts.py` says that the part needs."""
    run = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "parts.py"), part], capture_output=True, text=True, check=True, timeout=30
    )
    return run.stdout.splitlines()


def read_lock() -> dict[str, Requirement]:
    """Every pinned package of the site by its name, those of `requirements-no-deps.txt` too."""
    files = (ROOT / "requirements.txt", ROOT / "requirements-no-deps.txt")
    lines = "".join(path.read_text(encoding="utf-8") for path in files).splitlines()
    pins = [Requirement(line.partition("  #")[0]) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): pin for pin in pins}


def holds(marker: Marker | None, *, extra: str = "", machines: list[dict[str, str]] = MACHINES) -> bool:
    return marker is None or any(marker.evaluate({**machine, "extra": extra}) for machine in machines)


def follow(needs: list[str], machines: list[dict[str, str]] = MACHINES) -> set[str]:
    """Names of all packages that these lines bring in, by what the installed packages say of themselves."""
    waiting, seen = [Requirement(line) for line in needs], set()
    while waiting:
        wanted = waiting.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen or not holds(wanted.marker, machines=machines):
            continue
        seen.add(key)
        try:
            lines = distribution(wanted.name).requires or []
        except PackageNotFoundError:  # one for another Python than this one
            continue
        for requirement in map(Requirement, lines):
            if any(holds(requirement.marker, extra=extra, machines=machines) for extra in (wanted.extras or {""})):
                requirement.marker = None
                waiting.append(requirement)
    return {name for name, _ in seen}


def link_packages(names: set[str], folder: Path) -> Path:
    """Make `folder` a place from which these installed packages, and no others, can be imported."""
    folder.mkdir()
    for name in names:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:
            continue
        for top in {Path(file).parts[0] for file in files} - {"..", "__pycache__"}:
            source = Path(str(distribution(name).locate_file(top)))
            if source.exists() and not (folder / top).exists():
                (folder / top).symlink_to(source)
    return folder


def run_with(
    folder: Path, *command: str, project: Path = ROOT, cwd: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run this Python with the packages in `folder` and the project, without those of its own environment."""
    environment = os.environ | {"PYTHONPATH": f"{project}{os.pathsep}{folder}", "PYTHONSAFEPATH": "1"}
    environment |= {"DJANGO_SETTINGS_MODULE": "melodymuse_site.settings", **variables}
    return subprocess.run(
        [sys.executable, "-S", *command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=240
    )
