"""The worker of an import killed with `kill -9`: another takes over, everything is imported once, nothing by halves."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.generation.importing import write_manifest, write_sound
from tests.generation.test_worker_killed import environment as environment
from tests.generation.test_worker_killed import reading, shell, wait_for_progress, worker

CLIPS = 16
pytestmark = [pytest.mark.service, pytest.mark.timeout(1800)]

ASK = """
import io, zipfile
from pathlib import Path
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from generation.actions import request_import
folder, stream = Path({folder!r}), io.BytesIO()
with zipfile.ZipFile(stream, "w") as archive:
    for path in folder.iterdir():
        archive.write(path, path.name)
request_import(
    archive=SimpleUploadedFile("clips.zip", stream.getvalue()), licence="",
    by=get_user_model().objects.create_superuser("root"),
)
"""


def stand(data_dir: Path) -> tuple[str, int, int]:
    """(state of the import, clips it has looked at, rows of imported clips)"""
    with reading(data_dir) as connection:
        status, done = connection.execute("SELECT status, done FROM generation_clipimport").fetchone()
        rows = connection.execute("SELECT COUNT(*) FROM generation_pairversion").fetchone()[0]
    return str(status), int(done), int(rows)


def left_over(data_dir: Path) -> list[str]:
    """What lies in the folder of imports."""
    return [path.name for path in (data_dir / "imports").iterdir()]


def test_an_import_survives_kill_9_of_its_worker(environment: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    for number in range(CLIPS):
        write_sound(folder / f"{number}.wav", 200 + 10 * number, seconds=2.0)
    rows = [{"file": f"{number}.wav", "emotion": "awe", "system": "other"} for number in range(CLIPS)]
    write_manifest(folder, rows)
    shell(ASK.format(folder=str(folder)), environment)
    with worker(environment, tmp_path) as first:
        wait_for_progress(lambda: stand(tmp_path), lambda stood: stood[1] >= 2)
        os.killpg(first.pid, signal.SIGKILL)
    status, done, stored = stand(tmp_path)
    assert (status, stored) == ("running", 0)
    assert 2 <= done < CLIPS
    with worker(environment, tmp_path):
        wait_for_progress(lambda: stand(tmp_path), lambda stood: stood[0] == "ready")
        # It says that all is imported first, and tidies its folder up then.
        wait_for_progress(lambda: left_over(tmp_path), lambda left: left == ["prepared"])
    assert stand(tmp_path) == ("ready", CLIPS, CLIPS)
