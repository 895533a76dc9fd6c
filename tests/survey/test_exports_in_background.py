"""Export packs asked for on the page and made by a worker."""

from __future__ import annotations

import zipfile

import pytest
from django.test import Client

from survey import actions
from survey.actions.exporting import cancel_export, request_export
from survey.exports import jobs
from survey.exports.jobs import export_folder, run_export
from survey.exports.pack import count_rows
from survey.models import AuditEntry, ExportJob
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions

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
    monkeypatch.setattr(jobs, "TICK_SECONDS", 0.0)
    real = jobs.count_rows

    def cancel_in_the_middle(counted):
        cancel_export(job=job, by=study.owner)
        return real(counted)

    monkeypatch.setattr(jobs, "count_rows", cancel_in_the_middle)
    run_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.file, list(export_folder().iterdir())) == ("cancelled", "", [])


def test_a_claimed_export_is_not_made_twice(study):
    job = request_export(study=study, by=study.owner)
    run_export(job.pk)
    made = ExportJob.objects.get(pk=job.pk).finished_at
    run_export(job.pk)
    assert ExportJob.objects.get(pk=job.pk).finished_at == made


def test_a_failure_says_why(study, monkeypatch):
    def fail(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr(jobs, "write_pack", fail)
    job = request_export(study=study, by=study.owner)
    run_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", "the disk is full")


def test_a_pack_with_somebody_who_withdrew_is_not_handed_out(study):
    people = answer_study(study, people=2)
    job = request_export(study=study, by=study.owner)
    run_export(job.pk)
    job.refresh_from_db()
    actions.withdraw(participant=people[0])
    response = log_in(study.owner).get(f"/results/{study.slug}/exports/{job.public_id}.zip")
    assert (response.status_code, (export_folder() / job.file).exists()) == (302, False)


def test_people_write_answers_while_an_export_reads(study):
    """The snapshot does not see them, and does not hold them up."""
    from survey.exports.rows import responses
    from survey.exports.snapshot import one_snapshot

    answer_study(study, people=2)
    with one_snapshot():
        reading = responses(study)
        first = next(reading)
        from threading import Thread

        writer = Thread(target=answer_in_a_thread, args=(study,))
        writer.start()
        writer.join(timeout=30)
        assert not writer.is_alive()
        assert len([first, *reading]) == 8
    assert len(list(responses(study))) == 12


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
