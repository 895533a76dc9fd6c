"""A Latin square of variants: nobody hears a piece twice, and every variant is heard as often; what it refuses."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from generation.models import GenerationRun, PairVersion
from survey import actions
from survey.actions.publishing import PublishRefused, reasons_against_publishing
from survey.models import Participant, Response, Stimulus, Study, Trial
from survey.preregistration import write_preregistration
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener
from tests.survey.test_templates import filled_in
from tests.survey.variants import make_variants

pytestmark = [pytest.mark.database]
in_one_thread = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def make_square(versions, **fields):
    fields = {"clips_per_participant": 4, "cue_design": "square", "practice_trials": 0, **fields}
    return make_study(versions=versions, cells={"music_only": 1.0}, **fields)


def heard():
    """(person, piece, variant) of every trial."""
    trials = Trial.objects.select_related("stimulus__pair_version").order_by("pk")
    return [
        (trial.participant_id, version.base_piece, version.cues_line)
        for trial in trials
        for version in [trial.stimulus.pair_version]
    ]


@in_one_thread
def test_each_person_hears_each_piece_once_and_each_variant_once_and_all_come_as_often():
    study = make_square(make_variants(4))
    for _ in range(8):
        Listener(study.slug).take_part()
    trials = heard()
    assert len(trials) == 32
    assert set(Counter((person, piece) for person, piece, _ in trials).values()) == {1}
    assert set(Counter((person, variant) for person, _, variant in trials).values()) == {1}
    assert Counter(Counter((piece, variant) for _, piece, variant in trials).values()) == {2: 16}


@in_one_thread
def test_with_fewer_clips_than_variants_each_is_heard_once_at_most():
    study = make_square(
        make_variants(4, {"tempo": ("slow", "as-composed", "fast"), "mode": ()}), clips_per_participant=3
    )
    for _ in range(8):
        Listener(study.slug).take_part()
    trials = heard()
    assert set(Counter((person, piece) for person, piece, _ in trials).values()) == {1}
    assert set(Counter((person, variant) for person, _, variant in trials).values()) == {1}
    assert set(Counter(variant for *_, variant in trials).values()) == {4}
    assert max(Counter((piece, variant) for _, piece, variant in trials).values()) <= 2


@in_one_thread
def test_repeats_play_the_same_variant_and_practice_takes_its_piece_from_the_session():
    versions = make_variants(5)
    study = make_square(
        versions[:16], practice=[versions[16]], practice_trials=1, repeat_trials=1, clips_per_participant=4
    )
    Listener(study.slug).take_part()
    kinds = Counter(Trial.objects.values_list("kind", flat=True))
    assert kinds == {"practice": 1, "main": 4, "repeat": 1}
    of_piece = {}
    for trial in Trial.objects.select_related("stimulus__pair_version"):
        of_piece.setdefault(trial.stimulus.pair_version.base_piece, set()).add(trial.stimulus_id)
    assert {len(stimuli) for stimuli in of_piece.values()} == {1}


@in_one_thread
def test_the_database_takes_no_second_variant_of_a_piece():
    study = make_square(make_variants(4))
    Listener(study.slug).take_part()
    trial = Trial.objects.select_related("stimulus__pair_version").order_by("pk").last()
    piece = trial.stimulus.pair_version.base_piece
    other = next(
        one
        for one in Stimulus.objects.filter(study=study).exclude(pk=trial.stimulus_id).select_related("pair_version")
        if one.pair_version.base_piece == piece
    )
    fields = {"participant": trial.participant, "position": 9, "option_order": [], "answered_at": trial.answered_at}
    fields |= {"assigned_at": trial.assigned_at, "lease_expires_at": trial.lease_expires_at}
    with pytest.raises(IntegrityError), transaction.atomic():
        Trial.objects.create(stimulus=other, clip_key=trial.clip_key, **fields)


@in_one_thread
def test_between_participants_the_square_is_of_each_persons_cell():
    versions = [*make_variants(4), *make_variants(4, composer="paper", first=100)]
    study = make_study(
        versions=versions,
        cells={"music_only:muse": 1.0, "music_only:paper": 1.0},
        clips_per_participant=4,
        cue_design="square",
        spread="between",
        practice_trials=0,
    )
    for _ in range(8):
        Listener(study.slug).take_part()
    trials = heard()
    assert set(Counter((person, piece) for person, piece, _ in trials).values()) == {1}
    assert Counter(Counter((piece, variant) for _, piece, variant in trials).values()) == {1: 32}


@in_one_thread
def test_an_order_of_pieces_by_latin_square_holds_as_well():
    study = make_square(make_variants(4), trial_order="clips_latin")
    for _ in range(4):
        Listener(study.slug).take_part()
    trials = heard()
    assert set(Counter((person, piece) for person, piece, _ in trials).values()) == {1}
    places = Counter((place % 4, piece) for place, (_, piece, _) in enumerate(trials))
    assert set(places.values()) == {1}
    assert Counter(Counter((piece, variant) for _, piece, variant in trials).values()) == {1: 16}


@pytest.mark.django_db(transaction=True)
def test_people_at_once_hear_no_piece_twice_and_variants_as_often():
    study = make_square(make_variants(4))

    def take_part(seed):
        try:
            random.seed(seed)
            Listener(study.slug, Client()).take_part()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(take_part, range(12)))
    trials = heard()
    assert len(trials) == 48
    assert set(Counter((person, piece) for person, piece, _ in trials).values()) == {1}
    assert set(Counter((person, variant) for person, _, variant in trials).values()) == {1}
    counts = Counter((piece, variant) for _, piece, variant in trials)
    assert len(counts) == 16
    assert max(counts.values()) - min(counts.values()) <= 2


@in_one_thread
def test_a_factorial_plays_a_piece_in_several_variants():
    study = make_square(make_variants(2), cue_design="crossed", clips_per_participant=8)
    Listener(study.slug).take_part()
    assert Counter(piece for _, piece, _ in heard()).most_common(1)[0][1] == 4


def refused(**fields):
    with pytest.raises(PublishRefused) as caught:
        make_study(**{"cells": {"music_only": 1.0}, "practice_trials": 0} | fields)
    return " ".join(caught.value.reasons)


@in_one_thread
@pytest.mark.parametrize("design", ["crossed", "square"])
def test_clips_that_are_no_variants_are_named_and_refused(design):
    plain = make_versions(2, first=50)
    said = refused(versions=[*make_variants(4), *plain], cue_design=design, clips_per_participant=4)
    assert said.startswith(f"2 clips are no variants of a cue experiment: “{plain[0]}”, “{plain[1]}”.")
    assert "take them out on the page of clips and choose variants" in said


@in_one_thread
def test_practice_may_be_of_clips_as_composed():
    plain = make_versions(1, first=50)
    assert make_square(make_variants(4), practice=plain, practice_trials=1).status == Study.Status.PUBLISHED


@in_one_thread
def test_what_a_square_cannot_play_is_refused_with_what_to_do():
    versions = make_variants(4)
    assert "only 4 pieces, each in one variant, can be given to one person; lower the number or add pieces." in refused(
        versions=versions, cue_design="square", clips_per_participant=5
    )
    said = refused(versions=versions[:-1], cue_design="square", clips_per_participant=4)
    assert "every piece stands in the same variants, here 4 in “Music only”, and this one does not" in said
    assert f"“{versions[-1].pair} by muse”" in said
    assert "stands in one variant alone, and is compared with nothing" in refused(
        versions=versions[:-3], cue_design="crossed", clips_per_participant=4
    )


@in_one_thread
def test_a_square_in_two_cells_needs_one_cell_each():
    with pytest.raises(PublishRefused, match="leave one cell, or give each person one cell"):
        make_study(
            versions=make_variants(4),
            cells={"music_only": 1.0, "matched": 1.0},
            cue_design="square",
            clips_per_participant=4,
        )


def copy_of(version, **fields):
    """Another row of the same sound."""
    held = {field.attname: getattr(version, field.attname) for field in PairVersion._meta.concrete_fields}
    del held["id"], held["public_id"]
    return PairVersion.objects.create(**held | {"number": version.number + 300} | fields)


@in_one_thread
def test_one_sound_in_two_pieces_or_in_practice_too_is_refused():
    """A person has the piece's key alone, and would hear the sound twice."""
    versions = make_variants(2)
    run = GenerationRun.objects.create(composer="muse", seed=1)
    again = [copy_of(version, run_id=run.pk) for version in versions]
    fields = {"cue_design": "square", "clips_per_participant": 2}
    assert "One sound stands in two pieces" in refused(versions=[*versions, *again], **fields)
    practice = {"practice": [copy_of(versions[0], cues=None, number=900)], "practice_trials": 1}
    assert "One sound stands in two pieces" in refused(versions=versions, **fields, **practice)


