"""What listeners taught: from closed studies to targets of their own, and what tests them."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from generation.actions.networks import make_default
from generation.emotions import SLUGS
from generation.models import IN_FRONT, GenerationRun, ModelVersion, PairVersion
from generation.queries import learned_targets
from generation.teaching import present_targets
from melodymuse_site.jobs.leases import claim
from survey import actions
from survey.design.templates import TEMPLATES
from survey.findings import lessons
from survey.findings.clips_to_teach import EACH, choose_clips
from survey.findings.learned import FEWEST_PEOPLE
from survey.findings.lesson_tests import find_tests
from survey.findings.lessons import FEWEST_CLIPS, LEAST_VARIED, hardly_varied, run_lesson
from survey.findings.taught import tell_emotions, tell_lesson
from survey.models import Lesson, LessonStudy, Response, Study
from survey.queries.picking import pick_clips, pick_wave
from survey.queries.sides import sides_of_stimuli
from survey.queries.taught import clips_to_teach, lessons_for
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.test_templates import filled_in
from tests.survey.variants import make_variants

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Role = LessonStudy.Role
LOUD = {"anger", "excitement"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("register_models", verbosity=0)


def by_dynamics(participant, stimulus, dice: random.Random) -> str | None:
    """Whoever hears a loud clip calls it anger more often than the table thinks, whatever was meant."""
    told = stimulus.pair_version.attributes
    if dice.random() < 0.25:
        return dice.choice(SLUGS)
    if told["dynamics"]["measured"] > 78:
        return "anger" if dice.random() < 0.8 else "excitement"
    return stimulus.emotion if stimulus.emotion not in LOUD and dice.random() < 0.7 else dice.choice(SLUGS)


def taught(people=24, clips=48, choose=by_dynamics, versions=None, **fields) -> Study:
    """A closed study whose people went by something."""
    each = min(16, clips)
    study = make_study(
        versions=versions or make_versions(clips),
        cells={"music_only": 1.0},
        clips_per_participant=each,
        ask_background=False,
        **fields,
    )
    answer_study(study, people=people, each=each, seed=4, choose=choose)
    return actions.close(study=study, by=study.owner)


def learned(study: Study, **asked) -> Lesson:
    lesson = actions.request_lesson(studies=[study], by=study.owner, seed=1, **asked)
    run_lesson(lesson.pk)
    lesson.refresh_from_db()
    return lesson


@pytest.fixture
def study() -> Study:
    return taught()


def test_answers_move_targets_to_a_version_that_serves_nobody(study):
    before = ModelVersion.objects.get(kind="attribute_targets", is_default=True)
    lesson = learned(study)
    assert (lesson.status, lesson.error) == ("ready", "")
    assert lesson.base == before
    assert lesson.targets
    assert not lesson.targets.is_default
    assert ModelVersion.objects.get(kind="attribute_targets", is_default=True) == before
    shifts = learned_targets(lesson.targets).shifts
    assert shifts["anger"]["dynamics"] > 0
    assert lesson.result["answers"] == 24 * 16 == lesson.roles.get().answers
    assert (lesson.result["people"], lesson.result["clips"]) == (24, 48)
    anger = next(one for one in lesson.result["emotions"] if one["emotion"] == "anger")
    assert anger["moved"]
    assert anger["gain"]["low"] > 0
    told = lesson.targets.manifest["provenance"]
    assert (told["studies"], told["answers"], told["lesson"]) == ([study.slug], 384, str(lesson.public_id))


def test_the_same_lesson_is_the_same_targets(study):
    one, other = (learned(study) for _ in range(2))
    assert one.pk != other.pk
    assert learned_targets(one.targets).shifts == learned_targets(other.targets).shifts


def test_shuffled_answers_move_nothing(study):
    lesson = learned(study, control="shuffled")
    assert lesson.status == "ready"
    assert lesson.targets is None
    assert not any(one["moved"] for one in lesson.result["emotions"])
    assert all(one["reason"] for one in lesson.result["emotions"])


def test_strength_goes_part_of_the_way(study):
    whole, half = learned(study), learned(study, strength=0.5)
    far, near = (learned_targets(lesson.targets).shifts["anger"]["dynamics"] for lesson in (whole, half))
    assert near == pytest.approx(far / 2, rel=1e-4)


def test_the_page_of_lessons_says_how_many_answers_it_takes(study):
    client = Client()
    client.force_login(study.owner)
    page = client.get("/taught/").content.decode()
    assert f"answers of {FEWEST_PEOPLE} people or more to {FEWEST_CLIPS} clips" in page


def test_answers_beside_pictures_are_counted_where_others_were_to_clips_alone(study):
    other = make_study(
        by=study.owner,
        versions=make_versions(16, first=300),
        cells={"matched": 1.0},
        clips_per_participant=16,
        ask_background=False,
    )
    answer_study(other, people=12, each=16, seed=2)
    actions.close(study=other, by=study.owner)
    lesson = actions.request_lesson(studies=[study, other], by=study.owner, seed=1)
    run_lesson(lesson.pk)
    lesson.refresh_from_db()
    assert (lesson.result["answers"], lesson.result["beside_pictures"]) == (384, 192)
    assert "192 answers to clips with their pictures beside them are left out" in " ".join(tell_lesson(lesson))


def test_variants_of_few_pieces_teach_nothing():
    study = make_study(versions=make_variants(4), cells={"music_only": 1.0}, clips_per_participant=16)
    answer_study(study, people=12, each=16, seed=2)
    lesson = learned(actions.close(study=study, by=study.owner))
    assert lesson.status == "failed"
    assert "16 clips with measured attributes, which are variants of 4 pieces and count as those" in lesson.error


def test_too_few_answers_teach_nothing_and_say_so():
    lesson = learned(taught(people=3))
    assert lesson.status == "failed"
    assert "3 people" in lesson.error
    assert "at least 10 people and 16 clips" in lesson.error


def test_one_who_answers_what_others_left_unanswered_is_not_taken_for_all():
    """Nine people leave after three clips, one goes on to the last: whatever that one goes by is no listener's."""
    study = make_study(versions=make_versions(48), cells={"music_only": 1.0}, clips_per_participant=48)
    for people, each in ((9, 3), (1, 48)):
        answer_study(study, people=people, each=each, seed=each, choose=by_dynamics)
    lesson = learned(actions.close(study=study, by=study.owner))
    assert (lesson.status, lesson.targets) == ("failed", None)
    assert "10 people, but a few of them gave most: they tell as much as 2.4" in lesson.error


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "is not closed"),
        ({"mode": "yes_no"}, "does not let people choose among emotions"),
        ({"emotions": ("awe", "fear")}, "does not offer all eight emotions"),
        ({"cells": {"picture_only": 1.0}}, "plays no music"),
    ],
)
def test_what_nothing_can_be_learned_from_is_refused(fields, said):
    emotions = fields.pop("emotions", None)
    versions = make_versions(4, emotions=emotions) if emotions else make_versions(8)
    study = make_study(versions=versions, publish=False, **fields)
    if emotions:
        actions.edit_study(study=study, by=study.owner, emotions=emotions)
    actions.publish(study=study, by=study.owner)
    if fields or emotions:
        actions.close(study=study, by=study.owner)
    with pytest.raises(actions.LessonRefused, match=said):
        actions.request_lesson(studies=[study], by=study.owner)
    assert not Lesson.objects.exists()


