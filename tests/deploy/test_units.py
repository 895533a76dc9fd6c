"""systemd's units: systemd itself finds nothing wrong with them, and all are shut in alike."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from melodymuse_site import queues

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
MOST_EXPOSED = 2.0
"""systemd's own scale, from 0 (shut in) to 10; a service without any of this has 9.6."""

QUICK = ",".join(queues.quick_queues("melodymuse"))
LONG = ",".join(queues.long_queues("melodymuse"))


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they are, with the programs of this environment: systemd looks whether they are there."""
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace("/srv/muse/app/.venv/bin/", f"{Path(sys.executable).parent}/")
        (tmp_path / unit.name).write_text(text.replace("/srv/muse/app", str(ROOT)), encoding="utf-8")
    return tmp_path


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@needs_systemd
def test_systemd_finds_nothing_wrong(units: Path) -> None:
    found = [*units.glob("*.service"), *units.glob("*.socket"), *units.glob("*.timer"), *units.glob("*.target")]
    names = [str(unit).replace("@.", "@1.") for unit in found]
    result = run("systemd-analyze", "verify", "--recursive-errors=no", *names)
    assert (result.returncode, result.stderr) == (0, "")


@needs_systemd
def test_systemd_would_find_what_is_wrong(units: Path) -> None:
    web = units / "muse-web.service"
    web.write_text(web.read_text().replace("MemoryMax=2G", "MemoryMax=much"))
    assert "Invalid memory limit" in run("systemd-analyze", "verify", "--recursive-errors=no", str(web)).stderr


@needs_systemd
@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_every_service_is_shut_in(units: Path, service: Path) -> None:
    unit = str(units / service.name).replace("@.", "@1.")
    if "@" in unit:
        shutil.copy(units / service.name, unit)
    result = run(
        "systemd-analyze", "security", "--offline=true", "--json=short", f"--threshold={MOST_EXPOSED * 10:.0f}", unit
    )
    left = {one["name"]: one["exposure"] for one in json.loads(result.stdout)} if result.stdout else {}
    assert result.returncode == 0, {name: exposure for name, exposure in left.items() if exposure}


def test_all_services_are_shut_in_alike() -> None:
    blocks = {
        path.name: path.read_text().partition("# What it may not do")[2].partition("\n\n")[0].strip()
        for path in SERVICES
    }
    assert len(blocks) == 5
    assert len(set(blocks.values())) == 1
    for path in SERVICES:
        assert re.search(r"^MemoryMax=\d+[GM]$", path.read_text(), re.MULTILINE), path.name


def test_the_units_start_what_the_documentation_says() -> None:
    """The queues and options of the table of processes; %h is systemd's, %%h Celery's."""
    told = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for unit, words in (
        ("muse-web.service", "gunicorn melodymuse_site.wsgi --config python:melodymuse_site.gunicorn"),
        ("muse-worker@.service", f"worker --concurrency 2 --queues {QUICK} --hostname quick"),
        ("muse-long@.service", f"worker --concurrency 2 --queues {LONG} --hostname long"),
        ("muse-beat.service", "celery -A melodymuse_site beat --schedule"),
    ):
        assert words in told
        assert words in (UNITS / unit).read_text(encoding="utf-8")
        assert "@%h" not in (UNITS / unit).read_text(encoding="utf-8").replace("%%h", "")