@in_one_thread
def test_two_clips_compared_are_no_cue_experiment():
    study = make_square(make_variants(4), publish=False, mode="more")
    assert any("one clip at a time" in reason for reason in reasons_against_publishing(study))


@in_one_thread
def test_the_kind_of_study_leaves_out_what_is_no_variant_and_names_it():
    variants, plain, client = make_variants(2), make_versions(2, first=50), Client()
    client.force_login(make_researcher())
    chosen = {"template": "cue-experiment", "version": [str(one.public_id) for one in (*plain, *variants)]}
    page = client.get("/studies/new/", chosen)
    response = client.post("/studies/new/", filled_in(page, title="What tempo does", contact="Ada"), follow=True)
    said = " ".join(map(str, response.context["messages"]))
    assert "2 clips are no variants of a cue experiment: " in said
    assert all(f"“{one}”" in said for one in plain)
    assert "make the study from the page of that run" in said
    study = Study.objects.get()
    assert (study.cue_design, study.stimuli.count()) == ("crossed", 8)


@in_one_thread
def test_the_kind_of_study_with_no_variant_at_all_has_no_clips_and_says_so():
    plain, client = make_versions(2), Client()
    client.force_login(make_researcher())
    chosen = {"template": "cue-experiment", "version": [str(one.public_id) for one in plain]}
    page = client.get("/studies/new/", chosen)
    response = client.post("/studies/new/", filled_in(page, title="What tempo does", contact="Ada"), follow=True)
    assert "2 clips are no variants" in " ".join(map(str, response.context["messages"]))
    assert Stimulus.objects.count() == 0


