"""The command that imports, killed in the middle: no row is left, and it goes on where it stopped."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.databases import copy_file
from tests.generation.importing import (
    COLUMNS,
    write_manifest,
    write_sound,
)
from tests.generation.importing import folder as folder
from tests.generation.importing import places as places

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.service, pytest.mark.timeout(1800)]


def clean_start(tmp_path: Path, migrated_file: Path) -> dict[str, str]:
    data = tmp_path / "site"
    data.mkdir()
    copy_file(migrated_file, data / "db.sqlite3")
    variables = {**os.environ, "DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings"}
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "MEDIA_ROOT"):
        variables.pop(name, None)
    return variables


def count_rows(tmp_path: Path) -> int:
    with sqlite3.connect(tmp_path / "site" / "db.sqlite3") as connection:
        return int(connection.execute("SELECT COUNT(*) FROM generation_pairversion").fetchone()[0])


def test_killed_in_the_middle_it_leaves_no_row_and_goes_on_where_it_stopped(
    folder: Path, tmp_path: Path, migrated_file: Path
) -> None:
    variables = clean_start(tmp_path, migrated_file)
    rows = []
    for number in range(12):
        write_sound(folder / f"{number}.wav", 200 + 10 * number, seconds=2.0)
        rows.append({"file": f"{number}.wav", "emotion": "awe", "system": "other"})
    command = [sys.executable, "manage.py", "import_clips", str(write_manifest(folder, rows, columns=COLUMNS))]
    process = subprocess.Popen(command, cwd=ROOT, env=variables, stderr=subprocess.DEVNULL)
    prepared = tmp_path / "site" / "imports" / "prepared"
    while process.poll() is None and len(list(prepared.glob("*/facts.json"))) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = len(list(prepared.glob("*/facts.json")))
    assert 3 <= finished < 12
    assert count_rows(tmp_path) == 0
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("12 clips imported")
    assert count_rows(tmp_path) == 12
    assert not list(prepared.glob("*/facts.json"))
