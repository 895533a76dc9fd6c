"""A worker killed with `kill -9` in the middle of a lesson: another finishes it, and it taught once.

Real processes: the embedded broker (or the Redis of REDIS_URL), a real Celery worker with its beat, a database on disk.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.generation.test_worker_killed import environment, newest, reading, shell, wait_for_progress, worker

__all__ = ["environment"]
pytestmark = [pytest.mark.service, pytest.mark.timeout(1800)]

TEACH = """
from django.core.management import call_command
from survey import actions
from tests.survey.test_lessons import taught
call_command("register_models", verbosity=0)
study = taught()
actions.request_lesson(studies=[study], by=study.owner, seed=1)
"""
FIELDS = ("status", "phase", "attempts", "error", "targets_id")


@pytest.fixture
def site(environment: dict[str, str]) -> dict[str, str]:
    """A lesson that waits, on a site that takes silent workers for dead after twenty seconds."""
    environment |= {"EXPORT_LEASE_SECONDS": "20", "SWEEP_SECONDS": "1"}
    shell(TEACH, environment)
    return environment


def row(data_dir: Path) -> dict[str, object]:
    return newest(data_dir, "survey_lesson", FIELDS)


def versions_learned(data_dir: Path) -> int:
    with reading(data_dir) as database:
        of_lessons = "kind = 'attribute_targets' AND NOT is_default"
        found = database.execute(f"SELECT COUNT(*) FROM generation_modelversion WHERE {of_lessons}").fetchone()
    return int(found[0])


def test_a_lesson_whose_worker_was_killed_is_finished_by_another(site: dict[str, str], tmp_path: Path) -> None:
    with worker(site, tmp_path) as first:
        wait_for_progress(lambda: row(tmp_path), lambda job: str(job["phase"]).startswith("Fitting"), pause=0.01)
        os.killpg(first.pid, signal.SIGKILL)
    assert (row(tmp_path)["status"], versions_learned(tmp_path)) == ("running", 0)
    with worker(site, tmp_path):
        job = wait_for_progress(lambda: row(tmp_path), lambda job: job["status"] in ("ready", "failed"))
    assert (job["status"], job["attempts"], job["error"]) == ("ready", 2, "")
    assert job["targets_id"]
    assert versions_learned(tmp_path) == 1
