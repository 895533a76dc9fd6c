"""Jobs that are open when a site of the last release is upgraded go on, and what has ended stays as it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from generation.models import ClipImport, PairVersion
from melodymuse_site.jobs import leases
from melodymuse_site.jobs.sweeping import sweep
from survey.models import ExportJob, Study
from tests.generation.factories import make_picture, make_run
from tests.survey.factories import make_researcher

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def before(app: str, name: str) -> tuple[str, str]:
    """The migration of `app` before the one called `name`."""
    nodes = MigrationLoader(connection).graph.node_map
    (found,) = [node for key, node in nodes.items() if key[0] == app and key[1].endswith(name)]
    (parent,) = [node.key for node in found.parents if node.key[0] == app]
    return tuple(parent)


def test_open_jobs_survive_the_upgrade() -> None:
    owner = make_researcher()
    study = Study.objects.create(title="A study", slug="a-study", owner=owner)
    pairs = make_run([make_picture(10), make_picture(20)])
    assert leases.claim(PairVersion, pairs.versions.first().pk)
    kept = list(PairVersion.objects.order_by("pk").values())
    old = [before("generation", "imports_have_a_lease"), before("survey", "exports_have_a_lease")]
    now = timezone.now()
    try:
        for app, name in old:
            call_command("migrate", app, name, verbosity=0)
        apps = MigrationLoader(connection).project_state(old).apps
        fill_exports(apps.get_model("survey", "ExportJob"), study.pk, now)
        fill_imports(apps.get_model("generation", "ClipImport"), now)
    finally:
        call_command("migrate", verbosity=0)
    assert list(PairVersion.objects.order_by("pk").values()) == kept
    check_exports(now)
    check_imports(now)


def fill_exports(jobs: Any, study: int, now: datetime) -> None:
    silent = now - timedelta(hours=1)
    asked = {"study_id": study}
    jobs.objects.create(**asked, status="queued", interrupted=1)
    jobs.objects.create(**asked, status="running", interrupted=0, started_at=silent, alive_at=now, rows_done=7)
    jobs.objects.create(**asked, status="running", interrupted=1, started_at=silent, alive_at=silent)
    jobs.objects.create(**asked, status="running", interrupted=2, started_at=silent, alive_at=silent)
    jobs.objects.create(
        **asked, status="ready", started_at=silent, finished_at=now, file="a.zip", sha256="ab" * 32, bytes=1
    )
    jobs.objects.create(**asked, status="failed", interrupted=3, started_at=silent, finished_at=now, error="3 workers")
    jobs.objects.create(**asked, status="cancelled", finished_at=now)
    jobs.objects.update(requested_at=silent)


def check_exports(now: datetime) -> None:
    def stand() -> list[tuple[str, int]]:
        return list(ExportJob.objects.order_by("pk").values_list("status", "attempts"))

    ended = [("ready", 1), ("failed", 3), ("cancelled", 0)]
    assert stand() == [("queued", 1), ("running", 1), ("running", 2), ("running", 3), *ended]
    assert set(ExportJob.objects.values_list("queued_at", flat=True)) == {now - timedelta(hours=1)}
    waiting, living, dead, last = ExportJob.objects.order_by("pk")[:4]
    swept = sweep(ExportJob, now=now)
    assert (swept.taken_back, swept.to_send, swept.failed) == ((dead.pk,), (dead.pk, waiting.pk), (last.pk,))
    assert stand() == [("queued", 1), ("running", 1), ("queued", 2), ("failed", 3), *ended]
    living.refresh_from_db()
    assert (living.rows_done, living.lease_expires_at) == (7, now + timedelta(minutes=2))
    assert leases.claim(ExportJob, waiting.pk)


def fill_imports(jobs: Any, now: datetime) -> None:
    silent = now - timedelta(hours=1)
    jobs.objects.create(name="waits", status="queued")
    jobs.objects.create(name="was sent", status="queued", alive_at=now)
    jobs.objects.create(name="lives", status="running", attempts=1, alive_at=now, done=3, total=8)
    jobs.objects.create(name="died", status="running", attempts=2, alive_at=silent)
    jobs.objects.create(name="died again", status="running", attempts=5, alive_at=silent)
    jobs.objects.create(name="ready", status="ready", attempts=1, finished_at=now, imported=8)
    jobs.objects.create(name="refused", status="refused", attempts=1, finished_at=now, problems=[[2, "no"]])
    jobs.objects.update(requested_at=silent)


def check_imports(now: datetime) -> None:
    key = dict(ClipImport.objects.values_list("name", "pk"))
    swept = sweep(ClipImport, now=now)
    assert (swept.taken_back, swept.failed) == ((key["died"],), (key["died again"],))
    assert swept.to_send == (key["died"], key["waits"])
    assert dict(ClipImport.objects.values_list("name", "status")) == {
        "waits": "queued",
        "was sent": "queued",
        "lives": "running",
        "died": "queued",
        "died again": "failed",
        "ready": "ready",
        "refused": "refused",
    }
    living = ClipImport.objects.get(name="lives")
    assert (living.attempts, living.done, living.started_at) == (1, 3, now)
    assert living.lease_expires_at == now + timedelta(minutes=5)
    assert leases.claim(ClipImport, key["waits"]) is None