def test_clips_that_two_studies_played_are_one_clip_each():
    """A new version of a study plays the same clips: what people hear in one of them, they hear in both."""
    study = taught(clips=24)
    again = actions.make_new_version(study=study, by=study.owner)
    actions.publish(study=again, by=study.owner)
    answer_study(again, people=12, each=16, seed=9, choose=by_dynamics)
    actions.close(study=again, by=study.owner)
    gathered = lessons.gather([study, again], present_targets().names)
    assert (len(gathered.intended), np.unique(gathered.clip).size, gathered.people) == (48, 24, 36)
    rows = [np.flatnonzero(gathered.clip == code) for code in range(24)]
    assert all((gathered.answers.attributes[one] == gathered.answers.attributes[other]).all() for one, other in rows)
    assert (gathered.answers.piece == gathered.clip).all()
    lesson = actions.request_lesson(studies=[study, again], by=study.owner, seed=1)
    run_lesson(lesson.pk)
    lesson.refresh_from_db()
    assert (lesson.result["clips"], lesson.result["model"]["clips"], lesson.result["answers"]) == (24, 24, 36 * 16)
    assert {one["clips"] for one in lesson.result["emotions"]} == {3}


def test_two_studies_of_eight_clips_are_not_sixteen():
    study = taught(clips=8, people=12)
    again = actions.make_new_version(study=study, by=study.owner)
    actions.publish(study=again, by=study.owner)
    answer_study(again, people=12, each=8, seed=9)
    actions.close(study=again, by=study.owner)
    lesson = actions.request_lesson(studies=[study, again], by=study.owner)
    run_lesson(lesson.pk)
    lesson.refresh_from_db()
    assert "24 people to 8 clips" in lesson.error


