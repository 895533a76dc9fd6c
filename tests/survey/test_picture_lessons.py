"""What people's answers to pictures alone taught: from closed studies to a version of the network, and its tests."""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from contextlib import nullcontext
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from PIL import Image, ImageDraw

from generation import production
from generation.actions.networks import make_default
from generation.actions.pictures import UNLABELLED
from generation.emotions import SLUGS
from generation.models import ModelVersion, SourceImage
from generation.queries import default_model, recalibration_of
from generation.recalibrating import readings_of, register_recalibration
from melodymuse_site.jobs.leases import claim
from melodymuse_site.jobs.sweeping import sweep
from survey import actions
from survey.findings import picture_lessons
from survey.findings.learned import FEWEST_PEOPLE
from survey.findings.lessons import run_lesson
from survey.findings.picture_lessons import FEWEST_PICTURES, find_picture_tests, gather_pictures
from survey.findings.taught import LEAST_ODDS, MOST_WORDS, tell_pictures
from survey.models import AuditEntry, Lesson, LessonStudy, Study
from survey.teaching import Correction
from tests.racing import race
from tests.site.jobs.kinds import expire
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions, store

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Role = LessonStudy.Role
KIND = ModelVersion.Kind.IMAGE_EMOTION
TEMPERATURE = 2.0
BIAS = np.array([0.8, -0.5, 0.6, 0.0, -0.6, -0.3, 0.2, -0.2])
WORDS = ("dog", "volcano")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("register_models", verbosity=0)
    return tmp_path / "media"


@pytest.fixture
def network() -> ModelVersion:
    found = default_model(KIND)
    assert found is not None
    return found


def read(picture: SourceImage, network: ModelVersion, seed: int) -> None:
    """As if `network` had labelled a picture: with probabilities of any kind, and a thing in one picture of two."""
    dice = np.random.default_rng(seed)
    scores = np.exp(dice.normal(0.0, 1.5, 8))
    things = [{"name": WORDS[seed % 2], "probability": 0.9}] if seed % 4 < 2 else []
    picture.probabilities = dict(zip(SLUGS, (scores / scores.sum()).round(6).tolist(), strict=True))
    picture.labelled_by, picture.seen = network, {"things": things}
    picture.save()


def people_see(correction: Correction):
    """People who answer as the network would, corrected."""

    def choose(participant, stimulus, dice: random.Random) -> str | None:
        if stimulus.picture is None:
            return None
        said = np.log([[stimulus.picture.probabilities[slug] for slug in SLUGS]])
        seen = {thing["name"]: thing["probability"] for thing in stimulus.picture.seen.get("things", ())}
        shares = correction.apply(said, np.array([[seen.get(word, 0.0) for word in WORDS]]))[0]
        return dice.choices(SLUGS, shares.tolist())[0]

    return choose


TRUE = Correction(TEMPERATURE, BIAS - BIAS.mean(), np.zeros((2, 8)))


def shown(
    network: ModelVersion | None,
    *,
    pictures=40,
    people=20,
    each=16,
    correction=TRUE,
    first=0,
    seed=4,
    close=True,
    **fields,
) -> Study:
    """A study whose people saw pictures alone."""
    versions = make_versions(pictures, first=first)
    if network is not None:
        for number, version in enumerate(versions):
            read(version.pair.image, network, first + number)
    asked = {"cells": {"picture_only": 1.0}, "clips_per_participant": min(16, pictures), "ask_background": False}
    study = make_study(versions=versions, **(asked | fields))
    answer_study(study, people=people, each=each, seed=seed, choose=people_see(correction) if network else None)
    return actions.close(study=study, by=study.owner) if close else study


@pytest.fixture
def study(network) -> Study:
    return shown(network)


def learned(*studies: Study, **asked) -> Lesson:
    lesson = actions.request_lesson(studies=studies, by=studies[0].owner, subject="pictures", seed=1, **asked)
    run_lesson(lesson.pk)
    lesson.refresh_from_db()
    return lesson


