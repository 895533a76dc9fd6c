"""The planned cell is found by what is presented, however few cells a study has and whatever they are called."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from survey import actions
from survey.findings import report_of
from survey.models import Trial
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def closed(cells, planned, **fields):
    versions = [*make_versions(8), *make_versions(8, composer="paper", first=8)]
    fields = {"analysis_plan": {"primary_cell": planned}, **fields}
    study = make_study(versions=versions, cells=cells, clips_per_participant=8, **fields)
    answer_study(study, people=6, each=8, seed=5)
    return actions.close(study=study, by=study.owner)


@pytest.mark.parametrize(
    ("planned", "cells"),
    [
        ("music_only", {"music_only": 1.0}),
        ("picture_only", {"picture_only": 1.0}),
        ("matched", {"matched": 1.0}),
        ("mismatched", {"mismatched": 1.0}),
        ("music_only", {"music_only:muse": 1.0, "music_only:paper": 1.0}),
        ("matched", {"matched": 1.0, "picture_only": 1.0}),
    ],
)
def test_the_primary_measure_is_of_all_answers_to_what_was_planned(planned, cells):
    study = closed(cells, planned)
    report = report_of(study)
    given = Trial.objects.filter(participant__study=study, response__isnull=False)
    own = [
        trial
        for trial in given.select_related("stimulus__condition", "response__choice")
        if planned in (trial.stimulus.condition.presentation, trial.stimulus.condition.matching)
    ]
    hits = sum(trial.response.choice.slug == trial.stimulus.emotion for trial in own)
    found = report["primary"]
    assert (found["cell"], found["n"], found["reason"]) == (planned, len(own), None)
    assert found["estimate"] == pytest.approx(hits / len(own))
    assert (report["cell"], report["n"]["responses"]) == (planned, len(own))


def test_page_and_report_tell_the_planned_result_of_a_study_with_music_only():
    study = closed({"music_only": 1.0}, "music_only")
    client = Client()
    client.force_login(study.owner)
    for address in (f"/results/{study.slug}/", f"/results/{study.slug}/report/"):
        text = html.unescape(client.get(address).content.decode())
        assert "Primary measure, as planned – music only: listeners picked" in text
        assert "there are no answers to" not in text


def test_the_filter_names_the_cell_that_the_page_is_about():
    """Cells are never pooled, so without a choice the page shows the primary cell, not all of them."""
    study = closed({"matched": 1.0, "picture_only": 1.0}, "picture_only")
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"/results/{study.slug}/").content.decode()
    assert '<option value="">Primary cell (picture only)</option>' in page
    assert "All cells" not in page
    chosen = client.get(f"/results/{study.slug}/?cell=Matching pair").content.decode()
    assert '<option value="">Primary cell</option><option selected>Matching pair</option>' in chosen
