"""Export packs asked for on the page and made by a worker."""

from __future__ import annotations

import hashlib
import time
import uuid
import zipfile
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings as settings_of_the_site
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from melodymuse_site.jobs import heartbeat
from melodymuse_site.jobs.leases import claim
from melodymuse_site.jobs.sweeping import sweep
from survey import actions
from survey.actions.exporting import cancel_export, request_export
from survey.exports import making
from survey.exports.making import run_export
from survey.exports.pack import count_rows
from survey.models import AuditEntry, ExportJob, Study
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.packs import export_folder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path
    made = make_study(versions=make_versions(4))
    actions.open_results(study=made, by=made.owner)
    return made


def log_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_worker_makes_the_pack_and_the_owner_fetches_it(study):
    answer_study(study, people=3)
    client = log_in(study.owner)
    assert client.post(f"/results/{study.slug}/exports/").status_code == 302
    job = ExportJob.objects.get()
    run_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.rows_done) == ("ready", count_rows(study))
    response = client.get(f"/results/{study.slug}/exports/{job.public_id}.zip")
    path = export_folder() / job.file
    assert b"".join(response.streaming_content) == path.read_bytes()
    assert zipfile.ZipFile(path).testzip() is None
    assert client.get(f"/results/{study.slug}/exports/{job.public_id}.json").json()["status"] == "ready"
    assert AuditEntry.objects.filter(action="export", actor=study.owner).exists()


def test_asking_twice_makes_one_pack(study):
    first = request_export(study=study, by=study.owner)
    assert request_export(study=study, by=study.owner) == first


def test_an_export_called_off_leaves_nothing(study, monkeypatch):
    answer_study(study, people=2)
    job = request_export(study=study, by=study.owner)
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.0)
    real = making.count_rows

    def cancel_in_the_middle(counted):
        cancel_export(job=job, by=study.owner)
        return real(counted)

    monkeypatch.setattr(making, "count_rows", cancel_in_the_middle)
    run_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.file, list(export_folder().iterdir())) == ("cancelled", "", [])


def test_a_claimed_export_is_not_made_twice(study):
    job = request_export(study=study, by=study.owner)
    run_export(job.pk)
    made = ExportJob.objects.get(pk=job.pk).finished_at
    run_export(job.pk)
    assert ExportJob.objects.get(pk=job.pk).finished_at == made


def after(seconds):
    """What a sweep finds so many seconds from now."""
    return sweep(ExportJob, now=timezone.now() + timedelta(seconds=seconds))


def test_a_silent_worker_loses_its_pack_and_a_living_one_keeps_it(study, settings):
    job = request_export(study=study, by=study.owner)
    claim(ExportJob, job.pk)
    assert after(settings.EXPORT_LEASE_SECONDS - 5).to_send == ()
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("running", 1)
    swept = settings.EXPORT_LEASE_SECONDS + 5
    assert after(swept).to_send == (job.pk,)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("queued", 1)
    assert (after(swept + 19).to_send, after(swept + 21).to_send) == ((), (job.pk,))
    run_export(job.pk)
    job.refresh_from_db()
    assert job.status == "ready"


def test_after_three_dead_workers_the_page_says_what_to_do_and_has_a_button(study, settings):
    job = request_export(study=study, by=study.owner, byte_order_mark=True)
    for _ in range(3):
        claim(ExportJob, job.pk)
        after(settings.EXPORT_LEASE_SECONDS + 5)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("failed", 3)
    client = log_in(study.owner)
    page = client.get(f"/results/{study.slug}/?open=exports").content.decode()
    assert "3 workers in turn ended in the middle of this pack" in page
    assert f"manage.py export {study.slug} --out FILE" in page
    row = page.split(job.error)[1]
    assert "Try again" in row
    assert 'name="bom" value="1"' in row
    client.post(f"/results/{study.slug}/exports/", {"bom": "1"})
    assert study.exports.filter(status="queued", byte_order_mark=True).count() == 1


def test_a_slow_worker_that_lost_its_row_changes_nothing(study, monkeypatch):
    """It was taken for dead, another has finished the pack: the late one leaves row and file alone."""
    answer_study(study, people=2)
    job = request_export(study=study, by=study.owner)
    real = making.write_pack
    calls = []

    def write_slowly(*arguments, **options):
        calls.append(None)
        if len(calls) == 1:
            after(3600)
            run_export(job.pk)
        return real(*arguments, **options)

    monkeypatch.setattr(making, "write_pack", write_slowly)
    run_export(job.pk)
    job.refresh_from_db()
    pack = export_folder() / job.file
    assert (len(calls), job.status) == (2, "ready")
    assert hashlib.sha256(pack.read_bytes()).hexdigest() == job.sha256
    assert list(export_folder().iterdir()) == [pack]


def test_a_worker_that_lost_its_row_stops_at_its_next_step(study, monkeypatch):
    answer_study(study, people=2)
    job = request_export(study=study, by=study.owner)
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.0)
    real = making.count_rows

    def lose(counted):
        ExportJob.objects.filter(pk=job.pk).update(claim=uuid.uuid4())
        return real(counted)

    monkeypatch.setattr(making, "count_rows", lose)
    run_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.file, list(export_folder().iterdir())) == ("running", "", [])


