"""A study that plays variants: its ratings know the pieces and levels, and its report says what the cues do."""

import pytest
from django.test import Client

from survey import actions
from survey.actions.publishing import reasons_against_publishing
from survey.analysis import analyse
from survey.design.templates import TEMPLATES
from survey.findings import report_of
from survey.findings.clips import clips_of
from survey.findings.columns import read_ratings
from survey.models import Stimulus, Study
from survey.queries.overview import overview_of
from survey.queries.picking import pick_clips
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.test_templates import filled_in
from tests.survey.variants import make_variants

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def study(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(versions=make_variants(), cells={"music_only": 1.0})
    answer_study(study, people=6, each=8, hit=0.5, seed=1)
    return study


def test_ratings_know_pieces_and_levels(study):
    cues = read_ratings(study).cues
    assert cues.names == ("mode", "tempo")
    assert cues.levels == {"mode": ("minor", "major"), "tempo": ("slow", "fast")}
    assert set(cues.pieces) == {"piece 1", "piece 2"}
    called = {}
    for item in Stimulus.objects.filter(study=study).select_related("pair_version"):
        row = cues.rows_of([str(item.public_id)])[0]
        assert called.setdefault(item.pair_version.base_piece, cues.pieces[row]) == cues.pieces[row]
        told = {name: cues.levels[name][int(step)] for name, step in zip(cues.names, cues.steps[row], strict=True)}
        assert told == item.pair_version.cues


def test_the_report_says_what_the_cues_do(study):
    report = analyse(read_ratings(study), replicates=0)
    found = report.measures["cue_effects"]
    assert (found.n, found.people, found.pieces, found.variants) == (48, 6, 2, 8)
    assert {one.cue for one in found.answers} == {"tempo", "mode"}
    assert all(one.interval for one in found.answers if one.reason is None)


def test_the_kind_of_study_plays_what_was_chosen_and_can_be_published(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path / "media"
    variants, client = make_variants(), Client()
    client.force_login(make_researcher())
    chosen = {"template": "cue-experiment", "version": [str(one.public_id) for one in variants]}
    page = client.get("/studies/new/", chosen)
    client.post("/studies/new/", filled_in(page, title="What tempo does", contact="Ada, ada@example.org"))
    study = Study.objects.get()
    assert set(study.stimuli.values_list("pair_version", flat=True)) == {one.pk for one in variants}
    assert {cell.presented for cell in study.conditions.all()} == {"music_only"}
    assert study.clips_per_participant == 8
    assert reasons_against_publishing(study) == []


def test_no_variant_is_offered_to_be_made_anew(settings, tmp_path, db):
    """Its cues were changed on purpose: that few recognise it is what the study is to find out."""
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(versions=make_variants(), cells={"music_only": 1.0})
    answer_study(study, people=30, each=8, hit=0.0, seed=1)
    clips = clips_of(study, report_of(study))
    assert any(clip.below_chance for clip in clips)
    assert not any(clip.is_unrecognised for clip in clips)


def test_effects_have_a_section_of_their_own(study):
    actions.close(study=study, by=study.owner)
    client = Client()
    client.force_login(study.owner)
    page, rest = (
        client.get(f"/results/{study.slug}/sections/{name}/").content.decode() for name in ("cues", "measures")
    )
    assert 'id="table-cue_effects"' in page
    assert 'id="table-cue_effects"' not in rest


@pytest.mark.parametrize(("pieces", "said"), [(7, "Cues are varied in 7 pieces"), (8, "")])
def test_few_pieces_are_named_before_publishing_and_variants_by_their_levels(settings, tmp_path, db, pieces, said):
    settings.MEDIA_ROOT = tmp_path / "media"
    variants = make_variants(pieces)
    study = make_study(versions=variants, cells={"music_only": 1.0}, cue_design="crossed", publish=False)
    warned = [warning for warning in overview_of(study).warnings if "Cues are varied" in warning]
    assert [warning.startswith(said) for warning in warned] == [True] * bool(said)
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"{study.get_absolute_url()}clips/").content.decode()
    assert page.count("slow tempo, minor mode") == pieces


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (0, None),
        (1, "One piece lacks variants that others have: “{0}”. Add them from the page of the run that made the piece"),
        (3, "2 pieces lack variants that others have: “{1}”, “{0}”. Add them from the page of the run that made the"),
    ],
)
def test_a_factorial_of_a_run_that_was_not_finished_is_named_before_publishing(settings, tmp_path, db, left_out, said):
    settings.MEDIA_ROOT = tmp_path / "media"
    variants = make_variants(3)
    names = [f"{variants[place].pair} by muse" for place in (11, 7)]
    kept = [one for place, one in enumerate(variants) if place not in {0: (), 1: (11,), 3: (10, 11, 5)}[left_out]]
    study = make_study(versions=kept, cells={"music_only": 1.0}, cue_design="crossed", publish=False)
    warned = [warning for warning in overview_of(study).warnings if "variants that others have" in warning]
    assert len(warned) == bool(said)
    assert all(warning.startswith(said.format(*names)) for warning in warned)


def test_where_nobody_chose_variants_the_kind_of_study_has_none(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path / "media"
    make_versions(3)
    assert pick_clips(TEMPLATES["cue-experiment"]).versions == []


def test_a_study_of_pieces_as_composed_has_none(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(versions=make_versions(8), cells={"music_only": 1.0})
    assert read_ratings(study).cues is None
