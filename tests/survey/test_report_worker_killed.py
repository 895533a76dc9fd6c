"""A worker killed with `kill -9` in the middle of a report: the next look finds it resumed, and in the end the results.

Real processes: the embedded broker (or the Redis of REDIS_URL), a real Celery worker with its beat, a database on disk.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.generation.test_worker_killed import environment, newest, shell, wait_for_progress, worker

__all__ = ["environment"]
pytestmark = [pytest.mark.service, pytest.mark.timeout(1800)]

FILL = """
from benchmarks.monitor_database import fill_up, make_studies
from survey import actions
study, = make_studies(1)
fill_up(study, people=1500, trials=8)
actions.open_results(study=study, by=study.owner)
"""
LOOK = """
from django.test import Client
from survey.models import Study
study = Study.objects.get()
client = Client(headers={"host": "localhost", "accept": "text/html"})
client.force_login(study.owner)
page = client.get(f"/results/{study.slug}/").content.decode()
print("waits" if "is being computed" in page else "results" if "Results in short" in page else page)
"""
FIELDS = ("status", "phase", "attempts", "error", "made_of")


@pytest.fixture
def site(environment: dict[str, str]) -> dict[str, str]:
    """A study with 12,000 answers, and a site that takes silent workers for dead after twenty seconds.

    On a slow machine a worker that computes is not heard of for some seconds; the killed one is for all of them.
    """
    environment |= {"EXPORT_LEASE_SECONDS": "20", "SWEEP_SECONDS": "1", "DEBUG": "1"}
    shell(FILL, environment)
    return environment


def row(data_dir: Path) -> dict[str, object]:
    return newest(data_dir, "survey_reportjob", FIELDS)


def test_a_report_whose_worker_was_killed_is_finished_by_another(site: dict[str, str], tmp_path: Path) -> None:
    assert shell(LOOK, site).strip() == "waits"  # before there is a worker: it might be done before this process ends
    with worker(site, tmp_path) as first:
        wait_for_progress(lambda: row(tmp_path), lambda job: str(job["phase"]).startswith("measures"), pause=0.01)
        os.killpg(first.pid, signal.SIGKILL)
    assert row(tmp_path)["status"] == "running"
    assert shell(LOOK, site).strip() == "waits"
    with worker(site, tmp_path):
        job = wait_for_progress(lambda: row(tmp_path), lambda job: job["status"] in ("ready", "failed"))
    assert (job["status"], job["attempts"], job["made_of"]) == ("ready", 2, 12_000)
    assert shell(LOOK, site).strip() == "results"