def test_variants_of_a_piece_are_clips_of_their_own_that_hang_together():
    study = taught(versions=make_variants(16))
    gathered = lessons.gather([study], present_targets().names)
    assert (np.unique(gathered.clip).size, np.unique(gathered.answers.piece).size) == (64, 16)


@pytest.mark.parametrize("strength", [0, -1, 0.04, 1.5, float("nan")])
def test_a_strength_is_part_of_the_way(study, strength):
    with pytest.raises(actions.LessonRefused, match="Strength"):
        actions.request_lesson(studies=[study], by=study.owner, strength=strength)


def test_an_open_lesson_is_not_doubled_and_another_is_another(study):
    one, same, other = (
        actions.request_lesson(studies=[study], by=study.owner, control=control) for control in ("", "", "shuffled")
    )
    assert one == same != other


def test_a_lesson_called_off_keeps_nothing(study):
    lesson = actions.request_lesson(studies=[study], by=study.owner)
    lease = claim(Lesson, lesson.pk)
    assert actions.cancel_lesson(lesson=lesson, by=study.owner)
    made = []
    finished = {"result": {"answers": 1}, "answers": {}, "make_version": lambda: made.append(1)}
    assert not actions.finish_lesson(lesson=lesson, lease=lease, **finished)
    lesson.refresh_from_db()
    assert (lesson.status, lesson.result, made) == ("cancelled", {}, [])


def fresh_clips(lesson: Lesson, pairs: int = 16, first: int = 100) -> list[list[PairVersion]]:
    """Clips of the same pairs for old and for new targets."""
    made = []
    for tones, targets in ((0, lesson.base), (200, lesson.targets)):
        versions = make_versions(pairs, first=first, tones=tones)
        versions[0].run.model_versions.set([targets])
        made.append(versions)
    return made


def test_a_study_of_fresh_clips_tests_and_its_answers_never_taught(study):
    lesson = learned(study)
    old, new = fresh_clips(lesson)
    newer = {version.pk for version in new}

    def choose(participant, stimulus, dice):
        return stimulus.emotion if dice.random() < (0.8 if stimulus.pair_version_id in newer else 0.3) else "awe"

    test = make_study(versions=[*old, *new], cells={"music_only": 1.0}, clips_per_participant=16, ask_background=False)
    assert [role.role for role in lesson.roles.filter(study=test)] == [Role.TESTS]
    answer_study(test, people=20, each=16, seed=2, choose=choose)
    assert find_tests(lesson, [test]) == []  # its results are not shown yet
    actions.close(study=test, by=test.owner)
    (found,) = find_tests(lesson, Study.objects.all())
    assert found.study == test
    assert found.together.n_a + found.together.n_b == 320
    assert found.together.difference == pytest.approx(0.45, abs=0.12)
    assert found.together.interval[0] > 0
    assert found.by_emotion.keys() == set(SLUGS)


