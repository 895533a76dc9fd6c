"""The next wave: the draft that tests a lesson, made ready from the study that taught, and published without typing."""

from __future__ import annotations

import doctest
import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from generation import teaching
from generation.models import GenerationRun, PairVersion
from survey import actions
from survey.actions.publishing import reasons_against_publishing
from survey.actions.waves import LONGEST_TITLE, name_next
from survey.analysis.planned import NEW_TARGETS
from survey.findings import learned
from survey.models import AuditEntry, Lesson, LessonStudy, Study
from survey.queries import picking
from survey.queries.picking import clips_being_made, pick_wave
from survey.queries.sides import sides_of, sides_tested
from tests.survey.factories import lesson_with_a_wave, make_researcher, make_study, make_versions
from tests.survey.participating import Listener
from tests.survey.variants import make_variants

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def taught() -> Study:
    """A closed study with everything of its own: consent, contact, people, rules, practice, a question, a date."""
    study = make_study(
        title="Moods of places",
        publish=False,
        practice=make_versions(1, first=70),
        practice_trials=1,
        clips_per_participant=6,
        consent_text="You agree to our own text.",
        contact="Ada Lovelace, ada@example.org",
        quota=80,
        recruiter="prolific",
        exclusion_rules={"fastest_seconds": 0.5},
        analysis_plan={"planned_n": 60, "margin": 0.05, "primary_cell": "matched", "hypotheses": "Another"},
        retention_until=timezone.localdate() + timedelta(days=90),
    )
    actions.add_question(study=study, key="liking", by=study.owner)
    actions.publish(study=study, by=study.owner)
    return actions.close(study=study, by=study.owner)


@pytest.fixture
def lesson(taught) -> Lesson:
    return lesson_with_a_wave(taught.owner, taught)


def test_the_draft_is_as_the_study_that_taught_was_with_fresh_clips_of_both(taught, lesson):
    draft = actions.begin_test(lesson=lesson, by=taught.owner)
    assert (draft.title, draft.status, draft.owner) == (
        "Moods of places, wave 2",
        "draft",
        taught.owner,
    )
    same = ("consent_text", "contact", "quota", "recruiter", "exclusion_rules", "question", "practice_trials")
    assert all(getattr(draft, name) == getattr(taught, name) for name in same)
    assert list(draft.questions.values_list("key", flat=True)) == ["liking"]
    assert list(draft.choices.values_list("slug")) == list(taught.choices.values_list("slug"))
    assert [cell.presentation for cell in draft.conditions.all()] == ["music_only"]
    main = draft.stimuli.filter(role="main")
    assert {one.pair_version.run_id for one in main} == {one.run_id for one in pick_wave(lesson).versions}
    assert (main.count(), draft.stimuli.filter(role="practice").count()) == (8, 1)
    assert draft.clips_per_participant == 6
    assert draft.analysis_plan == {
        "primary_cell": NEW_TARGETS,
        "planned_n": 60,
        "margin": 0.05,
        "hypotheses": "The intended emotion is chosen more often for clips made for the new targets than for the old.",
    }
    assert draft.retention_until == timezone.localdate() + timedelta(days=90)
    assert (draft.code_complete, draft.slug) != (taught.code_complete, taught.slug)


def test_it_can_be_published_as_it_is_and_tests_the_lesson(taught, lesson):
    draft = actions.begin_test(lesson=lesson, by=taught.owner)
    assert reasons_against_publishing(draft) == []
    study = actions.publish(study=draft, by=taught.owner)
    assert sorted(study.stimuli.filter(role="main").values_list("side", flat=True)) == ["new"] * 4 + ["old"] * 4
    assert [role.role for role in lesson.roles.filter(study=study)] == [LessonStudy.Role.TESTS]
    with pytest.raises(actions.LessonRefused, match="No pair has fresh clips"):  # they are heard now
        actions.begin_test(lesson=lesson, by=taught.owner)


