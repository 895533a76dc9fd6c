"""Cells, gold, repeat and practice trials, verdicts, quota and recruiting, as participants meet them."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client

from survey import actions
from survey.actions import giving
from survey.actions.joining import is_full
from survey.models import Fill, Participant, Response, Stimulus, Trial
from survey.models.participation import make_token
from survey.queries import ratings
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db
FOUR = dict.fromkeys(("matched", "mismatched", "music_only", "picture_only"), 1.0)


def test_with_four_cells_nobody_meets_a_clip_twice_and_pictures_alone_are_new():
    study = make_study(cells=FOUR, versions=make_versions(16), clips_per_participant=12)
    Listener(study.slug).take_part()
    trials = list(Trial.objects.select_related("stimulus").order_by("position"))
    heard = [trial.stimulus.audio_sha256 for trial in trials if trial.stimulus.audio_sha256]
    assert len(heard) == len(set(heard))
    seen = set()
    for trial in trials:
        if not trial.stimulus.audio_sha256:
            assert trial.stimulus.picture_sha256 not in seen
        seen.add(trial.stimulus.picture_sha256)


def test_a_page_shows_and_plays_what_its_cell_says():
    study = make_study(cells=FOUR)
    listener = Listener(study.slug).begin()
    while listener.address.endswith("/clip/"):
        trial = Trial.objects.select_related("stimulus__condition").get(answered_at=None)
        condition = trial.stimulus.condition
        assert ("<img" in listener.page) is condition.shows_picture
        assert ("<audio" in listener.page) is condition.plays_music
        listener.send()


def test_between_participants_everyone_stays_in_one_cell_and_the_cells_are_even():
    study = make_study(cells={"matched": 1.0, "music_only": 1.0}, spread="between", clips_per_participant=4)
    for _ in range(4):
        Listener(study.slug).take_part()
    cells = Trial.objects.order_by().values_list("participant", "stimulus__condition__name").distinct()
    assert len(cells) == 4
    assert Counter(cell for _, cell in cells) == {"Matching pair": 2, "Music only": 2}


def test_a_cell_of_weight_three_gets_three_times_the_answers():
    study = make_study(cells={"matched": 3.0, "music_only": 1.0}, versions=make_versions(16), clips_per_participant=8)
    for _ in range(8):
        Listener(study.slug).take_part()
    cells = Counter(Response.objects.values_list("trial__stimulus__condition__name", flat=True))
    assert cells == {"Matching pair": 48, "Music only": 16}


def special_study(**fields):
    versions = make_versions(12)
    return make_study(
        versions=versions[:8],
        practice=versions[8:10],
        gold=versions[10:],
        clips_per_participant=6,
        practice_trials=2,
        gold_trials=2,
        repeat_trials=2,
        **fields,
    )


def test_practice_gold_and_repeat_trials_come_as_planned_and_only_main_ones_are_ratings():
    study = special_study()
    Listener(study.slug).take_part()
    kinds = list(Trial.objects.order_by("position").values_list("kind", flat=True))
    assert kinds[:2] == ["practice", "practice"]
    assert Counter(kinds) == {"practice": 2, "main": 6, "gold": 2, "repeat": 2}
    repeated = set(Trial.objects.filter(kind="repeat").values_list("stimulus", flat=True))
    assert repeated <= set(Trial.objects.filter(kind="main").values_list("stimulus", flat=True))
    assert len(list(ratings(study))) == 6
    assert len(list(ratings(study, trial_kinds=("main", "gold", "repeat", "practice")))) == 12
    assert sum(Fill.objects.values_list("answers", flat=True)) == 10


def test_at_least_three_clips_lie_between_a_clip_and_its_repeat(monkeypatch):
    monkeypatch.setattr(giving, "_random", random.Random(1))
    study = make_study(versions=make_versions(6), clips_per_participant=5, require_listening=False)
    between = set()
    for _ in range(12):
        person = actions.join(study=study, token=make_token(), language="en")
        person.plan = ["main"] * 5 + ["repeat"]
        person.save(update_fields=["plan"])
        clips = []
        while trial := actions.give_trial(participant=person):
            clips.append(trial.stimulus_id)
            actions.record_answer(study=study, token=trial.token, answer=actions.Answer(chosen="awe", confidence=3))
        between.add(4 - clips.index(clips.pop()))
    assert between == {3, 4}


def test_practice_says_that_it_does_not_count_and_what_was_played():
    listener = Listener(special_study().slug).begin()
    assert "This is for practice" in listener.page
    listener.send(played_seconds="1.0", plays="1")
    assert "You heard 1 second of it" in listener.page


def test_the_verdict_follows_the_rules_and_nothing_is_deleted():
    study = special_study(exclusion_rules={"gold_needed": 2, "longest_run": 3})
    right = {str(s.pk): s.emotion for s in Stimulus.objects.all()}

    def know(_listener):
        return right[str(Trial.objects.get(answered_at=None).stimulus_id)]

    Listener(study.slug).take_part(answer=know)
    Listener(study.slug).take_part(answer=lambda _: "none")
    included, excluded = Participant.objects.order_by("pk")
    assert (included.included, included.verdict) == (True, [])
    assert excluded.verdict == [
        "gold trials: 0 of 2 as expected",
        'straight-lining: 10 times "none" in a row',
    ]
    assert len(list(ratings(study))) == 12
    assert {row["participant"] for row in ratings(study, included_only=True)} == {included.public_id}


def test_when_the_study_is_full_the_next_person_gets_the_code_for_it():
    study = make_study(quota=1, clips_per_participant=1)
    Listener(study.slug).take_part()
    late = Listener(study.slug)
    late.get()
    late.send()
    assert study.code_quota_full in late.page
    assert "The study is full" in late.page


def test_a_place_is_held_for_two_hours_and_free_from_then_on():
    study = make_study(quota=1)
    Listener(study.slug).begin()
    end = Participant.objects.get().last_seen_at + timedelta(hours=2)
    assert [is_full(study, now) for now in (end - timedelta(microseconds=1), end)] == [True, False]


def test_previews_and_bots_never_move_the_balance_of_people():
    study = make_study()
    before = dict(Fill.objects.filter(kind="person").values_list("stimulus", "answers"))
    preview = actions.open_preview(study=study, by=study.owner)
    listener = Listener(study.slug, entry=f"/study/{study.slug}/resume/{preview.token}/")
    listener.client.force_login(study.owner)  # a preview is nobody else's
    listener.take_part()
    assert dict(Fill.objects.filter(kind="person").values_list("stimulus", "answers")) == before


@pytest.mark.parametrize(
    "query", ["", "?PROLIFIC_PID=", "?PROLIFIC_PID={{%25PROLIFIC_PID%25}}", "?PROLIFIC_PID=" + "x" * 500]
)
def test_a_missing_or_forged_parameter_gets_a_polite_page(query):
    study = make_study(recruiter="prolific")
    response = Client().get(f"/study/{study.slug}/{query}")
    assert response.status_code == 400
    assert "Something is missing in the link" in response.content.decode()
    assert Participant.objects.count() == 0


def test_the_last_page_leads_back_to_prolific_with_the_code():
    study = make_study(recruiter="prolific", clips_per_participant=1)
    listener = Listener(study.slug, entry=f"/study/{study.slug}/?PROLIFIC_PID=abc").take_part()
    assert f"https://app.prolific.com/submissions/complete?cc={study.code_complete}" in listener.page