def test_no_study_both_teaches_and_tests_a_lesson(study):
    lesson = learned(study)
    with pytest.raises(IntegrityError), transaction.atomic():
        LessonStudy.objects.create(lesson=lesson, study=study, role=Role.TESTS)
    with pytest.raises(DatabaseError, match="can never test it"), transaction.atomic():
        LessonStudy.objects.filter(lesson=lesson, study=study).update(role=Role.TESTS)
    with pytest.raises(DatabaseError, match="can never test it"), transaction.atomic():
        LessonStudy.objects.filter(lesson=lesson, study=study).delete()
    assert [role.role for role in lesson.roles.all()] == [Role.TAUGHT]


def test_clips_that_taught_are_not_fresh_in_another_study(study):
    """The very clips of the study that taught, beside clips for the new targets: there is nothing to compare."""
    lesson = learned(study)
    taught_clips = [stimulus.pair_version for stimulus in study.stimuli.select_related("pair_version")[:16]]
    taught_clips[0].run.model_versions.set([lesson.base])
    _, new = fresh_clips(lesson)
    test = make_study(
        versions=[*taught_clips, *new], cells={"music_only": 1.0}, clips_per_participant=16, ask_background=False
    )
    assert not test.lesson_roles.exists()
    answer_study(test, people=10, each=16, seed=2)
    actions.close(study=test, by=test.owner)
    assert find_tests(lesson, [test]) == []


def test_a_lesson_with_the_same_study_again_starts_from_the_targets_before(study):
    first = learned(study)
    make_default(model=first.targets, by=None)
    again = learned(study)
    assert again.base == first.base
    assert learned_targets(again.targets).shifts == learned_targets(first.targets).shifts


@pytest.mark.parametrize("mode", ["choose", "yes_no"])
def test_only_a_study_of_both_targets_in_which_people_choose_tests(study, mode):
    lesson = learned(study)
    old, new = fresh_clips(lesson)
    both = make_study(versions=[*old, *new], cells={"music_only": 1.0}, mode=mode)
    alone = make_study(versions=new, cells={"music_only": 1.0}, mode=mode)
    assert lesson.roles.filter(study=both).exists() == (mode == "choose")
    assert not lesson.roles.filter(study=alone).exists()


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_a_seed_fits_the_database(study, seed):
    with pytest.raises(actions.LessonRefused, match="A seed is a whole number"):
        actions.request_lesson(studies=[study], by=study.owner, seed=seed)


def test_what_taught_the_targets_a_lesson_starts_from_never_tests_it(study):
    first = learned(study)
    make_default(model=first.targets, by=None)
    second = actions.request_lesson(studies=[taught(people=12)], by=study.owner)
    assert second.base == first.targets
    assert {(role.study_id, role.role) for role in second.roles.all()} >= {(study.pk, Role.TAUGHT_BEFORE)}


def test_a_lesson_from_learned_targets_moves_on_from_them(study):
    first = learned(study)
    make_default(model=first.targets, by=None)
    second = learned(taught(people=24))
    assert second.status == "ready"
    if second.targets:  # whole shifts are kept, from the shipped table
        here = next(one for one in second.result["emotions"] if one["emotion"] == "anger")["attributes"]
        loud = next(one for one in here if one["name"] == "dynamics")
        was = learned_targets(first.targets).shifts["anger"]["dynamics"]
        now = learned_targets(second.targets).shifts["anger"].get("dynamics", 0.0)
        assert now - was == pytest.approx(loud["after"] - loud["before"], abs=0.01)


def test_the_command_says_what_came_of_it(study, capsys):
    call_command("learn", study.slug, "--seed", "1")
    told = capsys.readouterr()
    assert "Learned from 384 answers of 24 people to 48 clips" in told.out
    assert "an expectation, no finding" in told.out
    assert "Fitting what listeners go by" in told.err
    call_command("learn", study.slug, "--seed", "1", "--control", "shuffled", "--json")
    assert json.loads(capsys.readouterr().out)["targets"] == ""


