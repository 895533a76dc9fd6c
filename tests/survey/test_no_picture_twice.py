"""Whole sessions, from stored rows alone: two successive trials are never about one picture."""

from itertools import pairwise

import pytest

from survey.models import Trial
from tests.survey import factories
from tests.survey.crowd import answers_per_cell, let_come, spread_per_cell
from tests.survey.factories import make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def pictures_of(trial):
    stimulus = trial.stimulus
    return {stimulus.picture_sha256, stimulus.pair_version.pair.image.sha256 if stimulus.audio else ""} - {""}


@pytest.mark.parametrize(
    ("extras", "cells", "apart"),
    [
        # 0 to 4 apart in 24 of 25 crowds, 5 in one: who leaves when is chance.
        ({"repeat_trials": 2}, {"matched": 1.0, "music_only": 1.0}, 5),
        # Whoever leaves in a block leaves the cells behind it.
        ({"trial_order": "cells_latin"}, {"matched": 1.0, "music_only": 1.0}, 10),
        ({}, {"matched": 1.0, "mismatched": 1.0, "music_only": 1.0}, 4),
    ],
)
def test_nobody_meets_a_picture_twice_in_a_row_and_cells_stay_even(extras, cells, apart, monkeypatch):
    # Of one picture there are two pieces, of two composers.
    make_picture = factories.make_picture
    monkeypatch.setattr(factories, "make_picture", lambda number: make_picture(number % 100))
    versions = make_versions(8)
    twins = make_versions(8, composer="paper", first=200)
    assert [twin.pair for twin in twins] == [version.pair for version in versions]
    study = make_study(
        versions=[*versions, *twins], cells=cells, clips_per_participant=6, require_listening=False, **extras
    )
    let_come(study, finishers=30, at_once=5)
    trials = Trial.objects.filter(participant__study=study).select_related("stimulus__pair_version__pair__image")
    near = [
        (one, other)
        for one, other in pairwise(trials.order_by("participant", "position"))
        if one.participant_id == other.participant_id
    ]
    assert len(near) > 100
    assert all(pictures_of(one).isdisjoint(pictures_of(other)) for one, other in near)
    answers = answers_per_cell(study)
    assert max(answers.values()) - min(answers.values()) <= apart
    assert max(spread_per_cell(study).values()) <= 2
