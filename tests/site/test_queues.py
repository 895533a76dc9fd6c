"""Which task waits where, how long it may run, and that long work holds up nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth import get_user_model
from django.utils import timezone

from benchmarks.monitor_database import fill_up, make_studies
from generation import pipeline, production
from generation.importing.rounds import work_on_import
from generation.models import ClipImport, PairVersion, SourceImage
from generation.music import sound
from melodymuse_site import queues
from melodymuse_site.celery import app
from melodymuse_site.jobs.leases import claim
from melodymuse_site.management.commands.start import _worker
from survey.actions.exporting import request_export
from survey.actions.piloting import request_pilot
from survey.exports import making
from survey.exports.making import run_export
from survey.findings import pilots
from survey.findings.pilots import run_pilot
from survey.models import ExportJob, PilotJob
from tests.generation.factories import make_picture, make_run, only_version
from tests.generation.importing import write_manifest, write_sound
from tests.generation.test_import_worker_killed import ASK
from tests.site.test_start import PATIENCE, ROOT, free_port, query, rows, started, variables, wait_for
from tests.survey.factories import make_study, make_versions


@pytest.mark.django_db
def test_every_kind_of_work_is_a_task_with_a_queue_of_the_site(settings: Any) -> None:
    app.loader.import_default_modules()
    assert set(queues.KINDS) <= set(app.tasks)
    names = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    assert names == {f"melodymuse{end}" for end in ("", ".labels", ".music", ".bulk", ".imports", ".exports")}
    routed = names - {"melodymuse", "melodymuse.bulk"}  # what is not in the table, and clips of large runs
    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} == routed
    assert {app.amqp.router.route({}, task)["queue"].name for task in queues.KINDS} == routed
    assert app.amqp.router.route({}, "survey.tasks.anonymise_due")["queue"].name == "melodymuse"


def test_sites_that_share_a_broker_share_no_queue(tmp_path: Path) -> None:
    code = "from django.conf import settings as s; print([q.name for q in s.CELERY_TASK_QUEUES], s.CELERY_TASK_ROUTES)"
    said = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
        cwd=ROOT,
        env=variables(tmp_path, CELERY_QUEUE="other"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "['other', 'other.labels', 'other.music', 'other.bulk', 'other.imports', 'other.exports']" in said
    assert "melodymuse" not in said


def test_limits_are_as_written_and_no_message_is_sent_again_before_the_longest_is_over(settings: Any) -> None:
    soft = {task.rsplit(".", 1)[1]: app.tasks[task].soft_time_limit for task in queues.KINDS}
    assert soft == {
        "label_picture": 120,
        "make_pair_version": 300,
        "import_clips": 600,
        "make_export": 1800,
        "make_report": 1800,
        "run_pilot": 1800,
        "learn": 1800,
        "make_visitors_piece": 120,
    }
    hard = [app.tasks[task].time_limit for task in queues.KINDS]
    assert hard == [150, 330, 150, 630, 1830, 1830, 1830, 1830]
    assert (settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT) == (600, 630)
    assert max(hard) < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] == 2130


def over(*_: Any, **__: Any) -> None:
    """What Celery does when a task's time is over: the exception comes out of the middle of the work."""
    raise SoftTimeLimitExceeded