def test_the_command_names_what_it_cannot_do(study):
    with pytest.raises(CommandError, match="no study called 'nothing'"):
        call_command("learn", "nothing")
    open_one = make_study()
    with pytest.raises(CommandError, match="is not closed"):
        call_command("learn", study.slug, open_one.slug)


def test_whoever_may_not_see_a_studys_results_sees_no_lesson_of_it(study):
    lesson = learned(study)
    other = make_researcher("other")
    assert list(lessons_for(study.owner)) == [lesson]
    assert not lessons_for(other).exists()
    actions.share(study=study, user=other, role="viewer", by=study.owner)
    assert list(lessons_for(other)) == [lesson]
    assert not lessons_for(other, edit=True).exists()


def test_from_the_results_page_to_the_lesson(study):
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"/results/{study.slug}/").content.decode()
    assert "Let these answers teach the composer" in page
    sent = client.post("/taught/", {"study": study.slug, "strength": "1"}, follow=True)
    lesson = Lesson.objects.get()
    assert sent.redirect_chain == [(lesson.get_absolute_url(), 302)]
    run_lesson(lesson.pk)
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert "Learned from 384 answers" in page
    assert "louder touch" in page
    assert "No study has tested this lesson yet" in page
    assert client.get(f"{lesson.get_absolute_url()}state.json").json()["status"] == "ready"


def test_a_study_that_goes_on_offers_no_lesson():
    study = make_study()
    actions.open_results(study=study, by=study.owner)
    client = Client()
    client.force_login(study.owner)
    assert "teach the composer" not in client.get(f"/results/{study.slug}/").content.decode()


def test_clips_that_differ_in_nothing_people_heard_teach_nothing():
    def choose(participant, stimulus, dice):
        return dice.choice(SLUGS)

    lesson = learned(taught(choose=choose))
    assert lesson.status == "ready"
    assert lesson.targets is None
    assert np.isclose(lesson.result["overall_gain"]["mean"], 0.0)


def test_the_page_of_a_lesson_says_whether_its_targets_are_in_force(study):
    lesson = learned(study)
    client = Client()
    client.force_login(study.owner)
    assert "they serve nobody until" in client.get(lesson.get_absolute_url()).content.decode()
    ModelVersion.objects.filter(kind="attribute_targets", is_default=True).update(is_default=False)
    ModelVersion.objects.filter(pk=lesson.targets_id).update(is_default=True)
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert "in force now" in page
    assert "Use it, and go back" in page
    assert "they serve nobody until" not in page


def test_the_next_wave_is_composed_for_both_targets_and_becomes_a_study_that_tests(study):
    lesson = learned(study)
    client = Client()
    client.force_login(study.owner)
    study.owner.user_permissions.add(*Permission.objects.filter(content_type__app_label="generation"))
    page = client.get(lesson.get_absolute_url()).content.decode()
    form = page[page.index('action="/runs/new/"') :]
    sent: dict[str, list[str]] = {"start": ["1"]}
    for name, value in re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[: form.index("</form>")]
    ):
        sent.setdefault(name, []).append(value)
    made = client.post("/runs/new/", sent)
    runs = list(GenerationRun.objects.order_by("-pk")[:2])
    assert made.url == runs[0].get_absolute_url()
    assert [set(run.model_versions.filter(kind="attribute_targets")) for run in runs] == [
        {lesson.targets},
        {lesson.base},
    ]
    assert runs[0].seed == runs[1].seed
    pairs = [sorted(run.versions.values_list("pair", "composer")) for run in runs]
    assert pairs[0] == pairs[1]
    assert len(pairs[0]) == 32
    assert client.get(runs[0].get_absolute_url()).content.decode().count("template=targets") == 1