@in_one_thread
def test_the_design_is_preregistered_and_frozen():
    study = make_square(make_variants(4))
    assert "Latin square: nobody hears a piece twice" in write_preregistration(study)
    assert "several variants" in write_preregistration(make_square(make_variants(4, first=100), cue_design="crossed"))
    other = make_study(versions=make_versions(4, first=300), clips_per_participant=4)
    assert "Cue experiment" not in write_preregistration(other)
    with pytest.raises(Exception, match="frozen"), transaction.atomic():
        Study.objects.filter(pk=study.pk).update(cue_design="none")


@in_one_thread
def test_answers_read_back_from_a_pack_have_the_keys_of_their_pieces(tmp_path):
    study = make_square(make_variants(4))
    Listener(study.slug).take_part()
    given = list(Trial.objects.order_by("position").values_list("stimulus", "clip_key"))
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    Response.objects.all().delete()
    Participant.objects.all().delete()
    call_command("import_responses", str(tmp_path / "pack.zip"), study=study.slug, verbosity=0)
    assert list(Trial.objects.order_by("position").values_list("stimulus", "clip_key")) == given
    assert len(given) == 4


@in_one_thread
def test_a_new_version_keeps_the_design():
    study = make_square(make_variants(4))
    copy = actions.make_new_version(study=study, by=study.owner)
    assert copy.cue_design == "square"
    assert PairVersion.objects.filter(stimuli__study=copy).count() == 16
