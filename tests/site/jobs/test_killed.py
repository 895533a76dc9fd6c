"""A worker of each kind killed with `kill -9` while it works: its job is held until the lease expires, and then lost.

A real process of its own, on the database of the tests; SQLite's file and PostgreSQL see it die with a statement begun.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from melodymuse_site.jobs.leases import Lease, claim, finish
from melodymuse_site.jobs.model import Job
from melodymuse_site.jobs.sweeping import sweep
from tests.site.jobs.kinds import KINDS, every_kind

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[3]
BEATS = 20
WORK = """
import sys, django
django.setup()
from django.apps import apps
from melodymuse_site.jobs.leases import claim, renew
lease = claim(apps.get_model(sys.argv[1]), int(sys.argv[2]))
while True:
    renew(lease)
    print(lease.claim, flush=True)
"""


def address() -> str:
    """DATABASE_URL of the database that this test runs on."""
    there = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{there['NAME']}"
    return f"postgres://{there['USER']}:{there['PASSWORD']}@{there['HOST']}:{there['PORT']}/{there['NAME']}"


@contextmanager
def worker(job: Job, data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has claimed `job` and renews its lease as fast as it can."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
        "DATABASE_URL": address(),
        "DATA_DIR": str(data_dir),
    }
    command = [sys.executable, "-c", WORK, job._meta.label, str(job.pk)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.__name__)
def test_what_a_killed_worker_held_is_finished_by_another_and_once(kind: Any, tmp_path: Path) -> None:
    job = KINDS[kind].ask()
    with worker(job, tmp_path) as process:
        assert process.stdout
        said = {process.stdout.readline().strip() for _ in range(BEATS)}
        process.kill()
        process.wait()
    job.refresh_from_db()
    dead = Lease(kind, job.pk, job.claim)
    assert (job.status, job.attempts, {str(dead.claim)}) == ("running", 1, said)
    assert (claim(kind, job.pk), sweep(kind).to_send) == (None, ())
    after = timezone.now() + kind.terms.lease() + timedelta(seconds=1)
    assert sweep(kind, now=after).to_send == (job.pk,)
    second = claim(kind, job.pk)
    assert second
    finish(second, **KINDS[kind].brings)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.claim) == ("ready", 2, None)