def test_the_kind_of_study_takes_fresh_clips_of_both_targets(study):
    lesson = learned(study)
    old, new = fresh_clips(lesson)
    picked = pick_clips(TEMPLATES["targets"])
    assert picked.lacking == ""
    assert {version.pk for version in picked.versions} == {version.pk for version in (*old, *new)}
    make_study(versions=[*old[:4], *new[:4]], cells={"music_only": 1.0}, clips_per_participant=4)
    again = pick_clips(TEMPLATES["targets"])
    assert {version.pk for version in again.versions} == {
        version.pk for pair in zip(old[8:], new[8:], strict=True) for version in pair
    }


def test_an_attribute_that_clips_hardly_vary_keeps_its_targets(study):
    """A tenth of what real clips of one quadrant differ by is the least."""
    present = present_targets()
    usual = np.sqrt(np.diagonal(present.real.within))
    dice = np.random.default_rng(0).normal(size=(200, len(usual)))
    dice /= dice.std(axis=0)
    share = np.where(np.arange(len(usual)) == 1, LEAST_VARIED * 0.99, LEAST_VARIED * 1.01)
    assert np.flatnonzero(hardly_varied(present.aims[0] + dice * usual * share, present)).tolist() == [1]
    assert LEAST_VARIED == 0.1


def test_an_emotion_with_fewer_than_three_clips_lies_where_it_was_aimed_at(study, monkeypatch):
    """Two clips far from their target say nothing of where others come to lie; three do."""
    asked = {}
    monkeypatch.setattr(lessons, "improve", lambda heard, targets, **given: asked.update(given) or targets)
    present = present_targets()
    gathered = lessons.gather([study], present.names)
    for few in (2, 3):
        own = np.flatnonzero(gathered.intended == 0)
        intended = np.where(np.isin(np.arange(gathered.intended.size), own[few:]), 1, gathered.intended)
        lessons.seek(None, replace(gathered, intended=intended), present, strength=1.0, seed=0)
        assert (asked["attained"][0] == present.aims[0]).all() == (few == 2)
        assert (asked["attained_error"][0] == 0.0).all() == (few == 2)
    assert asked["region"].furthest == 4.3


def test_shifts_of_less_than_a_quarter_of_a_band_are_not_told():
    shifts = [("tempo", 0.24), ("dynamics", -0.25), ("pedal", 0.0)]
    told = {
        "emotion": "awe",
        "clips": 4,
        "moved": True,
        "reason": "",
        **{key: {"mean": 0.5, "low": 0.4, "high": 0.6} for key in ("before", "after", "gain")},
        "attributes": [{"name": name, "before": 1.0, "after": 2.0, "widths": by} for name, by in shifts],
    }
    (found,) = tell_emotions(Lesson(result={"emotions": [told]}))
    assert [moved.says for moved in found.moved] == ["softer touch"]


def test_a_study_of_others_that_tests_a_lesson_is_named_to_nobody_else(study):
    lesson = learned(study)
    old, new = fresh_clips(lesson)
    make_study(by=make_researcher("other"), title="A secret", versions=[*old, *new], cells={"music_only": 1.0})
    assert lesson.roles.filter(role=Role.TESTS).exists()
    client = Client()
    client.force_login(study.owner)
    for address in ("/taught/", lesson.get_absolute_url()):
        page = client.get(address).content.decode()
        assert study.title in page
        assert "A secret" not in page


# Clips that teach.


def test_a_lesson_names_ready_clips_that_nobody_heard_four_of_every_emotion(study, client):
    make_versions(40, first=60)
    make_variants(4, first=120)  # 16 clips, which were made to tell of their cues
    lesson = learned(study)
    named = lesson.result["to_teach"]
    clips = PairVersion.objects.filter(public_id__in=named)
    assert (EACH, len(set(named))) == (4, 32)
    assert Counter(clips.values_list("pair__emotion__slug", flat=True)) == dict.fromkeys(SLUGS, 4)
    assert not clips.filter(cues__isnull=False).exists()
    assert not study.stimuli.filter(pair_version__in=clips).exists()
    assert learned(study, strength=0.5).result["to_teach"] == named
    assert "to_teach" not in learned(study, control="shuffled").result
    client.force_login(study.owner)
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert page.count('name="version"') == 32
    form = client.post("/studies/new/", {"template": "teach", "version": named}).content.decode()
    assert form.count('name="version"') == 32


