"""The commands of docs/running.md and docs/upgrading.md, as they stand there, from nothing to a site that answers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import copy_file
from tests.deploy.fronts import answers, web_server
from tests.site.test_start import ROOT

OF_THE_MACHINE = ("apt-get", "useradd", "runuser", "make", "chgrp", "systemctl", "nginx")
"""Not run here: they would change this machine. That they are called as documented is written down."""
pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]


def blocks(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def elsewhere(text: str, root: Path) -> str:
    """The same commands for a machine that lies below `root`."""
    text = text.replace("/srv/muse/app/.venv", str(Path(sys.executable).parent.parent)).replace(
        "/srv/muse/app", str(ROOT)
    )
    text = text.replace(".venv/bin/python", sys.executable)
    for place in ("/var/lib/muse", "/var/backups/muse", "/srv/muse/media", "/etc/muse"):
        text = text.replace(place, f"{root}{place}")
    for place in ("/etc/systemd/system", "/etc/nginx/conf.d", "/etc/nginx/sites-enabled", "/etc/logrotate.d"):
        text = re.sub(rf"(?<![\w.]){place}", f"{root}{place}", text)
    return re.sub(r"-o \w+ -g \w+ ", "", text)


def run(script: str, root: Path) -> str:
    shims = root / "bin"
    shims.mkdir(exist_ok=True)
    for name in OF_THE_MACHINE:
        (shims / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {root}/called\n')
        (shims / name).chmod(0o755)
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    environment = kept | {"PATH": f"{shims}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    result = subprocess.run(["bash", "-euc", script], cwd=root, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def test_the_commands_lead_from_nothing_to_a_site(tmp_path: Path, migrated_file: Path) -> None:
    machine, secrets, database, start = (elsewhere(block, tmp_path) for block in blocks("running.md")[:4])
    for place in ("etc/systemd/system", "etc/nginx/conf.d", "etc/logrotate.d"):
        (tmp_path / place).mkdir(parents=True)
    run(machine, tmp_path)
    run(secrets, tmp_path)
    settings = tmp_path / "etc" / "muse" / "muse.env"
    assert settings.stat().st_mode & 0o777 == 0o640
    assert len((tmp_path / "etc" / "muse" / "secret_key").read_text().strip()) >= 50
    lines = elsewhere(settings.read_text(), tmp_path)
    file = tmp_path / "var" / "lib" / "muse" / "db.sqlite3"
    copy_file(migrated_file, file)  # no PostgreSQL of this name is here; migrating anew takes a minute
    settings.write_text(re.sub(r"^DATABASE_URL=.*$", f"DATABASE_URL=sqlite:///{file}", lines, flags=re.MULTILINE))
    run(database, tmp_path)
    assert (tmp_path / "var" / "lib" / "muse" / "static" / "staticfiles.json").exists()
    copying, verifying, rest = start.partition("systemd-analyze")
    run(copying, tmp_path)
    for unit in (tmp_path / "etc" / "systemd" / "system").iterdir():
        unit.write_text(elsewhere(unit.read_text(), tmp_path))
    run(verifying + rest if shutil.which("systemd-analyze") else rest.partition("\n")[2], tmp_path)
    called = (tmp_path / "called").read_text()
    units = re.findall(r"[\w-]+(?:@\d)?\.(?:target|socket|timer|service)", called)
    names = {re.sub(r"@\d", "@", unit) for unit in units if not unit.startswith(("postgresql", "redis"))}
    assert names >= {"muse.target", "muse-web.socket"}
    assert {name for name in names if not (tmp_path / "etc" / "systemd" / "system" / name).exists()} == set()
    given = dict(line.split("=", 1) for line in settings.read_text().splitlines() if re.match(r"[A-Z_]+=", line))
    given = {name: value for name, value in given.items() if name not in ("CELERY_BROKER_URL", "WEB_PROCESSES")}
    (tmp_path / "served").mkdir()
    with web_server(tmp_path / "served", SECRET_KEY="", **given):
        assert answers(tmp_path / "served" / "web.sock")


def test_the_commands_of_an_upgrade(tmp_path: Path, migrated_file: Path) -> None:
    (block,) = blocks("upgrading.md")
    copy_file(migrated_file, tmp_path / "db.sqlite3")
    given = f"export DATA_DIR={tmp_path} DATABASE_URL= SECRET_KEY={'x' * 50} ALLOWED_HOSTS=muse.example.org\n"
    said = run(given + elsewhere(block, tmp_path), tmp_path)
    assert "No planned migration operations." in said
    assert "lock_timeout=2s" in block