def test_a_true_temperature_and_bias_are_found_and_kept_as_a_version_that_labels_nothing(study, network):
    lesson = learned(study)
    assert (lesson.status, lesson.error) == ("ready", "")
    assert (lesson.network, lesson.base, lesson.targets) == (network, None, None)
    assert lesson.recalibration is not None
    assert default_model(KIND) == network
    kept = recalibration_of(lesson.recalibration)
    assert 1.5 < kept.temperature < 2.7
    bias = np.array([kept.bias[slug] for slug in SLUGS])
    assert np.corrcoef(bias, TRUE.bias)[0, 1] > 0.85
    found = lesson.result
    assert (found["answers"], found["people"], found["pictures"]) == (320, 20, 40)
    assert found["answers"] == lesson.roles.get().answers
    assert found["gain"][1] > 0.05
    assert found["log_loss"][0] - found["log_loss"][1] == pytest.approx(found["gain"][0], abs=2e-4)
    assert found["temperature"] == pytest.approx(kept.temperature, abs=1e-9)
    assert [one["bias"] for one in found["emotions"]] == pytest.approx(bias.tolist(), abs=1e-3)
    for one in found["emotions"]:  # what people say and what the network says of the same pictures come together
        assert abs(one["after"] - one["answered"]) <= abs(one["before"] - one["answered"]) + 0.02
    told = lesson.recalibration.manifest["provenance"]
    assert (told["studies"], told["answers"], told["lesson"]) == ([study.slug], 320, str(lesson.public_id))
    assert told["gain"] == found["gain"]


def test_what_things_speak_for_is_learned_too(network):
    odds = np.zeros((2, 8))
    odds[0, SLUGS.index("disgust")] = odds[1, SLUGS.index("awe")] = 4.0
    lesson = learned(shown(network, pictures=60, people=40, correction=Correction(1.0, np.zeros(8), odds)))
    kept = recalibration_of(lesson.recalibration)
    assert kept.words.keys() == set(WORDS)
    assert max(kept.words["dog"], key=kept.words["dog"].get) == "disgust"
    assert max(kept.words["volcano"], key=kept.words["volcano"].get) == "awe"
    assert lesson.result["gain_of_words"][1] > 0
    first, second = tell_pictures(lesson).words
    assert {first[0], second[0]} == set(WORDS)
    assert dict([first, second])["dog"].startswith("Disgust +")


def test_shuffled_answers_and_a_network_that_is_right_correct_nothing(study, network):
    control = learned(study, control="shuffled")
    right = learned(shown(network, first=100, correction=Correction.identity(8, 2)))
    for lesson in (control, right):
        assert (lesson.status, lesson.recalibration) == ("ready", None)
        assert lesson.result["reason"]
        assert lesson.result["temperature"] == 1.0
        assert not any(one["bias"] for one in lesson.result["emotions"])
    assert not ModelVersion.objects.filter(version__contains="+").exists()


def test_the_control_deals_answers_of_one_study_among_its_pictures_alone(network):
    """In one study everybody sees awe, in the other fear: dealt among both, awe would be said of pictures of fear."""
    of_awe, of_fear = (
        shown(network, first=first, people=12, pictures=16, correction=Correction(1.0, bias, np.zeros((2, 8))))
        for first, bias in ((0, 50.0 * np.eye(8)[SLUGS.index("awe")]), (100, 50.0 * np.eye(8)[SLUGS.index("fear")]))
    )
    gathered = gather_pictures([of_awe, of_fear], network)
    dealt = picture_lessons.shuffle_pictures(gathered.answers, gathered.study, np.random.default_rng(0))
    assert set(dealt.choice[gathered.study == 0]) == {SLUGS.index("awe")}
    assert set(dealt.choice[gathered.study == 1]) == {SLUGS.index("fear")}


@pytest.mark.parametrize(("people", "pictures"), [(9, 16), (10, 15)])
def test_too_few_people_or_pictures_teach_nothing_and_say_so(network, people, pictures):
    lesson = learned(shown(network, people=people, pictures=pictures))
    assert lesson.status == "failed"
    assert f"{people} people to {pictures} pictures" in lesson.error
    assert "at least 10 people and 16 pictures" in lesson.error
    assert (FEWEST_PEOPLE, FEWEST_PICTURES) == (10, 16)


def test_one_who_answers_what_others_left_unanswered_is_not_taken_for_all(network):
    study = shown(network, people=9, pictures=48, clips_per_participant=48, each=3, close=False)
    answer_study(study, people=1, each=48, seed=5, choose=people_see(TRUE))
    lesson = learned(actions.close(study=study, by=study.owner))
    assert (lesson.status, lesson.recalibration) == ("failed", None)
    assert "10 people, but a few of them gave most: they tell as much as 2.4" in lesson.error