def test_clips_that_teach_are_no_test_and_are_named_no_more_once_played(study):
    ready = make_versions(40, first=60)
    lesson = learned(study)
    named = clips_to_teach(lesson)
    chosen = [one for one in ready if str(one.public_id) in named[:16]]
    teaching = make_study(versions=chosen, cells={"music_only": 1.0}, clips_per_participant=16, ask_background=False)
    assert not lesson.roles.filter(study=teaching).exists()
    assert clips_to_teach(lesson) == named[16:]
    answer_study(teaching, people=12, each=16, seed=2, choose=by_dynamics)
    actions.close(study=teaching, by=teaching.owner)
    both = actions.request_lesson(studies=[study, teaching], by=study.owner, seed=1)
    run_lesson(both.pk)
    both.refresh_from_db()
    assert both.result["answers"] == 24 * 16 + 12 * 16
    assert not {str(one.public_id) for one in chosen} & set(both.result["to_teach"])


@pytest.mark.parametrize("cell", ["music_only", "matched"])
def test_a_study_of_clips_that_teach_presents_them_as_those_that_taught_were(client, cell):
    """Beside pictures no answer would count where others were to clips alone."""
    study = make_study(versions=make_versions(48), cells={cell: 1.0}, clips_per_participant=16, ask_background=False)
    answer_study(study, people=24, each=16, seed=4, choose=by_dynamics)
    make_versions(32, first=60)
    lesson = learned(actions.close(study=study, by=study.owner))
    client.force_login(study.owner)
    page = client.get(lesson.get_absolute_url()).content.decode()
    begun = {name: re.findall(rf'name="{name}" value="(.*?)"', page) for name in ("template", "version")}
    client.post("/studies/new/", filled_in(client.post("/studies/new/", begun), title="To teach"))
    draft = Study.objects.get(title="To teach")
    assert {condition.presented for condition in draft.conditions.all()} == {cell}
    assert draft.stimuli.count() == len(begun["version"]) == 32
    teaching = actions.publish(study=draft, by=draft.owner)
    answer_study(teaching, people=12, each=8, seed=2, choose=by_dynamics)
    actions.close(study=teaching, by=teaching.owner)
    both = actions.request_lesson(studies=[study, teaching], by=study.owner, seed=1)
    run_lesson(both.pk)
    both.refresh_from_db()
    assert (both.result["answers"], both.result["beside_pictures"]) == (24 * 16 + 12 * 8, 0)


def test_clips_that_teach_are_pieces_that_nobody_heard_each_once(study):
    """Runs that were repeated with their seed made other rows of pieces that taught, and two rows of fresh ones."""
    make_versions(24, first=24)
    fresh = make_versions(16, first=60)
    make_versions(16, first=60)
    assert sorted(learned(study).result["to_teach"]) == sorted(str(one.public_id) for one in fresh)


def test_clips_that_teach_are_not_taken_from_the_front_page(study):
    front = make_versions(3, first=60)
    GenerationRun.objects.filter(pk=front[0].run_id).update(options={IN_FRONT: True})
    again, other = make_versions(1, first=60, tones=100)[0], make_versions(1, first=90)[0]
    assert again.pair == front[0].pair
    assert learned(study).result["to_teach"] == [str(other.public_id)]


def test_clips_that_teach_are_not_taken_from_those_that_stand_ready_to_test(study):
    first = learned(study)
    wave = list(chain(*fresh_clips(first, 8, first=60)))
    spare = make_versions(8, first=80)
    second = learned(study, strength=0.5)
    assert sorted(second.result["to_teach"]) == sorted(str(one.public_id) for one in spare)
    assert set(pick_wave(first).versions) == set(wave)


