"""Withdrawal, retention and setting aside reach every copy: answers, background, packs on disk, packs in the making."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from melodymuse_site.jobs.leases import claim
from survey import actions
from survey.actions.exporting import outdate_packs, sweep_packs
from survey.exports import making
from survey.exports.making import run_export
from survey.models import AuditEntry, ExportJob, OutsideId, Participant, Response, Study, TrialEvent
from survey.tasks import anonymise_due
from tests.survey.factories import make_study
from tests.survey.packs import export_folder
from tests.survey.participating import Listener

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _empty_folder():
    for path in export_folder().iterdir():
        path.unlink()


@pytest.fixture
def study() -> Study:
    study = make_study(retention_until=timezone.localdate() + timedelta(days=1), ask_background=True)
    for _ in range(2):
        Listener(study.slug).take_part()
    return study


def make_pack(study: Study) -> ExportJob:
    job = actions.request_export(study=study, by=study.owner)
    run_export(job.pk)
    job.refresh_from_db()
    assert job.status == "ready"
    return job


def reach(study: Study, how: str) -> None:
    person = Participant.objects.filter(study=study).first()
    match how:
        case "withdrawal":
            actions.withdraw(participant=person, by=None)
        case "setting aside":
            actions.set_aside(participant=person, reason="Noise", by=study.owner)
        case "taking back":
            actions.take_back(participant=person, by=study.owner)
        case "judging anew":
            actions.judge_study(study=study, by=study.owner)
        case "retention":
            Study.objects.filter(pk=study.pk).update(retention_until=timezone.localdate())
            anonymise_due()


@pytest.mark.parametrize("how", ["withdrawal", "setting aside", "taking back", "judging anew", "retention"])
def test_every_pack_made_before_is_deleted_at_once(study, how):
    if how == "taking back":
        reach(study, "setting aside")
    job = make_pack(study)
    path = export_folder() / job.file
    assert path.is_file()
    reach(study, how)
    job.refresh_from_db()
    assert (job.status, path.exists()) == ("outdated", False)
    client = Client()
    client.force_login(study.owner)
    actions.close(study=study, by=study.owner)
    answer = client.get(f"/results/{study.slug}/exports/{job.public_id}.zip", follow=True)
    assert "it is deleted. Make a new one." in answer.content.decode()


def test_a_pack_in_the_making_begins_anew_and_never_holds_who_left_meanwhile(study, monkeypatch):
    person = Participant.objects.filter(study=study).first()
    write_pack = making.write_pack

    def write_and_lose_somebody(*args, **kwargs):
        written = write_pack(*args, **kwargs)
        if not person.withdrawn_at:
            person.withdrawn_at = actions.withdraw(participant=person, by=None).withdrawn_at
        return written

    monkeypatch.setattr(making, "write_pack", write_and_lose_somebody)
    job = actions.request_export(study=study, by=study.owner)
    run_export(job.pk)
    job.refresh_from_db()
    assert (job.status, list(export_folder().iterdir())) == ("queued", [])
    run_export(job.pk)
    job.refresh_from_db()
    assert job.status == "ready"
    with zipfile.ZipFile(export_folder() / job.file) as pack:
        names = [name for name in pack.namelist() if name.endswith(".csv")]
        assert not any(person.public_id in pack.read(name).decode() for name in names if "responses" in name)


def test_the_sweep_deletes_what_no_row_hands_out_and_nothing_else(study):
    job = make_pack(study)
    left = export_folder() / f"{study.slug}-3b241101-e2bb-4255-8caf-4136c566a962.zip"
    left.write_bytes(b"PK")
    working = ExportJob.objects.create(study=study, byte_order_mark=True)
    assert claim(ExportJob, working.pk)
    moved = export_folder() / f"{study.slug}-{working.public_id}-0123abcd.zip"
    moved.write_bytes(b"PK")
    assert sweep_packs() == [left.name]
    assert {path.name for path in export_folder().iterdir()} == {job.file, moved.name}


def test_the_sweeps_run_within_the_minute():
    schedule = settings.CELERY_BEAT_SCHEDULE
    for task in ("survey.tasks.sweep_packs", "survey.tasks.anonymise_due"):
        assert any(entry["task"] == task and entry["schedule"] <= 60 for entry in schedule.values())


def test_the_folder_of_packs_is_its_owners_alone():
    assert export_folder().stat().st_mode & 0o077 == 0
    assert Path(settings.MEDIA_ROOT) not in export_folder().parents


def test_what_arrives_after_a_withdrawal_is_not_written(study):
    listener = Listener(study.slug).begin()
    person = Participant.objects.latest("pk")
    trial = person.trials.get()
    stale = Participant.objects.get(pk=person.pk)  # as a page read it before the other tab withdrew
    actions.withdraw(participant=person, by=None)
    actions.record_background(participant=stale, answers={"age_band": "25-34"})
    actions.record_headphones(participant=stale, heard=[0] * 6, played=[None] * 6)
    actions.check_sound(participant=stale, number=None, counted=None)
    sent = listener.client.post(
        f"/study/{study.slug}/events/",
        {"trial": trial.token, "events": '[{"sequence": 1, "kind": "play", "milliseconds": 5}]'},
        headers={"X-CSRFToken": listener.client.cookies["csrftoken"].value},
    )
    assert (sent.status_code, sent.json()["stored"]) == (400, False)
    person.refresh_from_db()
    assert (person.outcome, person.background, person.headphones) == ("withdrawn", {}, {})
    assert not Response.objects.filter(trial__participant=person).exists()
    assert not TrialEvent.objects.filter(trial__participant=person).exists()


def test_outdating_an_empty_list_changes_nothing(study):
    outdate_packs(study)
    assert not ExportJob.objects.exists()


def test_a_researchers_words_about_somebody_go_with_them_and_the_log_keeps_what_happened(study):
    first, second = Participant.objects.filter(study=study).order_by("pk")
    third = Participant.objects.get(token=Listener(study.slug).take_part().client.cookies["participation"].value)
    OutsideId.objects.create(participant=first, study=study, value="A1B2C3")
    actions.set_aside(participant=first, reason="MYREASON about A1B2C3", by=study.owner)
    actions.set_aside(participant=second, reason=f"as noisy as (a1b2c3) and {first.public_id}", by=study.owner)
    actions.set_aside(participant=third, reason="XA1B2C3 is a room, MYOTHER", by=study.owner)
    actions.withdraw(participant=first, by=None)
    client = Client()
    client.force_login(study.owner)
    pages = [client.get(f"/studies/{study.slug}/{name}/").content.decode() for name in ("log", "people")]
    stored = str([*AuditEntry.objects.values("detail"), *Participant.objects.values("set_aside", "verdict")])
    assert [told for told in ("MYREASON", "a1b2c3", "noisy") for text in (*pages, stored) if told in text] == []
    assert all("MYOTHER" in text for text in (*pages, stored))
    assert AuditEntry.objects.filter(study=study, action="exclude", actor=study.owner).count() == 3
    second.refresh_from_db()
    assert (second.included, second.set_aside) == (False, "(reason deleted)")