def test_progress_is_written_while_the_pack_is_made(study, monkeypatch):
    answer_study(study, people=2)
    job = request_export(study=study, by=study.owner)
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.0)
    real, told = heartbeat.renew, []

    def listen(lease, **progress):
        real(lease, **progress)
        told.append(ExportJob.objects.using(progress["using"]).get(pk=job.pk))

    monkeypatch.setattr(heartbeat, "renew", listen)
    run_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.rows_done) == ("ready", job.rows_total)
    assert [row.rows_done for row in told] == sorted(row.rows_done for row in told)
    assert told[-1].rows_done == job.rows_total
    assert told[0].lease_expires_at < told[-1].lease_expires_at


def test_the_sweep_and_the_anonymising_are_on_the_timetable(study):
    schedule = settings_of_the_site.CELERY_BEAT_SCHEDULE
    tasks = {entry["task"]: entry["schedule"] for entry in schedule.values()}
    assert tasks["survey.tasks.sweep_exports"] <= 60
    assert tasks["survey.tasks.anonymise_due"] <= 24 * 3600
    from melodymuse_site.celery import app

    app.loader.import_default_modules()
    assert set(tasks) <= set(app.tasks)
    Study.objects.filter(pk=study.pk).update(retention_until=timezone.localdate())
    later = make_study(versions=make_versions(2), by=study.owner, retention_until=timezone.localdate() + timedelta(1))
    app.tasks["survey.tasks.anonymise_due"]()
    assert Study.objects.get(pk=study.pk).anonymised_at is not None
    assert Study.objects.get(pk=later.pk).anonymised_at is None
    app.tasks["survey.tasks.sweep_exports"]()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("the disk is full"), "the disk is full"),
        (OSError(), "OSError: "),  # it says nothing: then at least what it is
        (SoftTimeLimitExceeded(), "This took longer than the"),
    ],
)
def test_a_failure_says_why(study, monkeypatch, error, told):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(making, "write_pack", fail)
    job = request_export(study=study, by=study.owner)
    run_export(job.pk)
    job.refresh_from_db()
    assert job.status == "failed"
    assert job.error.startswith(told)
    assert job.error.endswith("ask for less at once.") is isinstance(error, SoftTimeLimitExceeded)


@pytest.mark.parametrize("error", [OperationalError("deadlock detected"), ConnectionError("the store is away")])
def test_what_may_pass_is_tried_again_and_not_for_ever(study, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(making, "keep_pack", fail)
    job = request_export(study=study, by=study.owner)
    for attempt in range(1, ExportJob.terms.most_attempts):
        run_export(job.pk)
        job.refresh_from_db()
        assert (job.status, job.attempts) == ("queued", attempt)
    run_export(job.pk)
    job.refresh_from_db()
    assert job.status == "failed"
    assert job.error == f"Tried 3 times; last: {type(error).__name__}: {error}"
    assert list(export_folder().iterdir()) == []


def test_a_worker_keeps_its_pack_while_a_slow_store_takes_it_in(study, monkeypatch):
    job = request_export(study=study, by=study.owner)
    monkeypatch.setattr(heartbeat, "MOST_SILENT_SECONDS", 0.05)
    real = making.keep_pack

    def lease_end():
        return ExportJob.objects.get(pk=job.pk).lease_expires_at

    def keep_slowly(*arguments):
        before, until = lease_end(), time.monotonic() + 30
        while lease_end() == before:
            assert time.monotonic() < until, "The lease was not renewed."
            time.sleep(0.02)
        return real(*arguments)

    monkeypatch.setattr(making, "keep_pack", keep_slowly)
    run_export(job.pk)
    job.refresh_from_db()
    assert job.status == "ready"


def test_a_pack_with_somebody_who_withdrew_is_not_handed_out(study):
    people = answer_study(study, people=2)
    job = request_export(study=study, by=study.owner)
    run_export(job.pk)
    job.refresh_from_db()
    actions.withdraw(participant=people[0], by=None)
    response = log_in(study.owner).get(f"/results/{study.slug}/exports/{job.public_id}.zip")
    assert (response.status_code, (export_folder() / job.file).exists()) == (302, False)


def test_people_write_answers_while_an_export_reads(study, monkeypatch):
    """The snapshot does not see them, and does not hold them up."""
    from survey.exports import reading
    from survey.exports.rows import rows_of
    from survey.exports.snapshot import one_snapshot

    monkeypatch.setattr(reading, "BATCH", 3)  # the first of three batches
    answer_study(study, people=2)
    with one_snapshot():
        rows = rows_of(study, "responses_long")
        first = next(rows)
        from threading import Thread

        writer = Thread(target=answer_in_a_thread, args=(study,))
        writer.start()
        writer.join(timeout=30)
        assert not writer.is_alive()
        assert len([first, *rows]) == 8
    assert len(list(rows_of(study, "responses_long"))) == 12


def answer_in_a_thread(study):
    from django.db import connection

    answer_study(study, people=1, seed=5)
    connection.close()


def test_viewers_and_strangers_make_no_packs(study):
    viewer = make_researcher("viewer")
    actions.share(study=study, user=viewer, role="viewer", by=study.owner)
    for user in (viewer, make_researcher("stranger")):
        assert log_in(user).post(f"/results/{study.slug}/exports/").status_code == 404
    assert Client().post(f"/results/{study.slug}/exports/").status_code == 302
    assert not ExportJob.objects.exists()
