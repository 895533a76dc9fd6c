"""A worker killed with `kill -9` in the middle of an export: the pack is finished by another, or the page says why.

Real processes: the embedded broker (or the Redis of REDIS_URL), a real Celery worker with its beat, a database on disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
import zipfile
from pathlib import Path

import pytest

from tests.generation.test_worker_killed import environment, shell, worker

__all__ = ["environment"]
PATIENCE = 120
pytestmark = [pytest.mark.service, pytest.mark.timeout(400)]

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
LOOK = """
import json
from survey.models import ExportJob
fields = ("status", "rows_done", "attempts", "error", "file", "sha256")
print(json.dumps(ExportJob.objects.values(*fields).latest("pk")))
"""


@pytest.fixture
def site(environment: dict[str, str]) -> dict[str, str]:
    """A study with 12,000 answers, and a sweep that takes silent workers for dead after five seconds."""
    environment |= {"EXPORT_LEASE_SECONDS": "5", "SWEEP_SECONDS": "1"}
    shell(FILL, environment)
    return environment


def look(site: dict[str, str]) -> dict[str, object]:
    return dict(json.loads(shell(LOOK, site)))


def wait(site: dict[str, str], *statuses: str) -> dict[str, object]:
    deadline = time.monotonic() + PATIENCE
    while (job := look(site))["status"] not in statuses:
        assert time.monotonic() < deadline, job
        time.sleep(0.2)
    return job


def wait_for_part(folder: Path) -> None:
    """Until a worker writes: the unfinished file is there and grows."""
    deadline = time.monotonic() + PATIENCE
    while not any(part.stat().st_size > 20_000 for part in folder.glob(".*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_pack_whose_worker_was_killed_is_finished_by_another(site: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    with worker(site, tmp_path) as first:
        shell(ASK, site)
        wait_for_part(folder)
        os.killpg(first.pid, signal.SIGKILL)
    assert look(site)["status"] == "running"
    with worker(site, tmp_path):
        job = wait(site, "ready", "failed")
    pack = folder / str(job["file"])
    assert (job["status"], job["attempts"]) == ("ready", 2)
    assert hashlib.sha256(pack.read_bytes()).hexdigest() == job["sha256"]
    with zipfile.ZipFile(pack) as archive:
        assert archive.testzip() is None
        assert archive.read("responses_long.csv").count(b"\n") == 12_001
    assert [path.name for path in folder.iterdir()] == [pack.name]