def test_people_who_never_name_an_emotion_make_no_lesson_of_few(network):
    """Twelve of sixteen say “none of these” to every picture: four people taught."""
    see, versions = people_see(TRUE), make_versions(24)
    for number, version in enumerate(versions):
        read(version.pair.image, network, number)
    study = make_study(versions=versions, cells={"picture_only": 1.0}, clips_per_participant=24, ask_background=False)

    def choose(participant, stimulus, dice):
        return see(participant, stimulus, dice) if participant.pk % 4 == 0 else "none"

    answer_study(study, people=16, each=24, seed=4, choose=choose)
    lesson = learned(actions.close(study=study, by=study.owner))
    assert (lesson.status, lesson.recalibration) == ("failed", None)
    assert f"There are answers of 4 people to 24 pictures that {network} labelled" in lesson.error
    assert "Not counted: 288 answers of “none of these”." in lesson.error


def test_ten_people_and_sixteen_pictures_are_enough_to_try(network):
    assert learned(shown(network, people=10, pictures=16)).status == "ready"


def test_pictures_that_another_network_labelled_teach_nothing_of_this_one(network):
    other = ModelVersion.objects.get(kind=KIND, name="paper")
    study = shown(other, first=100)
    lesson = learned(study)
    assert lesson.status == "failed"
    assert f"to 0 pictures that {network} labelled" in lesson.error
    assert "320 answers are to pictures that it did not label" in lesson.error


def test_answers_to_music_and_to_pictures_with_music_teach_nothing_of_pictures(network):
    cells = {"picture_only": 1.0, "matched": 1.0}
    study = shown(network, cells=cells)
    lesson = learned(study)
    alone = study.stimuli.filter(condition__presentation="picture_only")
    assert lesson.result["answers"] == sum(stimulus.trials.count() for stimulus in alone)
    assert 0 < lesson.result["answers"] < 320


def test_none_of_these_is_counted_and_says_nothing(network):
    see = people_see(TRUE)
    versions = make_versions(40)
    for number, version in enumerate(versions):
        read(version.pair.image, network, number)
    study = make_study(versions=versions, cells={"picture_only": 1.0}, clips_per_participant=16)

    def choose(participant, stimulus, dice):
        return "none" if dice.random() < 0.2 else see(participant, stimulus, dice)

    answer_study(study, people=20, each=16, seed=4, choose=choose)
    lesson = learned(actions.close(study=study, by=study.owner))
    assert lesson.result["answers"] + lesson.result["none_of_these"] == 320
    assert lesson.result["none_of_these"] > 30
    assert lesson.roles.get().answers == lesson.result["answers"]


def test_the_same_lesson_is_the_same_correction_and_starts_from_the_network_as_it_was_trained(study, network):
    first = learned(study)
    make_default(model=first.recalibration, by=None)
    again = learned(study)
    assert again.pk != first.pk
    assert again.network == network
    one, other = (recalibration_of(lesson.recalibration) for lesson in (first, again))
    assert (one.temperature, dict(one.bias)) == (other.temperature, dict(other.bias))
    assert {role.role for role in again.roles.all()} == {Role.TAUGHT}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "is not closed"),
        ({"mode": "yes_no"}, "does not let people choose among emotions"),
        ({"emotions": ("awe", "fear")}, "does not offer all eight emotions, which pictures are read as"),
        ({"cells": {"matched": 1.0}}, "shows no picture without music"),
    ],
)
def test_what_nothing_can_be_learned_from_is_refused(fields, said):
    emotions = fields.pop("emotions", None)
    versions = make_versions(4, emotions=emotions) if emotions else make_versions(8)
    study = make_study(versions=versions, publish=False, **({"cells": {"picture_only": 1.0}} | fields))
    if emotions:
        actions.edit_study(study=study, by=study.owner, emotions=emotions)
    actions.publish(study=study, by=study.owner)
    if fields or emotions:
        actions.close(study=study, by=study.owner)
    with pytest.raises(actions.LessonRefused, match=said):
        actions.request_lesson(studies=[study], by=study.owner, subject="pictures")
    assert not Lesson.objects.exists()


def test_a_lesson_about_anything_else_or_a_part_of_one_is_refused(study):
    with pytest.raises(actions.LessonRefused, match="about music or pictures, not 'words'"):
        actions.request_lesson(studies=[study], by=study.owner, subject="words")
    with pytest.raises(actions.LessonRefused, match="Strength is for targets of music"):
        actions.request_lesson(studies=[study], by=study.owner, subject="pictures", strength=0.5)