def make_alike(lesson) -> PairVersion:
    """The clips for old and new targets of the first picture are made one sound; the old one is returned."""
    old, new = (
        PairVersion.objects.filter(run__model_versions=targets).order_by("pk").first()
        for targets in (lesson.base, lesson.targets)
    )
    alike = PairVersion.objects.get(pk=new.pk)
    alike.pk, alike.public_id, alike.number = None, uuid.uuid4(), 9
    for name in ("audio", "audio_sha256", "audio_alternative", "audio_alternative_sha256"):
        setattr(alike, name, getattr(old, name))
    alike.save(force_insert=True)
    return old


def test_an_emotion_that_kept_its_targets_is_heard_once_and_compared_with_nothing(taught, lesson):
    old = make_alike(lesson)
    draft = actions.begin_test(lesson=lesson, by=taught.owner)
    main = draft.stimuli.filter(role="main")
    assert main.count() == 7
    assert main.filter(emotion=old.pair.emotion.slug).get().pair_version == old
    assert reasons_against_publishing(draft) == []


@pytest.mark.parametrize("module", [picking, learned], ids=lambda module: module.__name__)
def test_examples(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("onset", "duration", "pitch", "velocity", "hand", "same"),
    [
        (0.519, 1.099, 60, 73, "right", True),
        (0.521, 1.0, 60, 70, "right", False),
        (0.5, 1.101, 60, 70, "right", False),
        (0.5, 1.0, 61, 70, "right", False),
        (0.5, 1.0, 60, 74, "right", False),
        (0.5, 1.0, 60, 70, "left", True),
    ],
)
def test_two_notes_are_told_apart_by_onset_duration_pitch_and_velocity(onset, duration, pitch, velocity, hand, same):
    played = [[0.5, 1.0, 60, 70, "right"]]
    assert picking.same_to_the_ear(played, [[onset, duration, pitch, velocity, hand]]) is same


@pytest.mark.parametrize(("louder", "clips"), [(2, 7), (20, 8)])
def test_clips_that_nobody_tells_apart_are_heard_once(taught, lesson, louder, clips):
    """A picture beside its emotion's place is moved a little by what its neighbours learned."""
    for targets, velocity in ((lesson.base, 60), (lesson.targets, 60 + louder)):
        again = PairVersion.objects.filter(run__model_versions=targets).order_by("pk").first()
        again.pk, again.public_id, again.number = None, uuid.uuid4(), 9 + velocity
        again.notes = [[0.5 * place, 0.4, 60 + place, velocity, "right"] for place in range(9)]
        again.save(force_insert=True)
    draft = actions.begin_test(lesson=lesson, by=taught.owner)
    assert draft.stimuli.filter(role="main").count() == clips


def test_whoever_asks_twice_gets_the_same_draft(taught, lesson):
    one, same = (actions.begin_test(lesson=lesson, by=taught.owner) for _ in range(2))
    assert one == same
    actions.edit_study(study=one, by=taught.owner, title="My own name")
    assert actions.begin_test(lesson=lesson, by=taught.owner) != one


def test_the_log_says_from_what_it_was_made(taught, lesson):
    draft = actions.begin_test(lesson=lesson, by=taught.owner)
    told = {entry.action: entry.detail for entry in AuditEntry.objects.filter(study_slug=draft.slug)}
    assert told["create"] == {"lesson": str(lesson.public_id), "like": taught.slug}
    assert told["choose_clips"]["clips"] == 8


def test_where_clips_are_still_being_made_it_waits(taught, lesson):
    version = pick_wave(lesson).versions[0]
    PairVersion.objects.create(
        pair=version.pair, run=version.run, number=90, composer=version.composer, seed=1, queued_at=timezone.now()
    )
    assert clips_being_made(lesson) == 1
    with pytest.raises(actions.LessonRefused, match="still being made"):
        actions.begin_test(lesson=lesson, by=taught.owner)
    assert not Study.objects.filter(status="draft").exists()