def test_clips_that_were_named_to_teach_test_nothing(study):
    """They were chosen: alone they test nothing, and beside clips of a wave they are on neither side."""
    first = learned(study)
    played = list(chain(*fresh_clips(first, 8, first=60)))
    make_study(versions=played, cells={"music_only": 1.0}, title="Heard in a test")
    second = learned(study, strength=0.5)
    assert set(second.result["to_teach"]) == {str(one.public_id) for one in played}
    asked = {"cells": {"music_only": 1.0}, "clips_per_participant": 16, "ask_background": False, "by": study.owner}
    teaching = make_study(versions=played, **asked)
    assert not teaching.lesson_roles.exists()
    assert not teaching.stimuli.exclude(side="").exists()
    wave = list(chain(*fresh_clips(first, 8, first=80)))
    keys = {one.pk for one in wave}
    draft = make_study(versions=[*played, *wave], publish=False, **asked)
    told = sides_of_stimuli(draft, list(draft.stimuli.all()))
    mixed = actions.publish(study=draft, by=draft.owner)
    assert set(mixed.stimuli.exclude(side="").values_list("pair_version", flat=True)) == keys
    assert {str(one.public_id): one.side for one in mixed.stimuli.exclude(side="")} == told
    answer_study(mixed, people=12, each=16, seed=2, choose=by_dynamics)
    actions.close(study=mixed, by=mixed.owner)
    answered = Response.objects.filter(trial__stimulus__study=mixed, trial__stimulus__pair_version__in=keys).count()
    (test,) = find_tests(first, [mixed])
    assert test.together.n_a + test.together.n_b == answered


def test_what_is_named_to_teach_later_changes_no_test_and_makes_none(study):
    first = learned(study)
    wave = list(chain(*fresh_clips(first, 8, first=60)))
    test = make_study(versions=wave, cells={"music_only": 1.0}, clips_per_participant=16, by=study.owner)
    answer_study(test, people=12, each=16, seed=2, choose=by_dynamics)
    actions.close(study=test, by=test.owner)
    before = find_tests(first, [test])
    other = list(chain(*fresh_clips(first, 8, first=80)))
    named = [str(one.public_id) for one in (*wave, *other)]
    Lesson.objects.filter(pk=first.pk).update(finished_at=timezone.now(), result=first.result | {"to_teach": named})
    assert len(before) == 1
    assert find_tests(first, [test]) == before
    assert pick_wave(first).versions == []


def test_clips_that_teach_tell_more_of_the_weights_than_others(study, monkeypatch):
    """By the determinant of what is known of the listener, beside as many clips of every emotion drawn by chance."""
    ready = make_versions(64, first=60)
    dice, names = np.random.default_rng(3), present_targets().names
    seen = []
    monkeypatch.setattr(lessons, "choose_clips", lambda lesson, heard, names: seen.append(heard) or [])
    lesson = learned(study)
    (heard,) = seen

    def told_by(clips):
        rows = np.array([[one.attributes[name]["measured"] for name in names] for one in clips])
        shares = heard.probabilities(rows)
        known = np.concatenate([np.ones((len(rows), 1)), heard.scale.to_z(rows)], axis=1)
        whole = np.linalg.inv(heard.covariance)
        for share, row in zip(shares, known, strict=True):
            whole = whole + 4 * np.kron(np.diag(share) - np.outer(share, share), np.outer(row, row))
        return np.linalg.slogdet(whole)[1]

    named = set(choose_clips(lesson, heard, names))
    chosen = told_by([one for one in ready if str(one.public_id) in named])
    by_emotion = [[one for one in ready if one.pair.emotion.slug == slug] for slug in SLUGS]
    drawn = [told_by([own[place] for own in by_emotion for place in dice.choice(8, 4, False)]) for _ in range(20)]
    assert chosen > max(drawn)