@pytest.mark.parametrize("lacking", ["network", "file", "base"])
def test_without_its_network_no_lesson_is_begun(study, network, media, lacking):
    model = register_recalibration(network=network, temperature=2.0, bias={}, words={}, provenance={}, by=None)
    make_default(model=model, by=None)
    if lacking == "network":
        ModelVersion.objects.filter(kind=KIND).update(is_default=False)
    elif lacking == "file":
        (media / model.artifact).unlink()
    else:
        ModelVersion.objects.filter(pk=network.pk).update(sha256="3" * 64)
    said = {"network": "No network", "file": "is gone", "base": "is not registered here"}[lacking]
    with pytest.raises(actions.LessonRefused, match=said):
        actions.request_lesson(studies=[study], by=study.owner, subject="pictures")


def test_an_open_lesson_is_not_doubled_and_one_about_music_is_another(network):
    study = shown(network, cells={"picture_only": 1.0, "music_only": 1.0})
    one, same, other = (
        actions.request_lesson(studies=[study], by=study.owner, subject=subject)
        for subject in ("pictures", "pictures", "music")
    )
    assert one == same != other
    assert set(AuditEntry.objects.filter(study=study).values_list("action", flat=True)) >= {"learn", "learn_pictures"}


@pytest.mark.django_db(transaction=True)
def test_ten_who_ask_at_once_while_another_network_is_chosen_have_one_lesson(study, network):
    other = ModelVersion.objects.get(kind=KIND, name="paper")

    def ask(world, number):
        actions.request_lesson(studies=[study], by=study.owner, subject="pictures")

    def choose(world, number):
        make_default(model=(network, other)[number % 4 // 2], by=None)

    assert race(ask, choose, SimpleNamespace()) == Counter({"done": 20})
    lesson = Lesson.objects.get()
    assert lesson.network in (network, other)
    assert [role.role for role in lesson.roles.all()] == [Role.TAUGHT]


def test_a_lesson_called_off_keeps_nothing(study):
    lesson = actions.request_lesson(studies=[study], by=study.owner, subject="pictures")
    lease = claim(Lesson, lesson.pk)
    assert actions.cancel_lesson(lesson=lesson, by=study.owner)
    made = []
    finished = {"result": {"answers": 1}, "answers": {}, "make_version": lambda: made.append(1)}
    assert not actions.finish_lesson(lesson=lesson, lease=lease, **finished)
    lesson.refresh_from_db()
    assert (lesson.status, lesson.result, made) == ("cancelled", {}, [])


def test_a_lesson_whose_worker_died_in_the_middle_is_had_once(study, monkeypatch):
    lesson = actions.request_lesson(studies=[study], by=study.owner, subject="pictures", seed=1)
    recalibrate = picture_lessons.recalibrate

    def die(answers):
        """The lease runs out meanwhile, and another worker has the lesson."""
        monkeypatch.setattr(picture_lessons, "recalibrate", recalibrate)
        expire(lesson)
        assert sweep(Lesson).to_send == (lesson.pk,)
        run_lesson(lesson.pk)
        return recalibrate(answers)

    monkeypatch.setattr(picture_lessons, "recalibrate", die)
    run_lesson(lesson.pk)
    lesson.refresh_from_db()
    assert (lesson.status, lesson.attempts) == ("ready", 2)
    assert list(ModelVersion.objects.filter(version__contains="+")) == [lesson.recalibration]


@pytest.mark.django_db(transaction=True)
def test_a_lesson_is_kept_though_whoever_asked_is_deleted_meanwhile(study, monkeypatch):
    asker, recalibrate = make_researcher("asker"), picture_lessons.recalibrate
    lesson = actions.request_lesson(studies=[study], by=asker, subject="pictures", seed=1)

    def leave(answers):
        asker.delete()
        return recalibrate(answers)

    monkeypatch.setattr(picture_lessons, "recalibrate", leave)
    run_lesson(lesson.pk)
    lesson.refresh_from_db()
    assert (lesson.status, lesson.error, lesson.requested_by) == ("ready", "", None)
    assert lesson.recalibration is not None


def test_the_database_keeps_lessons_about_music_and_pictures_apart(network):
    targets = default_model(ModelVersion.Kind.ATTRIBUTE_TARGETS)
    # Code of the version before, which writes lessons during an upgrade, leaves the column out.
    assert Lesson._meta.get_field("subject").db_default == "music"
    wrong = (
        {"subject": "pictures"},
        {"subject": "pictures", "network": network, "base": targets},
        {"subject": "music", "network": network},
        {"subject": "pictures", "network": network, "recalibration": network},  # it is not ready
        {"subject": "words"},
    )
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Lesson.objects.create(seed=1, **fields)


def test_a_study_of_other_pictures_tests_and_its_answers_never_taught(study, network):
    lesson = learned(study)
    test = shown(network, first=100, people=12, seed=7, by=study.owner, close=False)
    assert [role.role for role in lesson.roles.filter(study=test)] == [Role.TESTS]
    assert find_picture_tests(lesson, [test]) == []  # its results are not shown yet
    actions.close(study=test, by=test.owner)
    (found,) = find_picture_tests(lesson, Study.objects.all())
    assert (found.study, found.found.answers, found.found.pictures) == (test, 192, 40)
    assert found.found.gain.low > 0
    assert found.found.log_loss[1] < found.found.log_loss[0]
    assert found.found.calibration_error[1] < found.found.calibration_error[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        LessonStudy.objects.create(lesson=lesson, study=study, role=Role.TESTS)
    with pytest.raises(DatabaseError, match="can never test it"), transaction.atomic():
        LessonStudy.objects.filter(lesson=lesson, study=study).update(role=Role.TESTS)


def test_pictures_that_taught_are_not_fresh_in_another_study(study, network):
    lesson = learned(study)
    same = make_study(by=study.owner, versions=make_versions(40), cells={"picture_only": 1.0}, clips_per_participant=16)
    assert not lesson.roles.filter(study=same).exists()
    mixed = shown(network, first=30, people=12, by=study.owner)  # 10 pictures taught, 30 did not
    assert lesson.roles.filter(study=mixed, role=Role.TESTS).exists()
    (found,) = find_picture_tests(lesson, [mixed])
    assert found.found.pictures == 30


@pytest.mark.parametrize(
    "fields", [{"mode": "yes_no"}, {"cells": {"matched": 1.0}}, {"cells": {"music_only": 1.0}}, {"by": "other"}]
)
def test_only_a_study_of_who_knows_the_lesson_in_which_people_name_what_pictures_show_tests_it(study, fields):
    lesson = learned(study)
    asked = {"by": study.owner, "versions": make_versions(8, first=100), "cells": {"picture_only": 1.0}}
    if fields == {"by": "other"}:
        fields = {"by": make_researcher("other")}
    assert not lesson.roles.filter(study=make_study(**(asked | fields))).exists()
    assert lesson.roles.filter(study=make_study(**asked)).exists()


def test_the_command_says_what_came_of_it(study, capsys):
    call_command("learn", study.slug, "--pictures", "--seed", "1")
    told = capsys.readouterr()
    assert "Learned from 320 answers of 20 people to 40 pictures shown without music" in told.out
    assert "an expectation, no finding" in told.out
    assert "Kept as network muse 2.0+" in told.out
    assert "Fitting what people see in pictures" in told.err
    call_command("learn", study.slug, "--pictures", "--seed", "1", "--control", "shuffled", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["recalibration"], "targets" in found) == ("", False)
    with pytest.raises(CommandError, match="plays no music"):
        call_command("learn", study.slug)


def test_from_the_results_page_to_the_lesson(study, network):
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"/results/{study.slug}/").content.decode()
    assert "Let answers to pictures correct the network" in page
    assert "teach the composer" not in page
    sent = client.post("/taught/", {"study": study.slug, "subject": "pictures", "strength": "1"}, follow=True)
    lesson = Lesson.objects.get()
    assert lesson.subject == "pictures"
    assert sent.redirect_chain == [(lesson.get_absolute_url(), 302)]
    run_lesson(lesson.pk)
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert "it labels nothing until somebody chooses it" in page
    ModelVersion.objects.filter(kind=KIND, is_default=True).update(is_default=False)
    lesson.refresh_from_db()
    ModelVersion.objects.filter(pk=lesson.recalibration_id).update(is_default=True)
    assert "in force now" in client.get(lesson.get_absolute_url()).content.decode()
    for told in ("Learned from 320 answers", "No study has tested this lesson yet", "Temperature after", "Read"):
        assert told.lower() in page.lower(), told
    assert page.count('class="thumb-small"') == 8
    assert "muse 2.0+" in page
    listed = client.get(f"/taught/?study={study.slug}&subject=pictures").content.decode()
    assert '<input type="radio" name="subject" value="pictures"' in listed
    lesson.refresh_from_db()
    test = shown(network, first=100, people=12, by=study.owner, title="Other pictures")
    for address in (lesson.get_absolute_url(), f"/results/{test.slug}/sections/taught/"):
        page = client.get(address).content.decode()
        assert "nats an answer" in page, address
        assert "192 answers of 12 people to 40 pictures" in page, address
    taught = client.get(f"/results/{study.slug}/sections/taught/").content.decode()
    assert "Lessons from this study" in taught


def test_pages_say_it_where_the_file_of_what_was_learned_is_gone(study, network, media):
    lesson = learned(study)
    test = shown(network, first=100, people=12, by=study.owner)
    (media / lesson.recalibration.artifact).unlink()
    client = Client()
    client.force_login(study.owner)
    for address in (lesson.get_absolute_url(), f"/results/{test.slug}/sections/taught/"):
        assert "is gone" in client.get(address).content.decode()


def relabel(pictures, network: ModelVersion | None) -> None:
    """As if another network had labelled the pictures anew, or as if they waited for it."""
    for picture in pictures:
        if network:
            read(picture, network, picture.pk + 1000)
        else:
            SourceImage.objects.filter(pk=picture.pk).update(**UNLABELLED)


@pytest.mark.parametrize("anew", ["another network", "nobody yet"])
def test_pictures_labelled_anew_change_neither_what_is_learned_of_answers_nor_what_they_test(study, network, anew):
    lesson = learned(study)
    test = shown(network, first=100, people=12, by=study.owner)
    (before,) = find_picture_tests(lesson, [test])
    assert (before.found.answers, before.left_out) == (192, 0)
    other = ModelVersion.objects.get(kind=KIND, name="paper") if anew == "another network" else None
    relabel(SourceImage.objects.filter(stimuli__study__in=[study, test]).distinct(), other)
    assert find_picture_tests(lesson, [test]) == [before]
    again = learned(study)
    assert again.result == lesson.result
    assert recalibration_of(again.recalibration).bias == recalibration_of(lesson.recalibration).bias


def test_answers_teach_the_network_that_labels_their_pictures_now_and_test_what_labelled_them_then(study, network):
    """A new network may have labelled all pictures since: earlier answers are to the same pictures."""
    other = ModelVersion.objects.get(kind=KIND, name="paper")
    test = shown(other, first=100, by=study.owner)
    relabel(SourceImage.objects.filter(stimuli__study=test).distinct(), network)
    lesson = learned(test)
    assert (lesson.network, lesson.result["answers"], lesson.result["left_out"]) == (network, 320, 0)
    assert not find_picture_tests(learned(study), [test])  # it was published before
    LessonStudy.objects.create(lesson=learned(study), study=test, role=Role.TESTS)
    (found,) = find_picture_tests(Lesson.objects.first(), [test])
    assert found.found is None
    assert found.reason == f"its 320 answers are to pictures whose label was not by {network}."


def test_a_picture_that_waited_for_its_label_at_publication_is_read_as_it_is_labelled_since(study, network):
    lesson = learned(study)
    test = shown(None, first=100, people=12, by=study.owner)
    relabel(SourceImage.objects.filter(stimuli__study=test).distinct(), network)
    assert not test.stimuli.filter(picture_reading__isnull=False).exists()
    (found,) = find_picture_tests(lesson, [test])
    assert found.found.answers > 150  # the others are "none of these"
    assert (found.found.pictures, found.left_out) == (40, 0)


def test_a_reading_is_the_networks_own_frozen_and_not_copied_to_a_new_version(study, network):
    model = register_recalibration(
        network=network, temperature=2.0, bias={}, words={}, provenance={"note": "other"}, by=None
    )
    versions = make_versions(8, first=100)
    for number, version in enumerate(versions):
        picture = version.pair.image
        read(picture, model, number)
        picture.seen |= {"before": dict.fromkeys(SLUGS, 0.125)}
        picture.save()
    test = make_study(versions=versions, cells={"picture_only": 1.0, "matched": 1.0}, by=study.owner)
    alone, paired = (test.stimuli.filter(condition__presentation=one) for one in ("picture_only", "picture_and_music"))
    assert {one.picture_reading["network"] for one in alone} == {network.sha256}
    assert {tuple(one.picture_reading["probabilities"].values()) for one in alone} == {(0.125,) * 8}
    assert [one.picture_reading["things"] for one in alone][:3] == [{"dog": 0.9}, {"volcano": 0.9}, {}]
    assert not paired.filter(picture_reading__isnull=False).exists()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        alone.update(picture_reading=None)
    copy = actions.make_new_version(study=test, by=test.owner)
    assert not copy.stimuli.filter(picture_reading__isnull=False).exists()


def test_a_test_whose_pictures_another_network_had_labelled_says_so_and_not_that_nobody_answered(study, network):
    lesson = learned(study)
    other = ModelVersion.objects.get(kind=KIND, name="paper")
    client = Client()
    client.force_login(study.owner)
    versions = make_versions(40, first=100)
    for number, version in enumerate(versions):
        read(version.pair.image, network if number >= 4 else other, number)
    asked = {"cells": {"picture_only": 1.0}, "clips_per_participant": 16, "by": study.owner}
    test = make_study(versions=versions, **asked)
    answer_study(test, people=12, each=16, seed=4, choose=people_see(TRUE))
    actions.close(study=test, by=test.owner)
    (found,) = find_picture_tests(lesson, [test])
    assert found.left_out > 0
    assert found.found.answers + found.left_out == 192
    assert f"; {found.left_out} to pictures that the network did not label left out)" in client.get(
        lesson.get_absolute_url()
    ).content.decode().replace("\xa0", " ")
    others = shown(other, first=200, people=12, by=study.owner)
    LessonStudy.objects.filter(lesson=lesson).exclude(study=others).filter(role=Role.TESTS).delete()
    for address in (lesson.get_absolute_url(), f"/results/{others.slug}/sections/taught/"):
        page = client.get(address).content.decode()
        assert f"its 192 answers are to pictures whose label was not by {network}." in page, address
        assert "No study has tested" not in page
        assert "Nobody has answered" not in page


def test_two_classes_of_one_name_are_one_thing_as_where_the_correction_is_applied(network):
    picture = make_versions(1)[0].pair.image
    read(picture, network, 0)
    picture.seen = {"things": [{"name": "crane", "probability": 0.5}, {"name": "crane", "probability": 0.2}]}
    picture.save()
    found = readings_of(network, [picture])
    assert (found.words, found.shares.tolist()) == (("crane",), [[0.7]])


def test_who_cannot_open_or_change_a_lesson_is_shown_no_way_to(study, network):
    lesson = learned(study)
    test = shown(network, first=100, people=12, by=study.owner)
    viewer, client = make_researcher("viewer"), Client()
    client.force_login(viewer)
    actions.share(study=test, user=viewer, role="viewer", by=test.owner)
    address = f"/results/{test.slug}/sections/taught/"
    page = client.get(address).content.decode()
    assert "nats an answer" in page
    assert lesson.get_absolute_url() not in page
    actions.share(study=study, user=viewer, role="viewer", by=test.owner)
    assert lesson.get_absolute_url() in client.get(address).content.decode()
    waiting = actions.request_lesson(studies=[study], by=study.owner, subject="pictures")
    assert "Call it off" not in client.get(waiting.get_absolute_url()).content.decode()
    client.force_login(study.owner)
    assert "Call it off" in client.get(waiting.get_absolute_url()).content.decode()
    actions.cancel_lesson(lesson=waiting, by=study.owner)
    assert "(cancelled)" in client.get(f"/results/{study.slug}/sections/taught/").content.decode()


def test_the_command_holds_its_lesson_through_a_fit_that_takes_longer_than_a_lease(study, monkeypatch):
    holding = []
    monkeypatch.setattr("survey.management.commands.learn.beating", lambda lease: nullcontext(holding.append(lease)))
    call_command("learn", study.slug, "--pictures", "--seed", "1", stdout=io.StringIO(), stderr=io.StringIO())
    assert [lease.job_id for lease in holding] == [Lesson.objects.get().pk]


def test_a_lesson_that_corrects_nothing_says_why_on_its_page(study):
    lesson = learned(study, control="shuffled")
    client = Client()
    client.force_login(study.owner)
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert "Nothing is corrected." in page
    assert "A control: the answers were shuffled among pictures first." in page
    assert "What changed" not in page


def test_a_study_of_both_teaches_both(network):
    study = shown(network, cells={"picture_only": 1.0, "music_only": 1.0})
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"/results/{study.slug}/").content.decode()
    assert "Let these answers teach the composer" in page
    assert "Let answers to pictures correct the network" in page


def draw(number: int) -> bytes:
    """A picture with something on it, another for every number."""
    dice = random.Random(number)
    image = Image.new("RGB", (160, 120), tuple(dice.randrange(256) for _ in range(3)))
    pen = ImageDraw.Draw(image)
    for _ in range(6):
        corner = dice.randrange(120), dice.randrange(90)
        box = (*corner, corner[0] + dice.randrange(10, 60), corner[1] + dice.randrange(10, 60))
        shape = pen.ellipse if dice.random() < 0.5 else pen.rectangle
        shape(box, fill=tuple(dice.randrange(256) for _ in range(3)))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def test_from_pictures_that_the_network_looks_at_to_labels_as_people_taught_it(network):
    """The whole way with the real network: labelled, shown, answered, learned, chosen, labelled anew, taken back."""
    versions = make_versions(24)
    for number, version in enumerate(versions):
        picture = version.pair.image
        picture.file, picture.sha256 = store("pictures", draw(number), ".png")
        picture.save()
        production.label_picture(picture.pk)
    study = make_study(versions=versions, cells={"picture_only": 1.0}, clips_per_participant=16, ask_background=False)
    first = SourceImage.objects.get(pk=versions[0].pair.image_id)
    assert first.labelled_by == network
    see = people_see(Correction(1.0, 1.5 * (np.arange(8) == SLUGS.index("sadness")) - 0.1875, np.zeros((2, 8))))
    answer_study(study, people=20, each=16, seed=4, choose=see)
    lesson = learned(actions.close(study=study, by=study.owner))
    assert lesson.recalibration is not None, lesson.result["reason"]
    kept = recalibration_of(lesson.recalibration)
    assert max(kept.bias, key=kept.bias.get) == "sadness"
    make_default(model=lesson.recalibration, by=None)
    again = make_versions(1, first=100)[0].pair.image
    production.label_picture(again.pk)
    again.refresh_from_db()
    assert again.labelled_by == lesson.recalibration
    assert again.probabilities["sadness"] > again.seen["before"]["sadness"]
    first.refresh_from_db()
    assert first.labelled_by == network  # what was labelled stays
    client = Client()
    client.force_login(study.owner)
    study.owner.user_permissions.add(*Permission.objects.filter(content_type__app_label="generation"))
    by_itself = "What the network says by itself"
    assert by_itself in client.get(again.get_absolute_url()).content.decode()
    assert by_itself not in client.get(first.get_absolute_url()).content.decode()
    make_default(model=network, by=None)
    back = make_versions(1, first=101)[0].pair.image
    production.label_picture(back.pk)
    back.refresh_from_db()
    assert (back.labelled_by, "before" in back.seen) == (network, False)


def test_twelve_things_are_told_and_odds_of_a_twentieth(network):
    odds = {f"thing {number:02}": {"awe": 0.5 + number / 100, "fear": 0.049} for number in range(13)}
    told = {
        "reason": None,
        "temperature": 1.5,
        "emotions": [],
        "words": odds | {"nothing": {"awe": LEAST_ODDS - 0.001}},
        "pictures_read": [],
    }
    found = tell_pictures(Lesson(subject="pictures", network=network, result=told))
    assert (LEAST_ODDS, MOST_WORDS) == (0.05, 12)
    assert (len(found.words), found.more_words) == (12, 1)
    assert found.words[0] == ("thing 12", "Awe +0.62")


def test_the_pictures_whose_reading_changes_most_are_told_first(study):
    lesson = learned(study)
    told = lesson.result["pictures_read"]
    assert len(told) == picture_lessons.MOST_SHOWN == 8
    assert all(one["answers"] > 0 for one in told)
    kept = recalibration_of(lesson.recalibration)
    pictures = SourceImage.objects.in_bulk([one["picture"] for one in told], field_name="public_id")
    changes = []
    for one in told:
        (picture,) = (found for found in pictures.values() if str(found.public_id) == one["picture"])
        before = np.array([picture.probabilities[slug] for slug in SLUGS])
        after = kept.revise(before, picture.seen["things"])
        assert one["after"]["share"] == pytest.approx(after.max(), abs=1e-3)
        changes.append(np.abs(after - before).sum())
    assert all(larger >= smaller - 1e-3 for larger, smaller in pairwise(changes))


def test_a_test_answered_by_one_person_says_that_it_has_no_interval(study, network):
    lesson = learned(study)
    shown(network, first=100, people=1, by=study.owner)
    client = Client()
    client.force_login(study.owner)
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert "16 answers of 1 person to 16 pictures" in page
    assert "gain without interval (one picture, or one person, tells nothing of others)" in page
