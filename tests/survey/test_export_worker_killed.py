"""A worker killed with `kill -9` in the middle of an export: the pack is finished by another, or the page says why.

Real processes: the embedded broker (or the Redis of REDIS_URL), a real Celery worker with its beat, a database on disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import zipfile
from pathlib import Path

import pytest

from tests.generation.test_worker_killed import environment, newest, shell, wait_for_progress, worker

__all__ = ["environment"]
pytestmark = [pytest.mark.service, pytest.mark.timeout(1800)]

FILL = """
from benchmarks.monitor_database import fill_up, make_studies
study, = make_studies(1)
fill_up(study, people=1500, trials=8)
"""
ASK = """
from survey.actions.exporting import request_export
from survey.models import Study
from survey.tasks import send_export
study = Study.objects.get()
send_export(request_export(study=study, by=study.owner).pk)
"""
FIELDS = ("status", "rows_done", "attempts", "error", "file", "sha256")


@pytest.fixture
def site(environment: dict[str, str]) -> dict[str, str]:
    """A study with 12,000 answers, and a sweep that takes silent workers for dead after five seconds."""
    environment |= {"EXPORT_LEASE_SECONDS": "5", "SWEEP_SECONDS": "1"}
    shell(FILL, environment)
    return environment


def look(data_dir: Path) -> dict[str, object]:
    return newest(data_dir, "survey_exportjob", FIELDS)


def largest_part(folder: Path) -> int:
    """Bytes of the unfinished file that a worker writes."""
    sizes = []
    for part in folder.glob(".*.part"):
        with contextlib.suppress(FileNotFoundError):
            sizes.append(part.stat().st_size)
    return max(sizes, default=0)


def test_a_pack_whose_worker_was_killed_is_finished_by_another(site: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    with worker(site, tmp_path) as first:
        shell(ASK, site)
        wait_for_progress(lambda: largest_part(folder), lambda size: size > 20_000, pause=0.01)
        os.killpg(first.pid, signal.SIGKILL)
    assert look(tmp_path)["status"] == "running"
    with worker(site, tmp_path):
        job = wait_for_progress(lambda: look(tmp_path), lambda job: job["status"] in ("ready", "failed"))
    pack = folder / str(job["file"])
    assert (job["status"], job["attempts"]) == ("ready", 2)
    assert hashlib.sha256(pack.read_bytes()).hexdigest() == job["sha256"]
    with zipfile.ZipFile(pack) as archive:
        assert archive.testzip() is None
        assert archive.read("responses_long.csv").count(b"\n") == 12_001
    assert [path.name for path in folder.iterdir()] == [pack.name]
