"""Series of pairs: drawn, answered once, interrupted, stopped; and what all answers say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, connection, transaction
from django.db.models import Model, ProtectedError

from generation import actions, queries
from generation.actions import ListeningRefused
from generation.models import (
    ListeningAnswer,
    ListeningSeries,
    ListeningTrial,
    PairVersion,
)
from tests.generation.factories import make_researcher
from tests.generation.listening.clips import MUSE, STEADY, make_composed, make_played
from tests.racing import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]
MADE_BY = {"composer": "muse", "version": "muse 1.0", "system": "pianists"}
HEARD = [20.0, 21.5]


@pytest.fixture
def by() -> AbstractBaseUser:
    return make_researcher()


def make_clips(number: int = 3) -> None:
    for emotion in ("awe", "fear", "sadness")[:number]:
        make_played(emotion)
        make_composed(emotion)


def start(by: AbstractBaseUser, pairs: int = 3, **facts: str) -> ListeningSeries:
    return actions.start_listening(**{**MADE_BY, **facts}, pairs=pairs, by=by)


def answer(trial: ListeningTrial, by: AbstractBaseUser, *, right: bool = True, prefers: bool | None = None) -> Any:
    def place(played: bool) -> str:
        return "first" if trial.played_is_first == played else "second"

    return actions.answer_pair(
        token=trial.token,
        chosen=place(right),
        preferred="" if prefers is None else place(prefers),
        seconds=HEARD,
        by=by,
    )


def test_a_series_pairs_played_clips_with_those_of_one_composer_and_version(by: AbstractBaseUser) -> None:
    make_clips()
    make_composed("awe", models={"composer": {"name": "muse", "version": "2.0"}})
    make_composed("awe", composer="paper")
    make_played("awe", system="emelodygen")
    trials = list(start(by, pairs=60).trials.select_related("played__pair__emotion", "composed__pair__emotion"))
    assert [trial.position for trial in trials] == [1, 2, 3]
    assert {trial.played.composer for trial in trials} == {"pianists"}
    assert {queries.composer_version(trial.composed.provenance["models"]) for trial in trials} == {"muse 1.0"}
    assert all(trial.played.pair.emotion == trial.composed.pair.emotion for trial in trials)
    tokens = [token for one in trials for token in (one.token, one.first_token, one.second_token)]
    assert len({*tokens}) == 9
    assert all(len(token) == 32 for token in tokens)


def test_clips_of_another_length_and_those_outside_the_library_are_not_heard(by: AbstractBaseUser) -> None:
    make_played("awe")
    make_composed("awe", duration_seconds=27.5)
    sketch = make_composed("awe")
    type(sketch.run).objects.filter(pk=sketch.run_id).update(in_library=False)
    assert queries.composed_by() == {}
    with pytest.raises(ListeningRefused, match="no clips of both kinds"):
        start(by)


def test_imported_clips_that_are_silent_where_the_excerpt_ends_are_not_heard() -> None:
    make_played("awe", notes=STEADY[:40])
    make_played("awe", notes=[*STEADY[:39], [19.5, 10.5, 60, 64, "right"]])  # one stroke, held
    make_played("awe", notes=[*STEADY[:40], [20.0, 0.5, 60, 2, "right"]])
    make_played("awe", notes=[*STEADY[:20], *STEADY[24:]])  # silent from 10 to 12 s
    make_played("awe", midi=False, provenance={"length": {"faded": False}})
    make_played("awe", midi=False, provenance={})
    assert queries.played_systems() == {}
    make_played("awe", notes=[*STEADY[:40], [20.0, 0.5, 60, 3, "right"]])
    make_played("awe", midi=False)
    assert queries.played_systems() == {"pianists": (1, 1)}


def test_systems_say_how_many_clips_came_as_midi_and_how_many_as_sound() -> None:
    make_played("awe")
    make_played("fear", midi=False)
    make_played("fear", midi=False)
    make_played("awe", system="others", midi=False)
    make_composed("awe")
    assert queries.played_systems() == {"others": (0, 1), "pianists": (1, 2)}
    assert queries.composed_by() == {("muse", "muse 1.0"): 1}


def test_only_one_series_of_a_person_runs(by: AbstractBaseUser) -> None:
    make_clips()
    start(by)
    with pytest.raises(ListeningRefused, match="is running"):
        start(by)
    assert start(make_researcher("ben")).listener is not None


@pytest.mark.parametrize("pairs", [0, 61])
def test_a_series_has_one_to_sixty_pairs(by: AbstractBaseUser, pairs: int) -> None:
    make_clips()
    with pytest.raises(ListeningRefused, match="1 to 60 pairs"):
        start(by, pairs=pairs)


def test_the_next_series_begins_with_clips_not_heard_yet(by: AbstractBaseUser) -> None:
    first, other = make_played("awe"), make_played("awe")
    make_composed("awe")
    one = start(by, pairs=1).trials.get()
    answer(one, by)
    two = start(by, pairs=1).trials.get()
    assert {one.played, two.played} == {first, other}


def test_answers_lead_through_the_series_and_the_last_one_ends_it(by: AbstractBaseUser) -> None:
    make_clips()
    series = start(by)
    for position in (1, 2, 3):
        assert queries.running_series(by) == series
        trial = queries.next_pair(series)
        assert trial is not None
        assert trial.position == position
        answer(trial, by)
    assert queries.running_series(by) is None
    assert queries.last_series(by) == series
    assert queries.next_pair(series) is None


def test_an_answer_stays_as_it_was_given(by: AbstractBaseUser) -> None:
    make_clips()
    trial = start(by).trials.first()
    assert trial is not None
    stored = answer(trial, by, prefers=True)
    assert answer(trial, by, prefers=True) == stored
    with pytest.raises(ListeningRefused, match="the first answer stays"):
        answer(trial, by, right=False)
    with pytest.raises(ListeningRefused, match="the first answer stays"):
        answer(trial, by, prefers=None)
    assert ListeningAnswer.objects.get().found_played
    assert ListeningAnswer.objects.get().prefers_played


@pytest.mark.parametrize("model", [ListeningSeries, ListeningTrial, ListeningAnswer])
def test_the_database_refuses_to_change_what_was_heard_and_said(by: AbstractBaseUser, model: type[Model]) -> None:
    make_clips()
    trial = start(by).trials.first()
    assert trial is not None
    answer(trial, by)
    change = {
        ListeningSeries: {"composer": "paper"},
        ListeningTrial: {"played_is_first": not trial.played_is_first},
        ListeningAnswer: {"chosen": "second" if trial.played_is_first else "first"},
    }[model]
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        model._default_manager.update(**change)


def test_answers_stay_when_the_account_goes_and_are_still_of_one_listener(by: AbstractBaseUser) -> None:
    for _ in range(5):
        make_played("awe")
        make_composed("awe")
    ben = make_researcher("ben")
    for listener in [by] * 5 + [ben]:
        answer(start(listener, pairs=1).trials.get(), listener)
    (before,) = queries.what_was_heard()
    by.delete()
    (after,) = queries.what_was_heard()
    assert after == before
    assert (after.found.answers, after.found.listeners) == (6, 2)
    keys = ListeningSeries.objects.filter(listener=None).values_list("listener_key", flat=True)
    assert len(keys) == 5
    assert len({*keys}) == 1
    assert queries.listener_key(ben) not in {*keys, ""}
    assert queries.listener_key(make_researcher("cem")) == ""


def test_known_clips_are_stored_and_not_counted(by: AbstractBaseUser) -> None:
    make_played("awe")
    make_composed("awe")
    answer(start(by, pairs=1).trials.get(), by, prefers=True)
    answer(start(by, pairs=1).trials.get(), by, right=False, prefers=False)
    (heard,) = queries.what_was_heard()
    assert (heard.answers, heard.heard_before) == (2, 1)
    assert (heard.found.hits, heard.found.answers) == (1, 1)
    assert (heard.preferred.hits, heard.preferred.answers) == (1, 1)
    make_composed("awe")  # beside a played clip that is known
    answer(start(by, pairs=1).trials.get(), by)
    (heard,) = queries.what_was_heard()
    assert (heard.answers, heard.heard_before) == (3, 2)
    ben = make_researcher("ben")
    assert not start(ben, pairs=1).trials.get().heard_before


def test_a_pair_that_was_shown_and_not_answered_is_known_and_the_rest_of_a_stopped_series_is_not(
    by: AbstractBaseUser,
) -> None:
    make_clips()
    answered, shown, never = start(by).trials.all()
    answer(answered, by)
    actions.stop_listening(series=queries.running_series(by), by=by)
    fresh = {trial.played_id: not trial.heard_before for trial in start(by).trials.all()}
    assert fresh == {answered.played_id: False, shown.played_id: False, never.played_id: True}


def test_whoever_is_not_the_listener_cannot_answer_nor_hear(by: AbstractBaseUser) -> None:
    make_clips()
    trial = start(by).trials.first()
    assert trial is not None
    ben = make_researcher("ben")
    with pytest.raises(ListeningRefused, match="not one of yours"):
        answer(trial, ben)
    assert queries.clip_of_token(trial.first_token, ben) is None
    assert queries.clip_of_token(trial.first_token, by) == (trial.played if trial.played_is_first else trial.composed)
    assert queries.clip_of_token(trial.second_token, by) == (trial.composed if trial.played_is_first else trial.played)
    assert queries.clip_of_token(trial.token, by) is None


def test_clips_played_too_shortly_are_not_judged(by: AbstractBaseUser) -> None:
    make_clips()
    trial = start(by).trials.first()
    assert trial is not None
    sent = {"token": trial.token, "chosen": "first", "preferred": "", "by": by}
    with pytest.raises(ListeningRefused, match="at least 5 seconds of both"):
        actions.answer_pair(**sent, seconds=[20.0, 4.9])
    assert actions.answer_pair(**sent, seconds=[5.0, None]).second_seconds is None


def test_a_stopped_series_keeps_its_answers_and_takes_no_more(by: AbstractBaseUser) -> None:
    make_clips()
    first, second, _ = start(by).trials.all()
    answer(first, by)
    running = queries.running_series(by)
    actions.stop_listening(series=running, by=by)
    actions.stop_listening(series=running, by=by)
    assert queries.running_series(by) is None
    with pytest.raises(ListeningRefused, match="was stopped"):
        answer(second, by)
    assert ListeningAnswer.objects.count() == 1
    assert queries.clip_of_token(second.first_token, by) is None


def test_results_are_counted_by_composer_version_and_listener(by: AbstractBaseUser) -> None:
    make_clips()
    make_composed("awe", composer="paper", models={"rules": "3"})
    for listener, right in ((by, [True, True, False]), (make_researcher("ben"), [False, True, True])):
        for trial, is_right in zip(start(listener).trials.all(), right, strict=True):
            answer(trial, listener, right=is_right, prefers=True if is_right else None)
    cem = make_researcher("cem")
    answer(start(cem, pairs=1, composer="paper", version="rules 3").trials.get(), cem)
    muse, paper = queries.what_was_heard()
    assert (muse.composer, muse.version, muse.system, muse.other_sound) == ("muse", "muse 1.0", "pianists", 0)
    assert muse.first_named == ListeningAnswer.objects.filter(chosen="first", trial__series__composer="muse").count()
    assert (muse.found.hits, muse.found.answers, muse.found.listeners) == (4, 6, 2)
    assert muse.preferred is not None
    assert (muse.preferred.hits, muse.preferred.answers) == (4, 4)
    assert (paper.composer, paper.found.hits, paper.found.answers, paper.preferred) == ("paper", 1, 1, None)


@pytest.mark.parametrize(("sound", "other"), [("fluidsynth", 0), ("tinysoundfont", 1), (None, 1)])
def test_pairs_whose_sound_alone_may_tell_are_counted(by: AbstractBaseUser, sound: str | None, other: int) -> None:
    make_played("awe", midi=sound is not None, provenance={"sound": {"renderer": sound}, "length": {"faded": True}})
    make_composed("awe", provenance={"sound": {"renderer": "fluidsynth"}, "models": MUSE})
    answer(start(by, pairs=1).trials.get(), by)
    (heard,) = queries.what_was_heard()
    assert heard.other_sound == other


@pytest.mark.parametrize(("first", "second", "other"), [("2.3.1", "2.3.1", 0), ("2.3.1", "2.4.0", 1), ("", "2.4.0", 0)])
def test_two_versions_of_a_program_are_two_sounds(by: AbstractBaseUser, first: str, second: str, other: int) -> None:
    sounds = [{"renderer": "fluidsynth", "renderer_version": version} for version in (first, second)]
    make_played("awe", midi=True, provenance={"sound": sounds[0], "length": {"faded": True}})
    make_composed("awe", provenance={"sound": sounds[1], "models": MUSE})
    answer(start(by, pairs=1).trials.get(), by)
    (heard,) = queries.what_was_heard()
    assert heard.other_sound == other


def test_results_of_many_answers_take_one_query(by: AbstractBaseUser, django_assert_num_queries: Any) -> None:
    make_clips()
    for trial in start(by).trials.all():
        answer(trial, by)
    with django_assert_num_queries(1):
        queries.what_was_heard()


@pytest.mark.django_db(transaction=True)
def test_twenty_different_answers_at_once_leave_one(by: AbstractBaseUser) -> None:
    make_clips()
    trial = start(by, pairs=1).trials.get()

    def send(number: int) -> str:
        try:
            sent = answer(trial, by, right=number % 2 == 0)
        except ListeningRefused as refused:
            return str(refused)
        return str(sent.chosen)

    said = at_once(20, send)
    stored = ListeningAnswer.objects.get()
    assert {text for text in said if text in ("first", "second")} == {stored.chosen}
    assert sum(text == stored.chosen for text in said) == 10
    assert {text for text in said if text not in ("first", "second")} == {
        "This pair was answered before: the first answer stays."
    }
    assert ListeningSeries.objects.get().finished_at is not None


@pytest.mark.django_db(transaction=True)
def test_twenty_starts_at_once_leave_one_series(by: AbstractBaseUser) -> None:
    make_clips()

    def begin(_: int) -> str:
        try:
            start(by)
        except ListeningRefused:
            return "refused"
        return "begun"

    assert sorted(at_once(20, begin)) == ["begun", *["refused"] * 19]
    assert (ListeningSeries.objects.count(), ListeningTrial.objects.count()) == (1, 3)


KILLED = """
import os, signal, django
django.setup()
from django.contrib.auth import get_user_model
from generation import actions
from generation.models import ListeningTrial
trial = ListeningTrial.objects.get(position=1)
actions.answer_pair(
    token=trial.token, chosen="first", preferred="", seconds=[9.0, 9.0], by=get_user_model().objects.get()
)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_an_answer_survives_a_process_that_is_killed_at_once(by: AbstractBaseUser) -> None:
    make_clips()
    start(by)
    name = connection.settings_dict["NAME"]
    where = f"sqlite:///{name}" if connection.vendor == "sqlite" else _address_of(name)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
        "DATABASE_URL": where,
    }
    ended = subprocess.run([sys.executable, "-c", KILLED], env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert ListeningAnswer.objects.get().chosen == "first"
    second = queries.next_pair(ListeningSeries.objects.get())
    assert second is not None
    assert second.position == 2


def _address_of(name: str) -> str:
    facts = connection.settings_dict
    account = f"{facts['USER']}:{facts['PASSWORD']}@" if facts["USER"] else ""
    port = f":{facts['PORT']}" if facts["PORT"] else ""
    return f"postgresql://{account}{facts['HOST']}{port}/{name}"


def test_a_clip_that_was_heard_cannot_be_deleted(by: AbstractBaseUser) -> None:
    make_clips(1)
    start(by)
    with pytest.raises(ProtectedError):
        PairVersion.objects.all().delete()