def test_a_lesson_that_moved_nothing_has_no_test(taught):
    lesson = Lesson.objects.create(seed=1, status="ready", finished_at=timezone.now())
    LessonStudy.objects.create(lesson=lesson, study=taught, role=LessonStudy.Role.TAUGHT)
    with pytest.raises(actions.LessonRefused, match="nothing to test"):
        actions.begin_test(lesson=lesson, by=taught.owner)


def test_a_long_title_stays_within_its_length(taught, lesson):
    study = Study.objects.create(
        owner=taught.owner, slug="long", title="A" * 200, status="draft", question="Which emotion?"
    )
    actions.set_stimuli(study=study, versions=make_versions(2), by=taught.owner)
    LessonStudy.objects.create(lesson=lesson, study=study, role=LessonStudy.Role.TAUGHT)
    assert actions.begin_test(lesson=lesson, by=taught.owner).title == f"{'A' * 192}, wave 2"
    assert Study._meta.get_field("title").max_length == LONGEST_TITLE == 200
    assert name_next("A" * 192 + ", wave 9") == f"{'A' * 191}, wave 10"


def test_participants_read_nothing_of_what_is_compared(taught, lesson):
    draft = actions.begin_test(lesson=lesson, by=taught.owner)
    draft = actions.edit_study(study=draft, by=taught.owner, recruiter="plain") or draft
    study = actions.publish(study=draft, by=taught.owner)
    listener, pages = Listener(study.slug), []
    listener.get()
    while not listener.address.endswith("/end/"):
        pages.append(listener.page)
        listener.send()
    assert len(pages) >= 7
    assert "wave-2" in listener.address
    for page in pages:
        assert re.findall(r"targets|taught|old against|new against", page) == []


def test_pages_lead_to_it_for_whoever_may_change_the_studies(taught, lesson):
    call_command("register_models", verbosity=0)
    client = Client()
    client.force_login(taught.owner)
    address = f"/taught/{lesson.public_id}/test/"
    assert f'action="{address}"' in client.get("/studies/new/", {"template": "targets"}).content.decode()
    other = make_researcher("other")
    stranger = Client()
    stranger.force_login(other)
    assert address not in stranger.get("/studies/new/", {"template": "targets"}).content.decode()
    assert stranger.post(address).status_code == 404
    actions.share(study=taught, user=other, role="viewer", by=taught.owner)
    assert stranger.post(address).status_code == 404
    assert client.get(address).url == lesson.get_absolute_url()
    sent = client.post(address)
    draft = Study.objects.get(title="Moods of places, wave 2")
    assert sent.url == f"/studies/{draft.slug}/publish/"
    assert "Publish and freeze" in client.get(sent.url).content.decode()


def test_one_sound_for_both_is_left_out_where_its_emotion_is_compared(taught):
    """Counted for the old targets alone it would be compared with other pictures' clips for the new."""
    lesson = lesson_with_a_wave(taught.owner, taught, pairs=16)
    old = make_alike(lesson)
    picked = [version for version in pick_wave(lesson).versions if version.pair.emotion == old.pair.emotion]
    assert sorted(sides_of(lesson, [version.pk for version in picked]).values()) == ["new", "old"]


@pytest.mark.parametrize(
    "own",
    [
        {"cue_design": "crossed"},
        {"cue_design": "square", "clips_per_participant": 2},
        {"trial_order": "cells_latin", "cells": {"matched": 1.0, "music_only": 1.0}},
        {"repeat_trials": 5},
    ],
    ids=str,
)
def test_what_fits_the_clips_that_taught_alone_is_not_kept(own):
    versions = {"versions": make_variants(2)} if "cue_design" in own else {}
    study = make_study(**own, **versions)
    actions.close(study=study, by=study.owner)
    draft = actions.begin_test(lesson=lesson_with_a_wave(study.owner, study, pairs=2), by=study.owner)
    assert reasons_against_publishing(draft) == []