def music(_: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    version = only_version(make_run([make_picture(50)]))
    production.label_picture(version.pair.image_id)
    monkeypatch.setattr(pipeline, "make_clip", over)
    production.make_pair_version(version.pk)
    return lambda: PairVersion.objects.get(pk=version.pk, status="failed").error


def label(_: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    picture = make_picture(70)
    monkeypatch.setattr(pipeline, "label_picture", over)
    with pytest.raises(SoftTimeLimitExceeded):
        production.label_picture(picture.pk)
    return lambda: SourceImage.objects.get(pk=picture.pk).labelling_error


def imports(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    for number in range(6):
        write_sound(folder / f"{number}.wav", 200 + 10 * number, seconds=10.0)
    write_manifest(folder, [{"file": f"{number}.wav", "emotion": "awe", "system": "other"} for number in range(6)])
    exec(ASK.format(folder=str(folder)), {})
    job = ClipImport.objects.get()
    monkeypatch.setattr(sound, "finish", over)
    work_on_import(job.pk)
    return lambda: ClipImport.objects.get(pk=job.pk, status="failed").error


def export(_: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    (study,) = make_studies(1)
    fill_up(study, people=300, trials=8)
    job = request_export(study=study, by=study.owner)
    monkeypatch.setattr(making, "write_pack", over)
    run_export(job.pk)
    return lambda: ExportJob.objects.get(pk=job.pk, status="failed").error


def pilot(_: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    study = make_study(publish=False, versions=make_versions(2))
    job = request_pilot(study=study, by=study.owner, people=10)
    monkeypatch.setattr(pilots, "take_part", over)
    run_pilot(job.pk)
    return lambda: PilotJob.objects.get(pk=job.pk, status="failed").error


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("work", "seconds"), [(music, 300), (label, 120), (imports, 600), (export, 1800), (pilot, 1800)]
)
def test_a_row_says_that_its_time_was_over(
    work: Callable[..., Callable[[], str]],
    seconds: int,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path / "data"
    (tmp_path / "sent").mkdir()
    expected = f"This took longer than the {seconds} seconds it may take and was stopped; ask for less at once."
    assert work(tmp_path / "sent", monkeypatch)() == expected


@pytest.mark.database
@pytest.mark.django_db
def test_one_import_is_worked_on_at_a_time_and_the_next_follows_it(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path / "data"
    user = get_user_model().objects.create_user("ada")
    first, second, third = (ClipImport.objects.create(name=f"{n}.zip", requested_by=user) for n in range(3))
    assert claim(ClipImport, first.pk)
    assert work_on_import(second.pk).waiting == ()
    second.refresh_from_db()
    assert (second.status, second.attempts) == ("queued", 0)
    ClipImport.objects.filter(pk=first.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert work_on_import(second.pk).waiting == (third.pk,)  # and fails, for want of an archive
    second.refresh_from_db()
    assert (second.status, second.attempts) == ("failed", 1)


IMPORTS = "SELECT status FROM generation_clipimport ORDER BY status"
OTHERS_DONE = """
SELECT
    (SELECT COUNT(*) FROM generation_pairversion v JOIN generation_generationrun r ON r.id = v.run_id
     WHERE v.status = 'ready' AND r.composer = 'paper'),
    (SELECT COUNT(*) FROM generation_sourceimage WHERE features <> '{}'),
    (SELECT COUNT(*) FROM survey_exportjob WHERE status = 'ready')
"""
OTHERS = """
from survey.actions.exporting import request_export
from survey.tasks import send_export
from tests.generation.factories import make_picture, make_run
from tests.survey.factories import make_study
study = make_study()
send_export(request_export(study=study, by=study.owner).pk)
make_run([make_picture(200), make_picture(210)])
"""


@pytest.mark.service
@pytest.mark.timeout(1800)
def test_two_heavy_imports_hold_up_neither_music_nor_labels_nor_exports(tmp_path: Path) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    named = []
    for number in range(60):
        write_sound(folder / f"{number}.wav", 200 + 5 * number, seconds=2.0)
        named.append({"file": f"{number}.wav", "emotion": "awe", "system": "other"})
    write_manifest(folder, named)
    ask = ASK.format(folder=str(folder)).replace('create_superuser("root")', "first()")
    data_dir = tmp_path / "data"
    with started(data_dir, free_port(), "--no-demo", "--workers", "2") as (process, output):
        wait_for(output, "Ctrl-C stops everything.", process)
        query(ask + ask, data_dir)
        query(OTHERS, data_dir)
        deadline = time.monotonic() + PATIENCE
        while (stand := rows(OTHERS_DONE, data_dir)) != [(2, 2, 1)]:
            assert time.monotonic() < deadline, stand
            time.sleep(0.05)
        assert rows(IMPORTS, data_dir) == [("queued",), ("running",)]


def test_a_workers_process_is_replaced_before_it_could_fill_the_machine(settings: Any) -> None:
    assert app.conf.worker_max_tasks_per_child == settings.CELERY_WORKER_MAX_TASKS_PER_CHILD == 1000
    assert app.conf.worker_max_memory_per_child == 1_500_000  # kB


def test_the_quick_worker_takes_what_comes_first_first(settings: Any) -> None:
    names = queues.quick_queues("melodymuse")
    assert names == ["melodymuse", "melodymuse.labels", "melodymuse.music", "melodymuse.bulk"]
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["queue_order_strategy"] == "priority"
    command = _worker(4).command
    assert ("--queues", ",".join(names)) in pairwise(command)
    assert ("--concurrency", "4") in pairwise(command)
    assert "--autoscale" not in command


def test_an_autoscaled_worker_begins_with_one_process() -> None:
    assert ("--autoscale", "4,1") in pairwise(_worker(4, autoscale=True).command)
