"""The audit log: everything that must be answered for is in it, with who did it, and the page shows it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from generation.actions import regenerate, request_run
from survey import actions
from survey.models import AuditEntry, Participant, Study
from survey.templatetags.audit import WORDS
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path
    return make_study()


def log_in(user):
    client = Client()
    client.force_login(user)
    return client


def recorded(study, action):
    return [entry.actor for entry in AuditEntry.objects.filter(study=study, action=action)]


def test_publishing_closing_and_opening_early(study):
    client = log_in(study.owner)
    assert recorded(study, "publish") == [study.owner]
    client.post(f"/results/{study.slug}/open/")
    client.post(f"/results/{study.slug}/open/")
    client.post(f"/studies/{study.slug}/close/")
    assert (recorded(study, "open_results"), recorded(study, "close")) == ([study.owner], [study.owner])


def test_sharing_and_ending_it(study):
    make_researcher("colleague")
    client = log_in(study.owner)
    client.post(f"/studies/{study.slug}/share/", {"username": "colleague", "role": "viewer"})
    client.post(f"/studies/{study.slug}/unshare/", {"username": "colleague"})
    entries = AuditEntry.objects.filter(study=study, action__in=("share", "unshare")).order_by("pk")
    assert [(entry.action, entry.actor, entry.detail["user"]) for entry in entries] == [
        ("share", study.owner, "colleague"),
        ("unshare", study.owner, "colleague"),
    ]


@pytest.mark.django_db(transaction=True)  # the worker of an export writes beside its own reading transaction
def test_exports_asked_for_downloaded_and_written_on_the_server(study, tmp_path):
    answer_study(study, people=1)
    actions.close(study=study, by=study.owner)
    client = log_in(study.owner)
    client.get(f"/results/{study.slug}/responses.csv")
    client.post(f"/results/{study.slug}/exports/")
    from survey.exports.making import run_export

    job = study.exports.get()
    run_export(job.pk)
    client.get(f"/results/{study.slug}/exports/{job.public_id}.zip")
    call_command("export", study.slug, out=tmp_path / "pack.zip", stdout=StringIO())
    exports = AuditEntry.objects.filter(study=study, action="export").order_by("pk")
    assert [(entry.actor, entry.detail["format"]) for entry in exports] == [
        (study.owner, "csv"),
        (study.owner, "zip"),
        (None, "zip"),
    ]
    (download,) = AuditEntry.objects.filter(study=study, action="download")
    job.refresh_from_db()
    assert (download.actor, download.detail["sha256"]) == (study.owner, job.sha256)


def test_withdrawing_and_removing_bots(study):
    listener = Listener(study.slug).take_part()
    actions.withdraw(participant=Participant.objects.get(), by=None)
    answer_study(study, people=2, kind="bot")
    actions.remove_bots(study=study, by=study.owner)
    actions.remove_bots(study=study, by=study.owner)
    assert listener.address.endswith("/end/")
    assert (recorded(study, "withdraw"), recorded(study, "remove_bots")) == ([None], [study.owner])


def test_anonymising(study):
    answer_study(study, people=1)
    Study.objects.filter(pk=study.pk).update(retention_until=timezone.localdate())
    call_command("anonymise", stdout=StringIO())
    assert recorded(study, "anonymise") == [None]


def test_a_clip_made_anew_is_in_the_log_of_every_study_that_has_frozen_it(study):
    user = study.owner
    chosen = study.stimuli.first().pair_version
    draft = make_study(versions=[chosen], by=user, publish=False)
    elsewhere = make_study(versions=make_versions(1, first=77), by=user)
    run = regenerate(versions=[chosen], reason=f"Results of {study.title}", by=user)
    (entry,) = AuditEntry.objects.filter(action="regenerate")
    assert (entry.study, entry.actor) == (study, user)
    assert entry.detail == {"run": str(run.public_id), "reason": "Results of A study"}
    assert (recorded(draft, "regenerate"), recorded(elsewhere, "regenerate")) == ([], [])


def test_a_run_over_many_clips_is_one_line(study):
    versions = [stimulus.pair_version for stimulus in study.stimuli.all()]
    regenerate(versions=versions, reason="all", by=study.owner)
    assert AuditEntry.objects.filter(action="regenerate").count() == 1


def test_the_button_of_the_results_page_is_recorded(study):
    answer_study(study, people=2)
    actions.close(study=study, by=study.owner)
    from django.contrib.auth.models import Permission

    study.owner.user_permissions.add(*Permission.objects.filter(content_type__app_label="generation"))
    version = study.stimuli.first().pair_version
    client = log_in(study.owner)
    assert str(version.public_id) in client.get(f"/results/{study.slug}/?open=all").content.decode()
    client.post("/pairs/regenerate/", {"version": version.public_id, "reason": "Results of A study"})
    assert recorded(study, "regenerate") == [study.owner]


def test_sketches_and_first_versions_are_nobodys_clips(study):
    picture = study.stimuli.first().picture
    slug = study.stimuli.first().emotion
    sketch = {"sketch": True}
    request_run(pictures=[picture], emotions={picture.pk: slug}, composer="muse", by=study.owner, options=sketch)
    request_run(pictures=[picture], emotions={picture.pk: "awe" if slug != "awe" else "fear"}, composer="muse", by=None)
    assert not AuditEntry.objects.filter(action="regenerate").exists()


def test_the_page_shows_everything_newest_first(study):
    client = log_in(study.owner)
    for number in range(60):
        actions.record(study=study, action="preview", by=study.owner, number=number)
    actions.record(study=study, action="anonymise", by=None, participants=3)
    first = client.get(f"/studies/{study.slug}/log/").content.decode()
    assert first.count("<li>") == 50 + first.split("<ol", 1)[0].count("<li>")
    assert first.index(WORDS["anonymise"]) < first.index(WORDS["preview"])
    assert "the server" in first
    assert "participants" in first
    second = client.get(f"/studies/{study.slug}/log/?page=2").content.decode()
    assert WORDS["create"] in second
    assert WORDS["create"] not in first


def test_every_action_that_is_recorded_has_words():
    import re
    from pathlib import Path

    from django.conf import settings

    sources = [*Path(settings.BASE_DIR, "survey").rglob("*.py")]
    found = {
        name
        for source in sources
        for name in re.findall(r'record\([^)]*?action="([\w-]+)"', source.read_text(encoding="utf-8"), re.DOTALL)
    }
    assert {"publish", "close", "export", "withdraw"} <= found
    assert found <= set(WORDS)


def test_the_log_keeps_the_name_of_an_account_that_is_gone(study):
    helper = make_researcher("helper")
    actions.record(study=study, action="close", by=helper)
    helper.delete()
    assert "helper" in log_in(study.owner).get(f"/studies/{study.slug}/log/").content.decode()


def test_details_cannot_carry_markup(study):
    actions.record(study=study, action="exclude", by=study.owner, reason="<script>alert(1)</script>")
    page = log_in(study.owner).get(f"/studies/{study.slug}/log/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