def test_whoever_may_make_no_study_makes_none_of_a_lesson(taught, lesson):
    editor = get_user_model().objects.create_user("editor", password="a long password")
    actions.share(study=taught, user=editor, role="editor", by=taught.owner)
    client = Client()
    client.force_login(editor)
    address = f"/taught/{lesson.public_id}/test/"
    assert client.post(address).status_code == 403
    assert not Study.objects.filter(owner=editor).exists()


def test_a_run_repeated_with_its_seed_makes_no_fresh_clips(taught, lesson):
    """Other rows, but the sounds whose answers taught."""
    again = make_versions(4)
    again[0].run.model_versions.set([lesson.base])
    assert {version.audio_sha256 for version in again} <= set(taught.stimuli.values_list("audio_sha256", flat=True))
    assert sides_of(lesson, [version.pk for version in again]) == {}
    make_versions(4, tones=800)[0].run.model_versions.set([lesson.targets])
    assert not {version.audio_sha256 for version in pick_wave(lesson).versions} & {
        version.audio_sha256 for version in again
    }


def test_the_notes_of_a_clip_that_taught_are_not_fresh_with_another_sound(taught, lesson):
    """A run repeated with its seed after the piano changed: other files, but the piece whose answers taught."""
    known = taught.stimuli.first().pair_version
    other, fresh = make_versions(2, first=400)
    found = {}
    for name, notes in (("known", known), ("fresh", fresh)):
        again = PairVersion.objects.get(pk=other.pk)
        again.pk, again.public_id, again.number = None, uuid.uuid4(), other.number + 1 + len(found)
        again.run = GenerationRun.objects.create(composer="muse", seed=2)
        again.midi, again.midi_sha256 = notes.midi, notes.midi_sha256
        again.save(force_insert=True)
        again.run.model_versions.set([lesson.base])
        found[name] = again
    assert sides_of(lesson, [one.pk for one in found.values()]) == {found["fresh"].pk: "old"}
    new = make_versions(2, first=400, tones=800)
    new[0].run.model_versions.set([lesson.targets])
    PairVersion.objects.filter(pk=found["fresh"].pk).delete()
    assert found["known"].pk not in {version.pk for version in pick_wave(lesson).versions}


def test_clips_changed_on_purpose_are_on_no_side(taught, lesson):
    variants = make_variants(2, first=200)
    variants[0].run.model_versions.set([lesson.base])
    assert sides_of(lesson, [version.pk for version in variants]) == {}


def test_it_waits_for_no_clips_of_pairs_that_have_none_for_its_new_targets(taught, lesson):
    run = GenerationRun.objects.create(composer="muse", seed=5)
    run.model_versions.set([lesson.base])
    pair = make_versions(1, first=300)[0].pair
    PairVersion.objects.create(pair=pair, run=run, number=90, composer="muse", seed=1, queued_at=timezone.now())
    assert clips_being_made(lesson) == 0


def test_a_control_is_compared_only_where_there_is_no_other_lesson(taught, lesson):
    targets = teaching.register_learned_targets(shifts={"awe": {"tempo": 3.0}}, provenance={}, by=None)
    told = {"seed": 1, "status": "ready", "finished_at": timezone.now()}
    control = Lesson.objects.create(control="shuffled", base=lesson.base, targets=targets, **told)
    make_versions(4, first=40, tones=600)[0].run.model_versions.set([targets])
    made = PairVersion.objects.filter(run__model_versions__in=[lesson.base, lesson.targets, targets])
    keys = list(made.values_list("pk", flat=True))
    assert sides_tested(keys) == sides_of(lesson, keys)
    made = made.exclude(run__model_versions=lesson.targets)
    keys = list(made.values_list("pk", flat=True))
    assert sides_tested(keys) == sides_of(control, keys) != {}
