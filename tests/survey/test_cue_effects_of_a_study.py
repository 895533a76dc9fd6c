"""A study that plays variants: its ratings know the pieces and levels, and its report says what the cues do."""

import pytest

from generation.models import PairVersion
from generation.music.cues.levels import combine
from survey.findings.columns import read_ratings
from survey.models import Stimulus
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def study(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path / "media"
    versions = make_versions(8)
    variants = combine({"tempo": (), "mode": ()})
    for place, version in enumerate(versions):
        # Not ready for a moment: a ready version is immutable.
        first = versions[place - place % 4]
        copy = {"cues": variants[place % 4], "pair_id": first.pair_id, "number": 50 + place, "seed": first.seed}
        _remake(version, copy)
    study = make_study(versions=versions, cells={"music_only": 1.0})
    answer_study(study, people=6, each=8, hit=0.5, seed=1)
    return study


def _remake(version, values):
    fields = {field.attname: getattr(version, field.attname) for field in PairVersion._meta.concrete_fields}
    fields |= values
    del fields["id"], fields["public_id"]
    made = PairVersion.objects.create(**fields)
    version.pk, version.public_id, version.pair_id = made.pk, made.public_id, made.pair_id
    version.refresh_from_db()


def test_ratings_know_pieces_and_levels(study):
    cues = read_ratings(study).cues
    assert cues.names == ("mode", "tempo")
    assert cues.levels == {"mode": ("minor", "major"), "tempo": ("slow", "fast")}
    assert len(set(cues.pieces)) == 2
    for item in Stimulus.objects.filter(study=study).select_related("pair_version"):
        row = cues.rows_of([str(item.public_id)])[0]
        assert cues.pieces[row] == item.pair_version.base_piece
        told = {name: cues.levels[name][int(step)] for name, step in zip(cues.names, cues.steps[row], strict=True)}
        assert told == item.pair_version.cues


def test_the_report_says_what_the_cues_do(study):
    from survey.analysis import analyse

    report = analyse(read_ratings(study), replicates=0)
    found = report.measures["cue_effects"]
    assert (found.n, found.people, found.pieces, found.variants) == (48, 6, 2, 8)
    assert {one.cue for one in found.answers} == {"tempo", "mode"}
    assert all(one.interval for one in found.answers if one.reason is None)


def test_a_study_of_pieces_as_composed_has_none(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(versions=make_versions(8), cells={"music_only": 1.0})
    assert read_ratings(study).cues is None
