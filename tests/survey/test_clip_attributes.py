"""What was measured on a study's clips reaches its ratings, from the database and from an export."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from django.core.management import call_command

from survey.analysis import read_attributes
from survey.findings.columns import Choice, read_ratings
from survey.models import Stimulus
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def study(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(versions=make_versions(8), cells={"music_only": 1.0, "picture_only": 1.0})
    answer_study(study, people=3, each=8, hit=0.5, seed=1)
    return study


def test_clips_that_are_heard_have_those_of_their_version(study):
    ratings = read_ratings(study)
    for item in Stimulus.objects.filter(study=study).select_related("pair_version", "condition"):
        row = ratings.attributes.of([str(item.public_id)])[0]
        if item.condition.plays_music:
            told = item.pair_version.attributes
            assert row.tolist() == [told[name]["measured"] for name in ratings.attributes.names]
        else:
            assert np.isnan(row).all()


def test_they_fit_a_narrowed_view(study):
    whole, heard = read_ratings(study), read_ratings(study, Choice(cell="music_only"))
    np.testing.assert_array_equal(heard.attributes.of(heard.stimuli), whole.attributes.of(heard.stimuli))
    assert not np.isnan(heard.attributes.of(heard.stimuli)).any()


def test_an_export_tells_the_same(study, tmp_path):
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        read = read_attributes(pack.read("stimuli.csv").decode())
    ratings = read_ratings(study)
    assert read.names == ratings.attributes.names
    np.testing.assert_array_equal(read.of(ratings.stimuli), ratings.attributes.of(ratings.stimuli))
