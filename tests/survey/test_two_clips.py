"""Two clips are compared: what is played, taken and counted."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from django.utils import timezone

from generation.emotions import SLUGS
from survey import actions
from survey.actions import Answer, AnswerRefused
from survey.models import Fill, Response, Trial, TrialEvent
from survey.models.participation import make_token
from survey.queries.monitor import monitor_of
from survey.queries.pairs import pair_rows
from survey.queries.participants import describe_people
from tests.racing import at_once
from tests.survey.comparing import FITTING, answer_all, begin, comparing, two_composers
from tests.survey.factories import make_study
from tests.survey.participating import Listener
from tests.survey.test_counters import counted, loads_by_counter, loads_recounted, recounted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mode", ["fits", "more"])
def test_a_whole_participation_without_a_script(mode):
    study = comparing(mode)
    listener = Listener(study.slug).take_part(lambda at: at.form()[2]["chosen"][1])
    assert listener.address.endswith("/end/")
    answers = Response.objects.filter(trial__participant__study=study)
    assert answers.count() == 4
    assert {answer.choice.slug for answer in answers} == {"second"}
    assert all(answer.trial.second_id for answer in answers)


def test_the_page_plays_two_clips_and_asks_which_one():
    study = comparing()
    page = Listener(study.slug).begin().page
    assert page.count("<audio") == 2
    assert page.index("The first clip") < page.index("The second clip")
    assert "Which of the two clips fits the picture better?" in page
    assert 'name="second_played_seconds"' in page
    assert page.count("<img") == 1


def test_the_question_names_the_emotion_that_both_clips_are_meant_to_express():
    study = comparing("more")
    trials = answer_all(study, begin(study))
    assert all(trial.asked_emotion == trial.stimulus.emotion == trial.second.emotion for trial in trials)
    page = Listener(study.slug).begin().page
    assert "Which of the two clips expresses this emotion more: " in page
    assert "<img" not in page.split("<main")[1]


@pytest.mark.parametrize("language", ["de", "es", "fr", "tr"])
def test_the_page_is_of_one_language(language):
    study = comparing(language=language)
    page = Listener(study.slug).begin().page
    assert f'<html lang="{language}"' in page
    for english in ("The first clip", "Which of the two", "both clips"):
        assert english not in page


def test_pairs_are_of_two_cells_beside_one_picture_and_nobody_meets_one_twice():
    study = comparing()
    trials = answer_all(study, begin(study))
    assert len({trial.clip_key for trial in trials}) == len(trials) == 4
    for trial in trials:
        assert trial.stimulus.condition_id != trial.second.condition_id
        assert trial.stimulus.picture_sha256 == trial.second.picture_sha256


def test_pairs_are_judged_equally_often_and_either_side_comes_first_equally_often():
    study = comparing(count=6, clips_per_participant=3)
    for _ in range(8):
        answer_all(study, begin(study))
    trials = Trial.objects.filter(participant__study=study)
    judged = Counter(trials.values_list("clip_key", flat=True))
    assert set(judged.values()) == {4}
    sides = Counter(trials.values_list("stimulus", "second"))
    assert set(sides.values()) == {2}


def test_the_answers_stand_in_one_order_for_everybody():
    study = comparing()
    assert {tuple(begin(study).option_order) for _ in range(8)} == {("first", "second")}


def test_both_clips_have_to_be_heard():
    study = comparing()
    person = begin(study)
    trial = actions.give_trial(participant=person)
    for heard in ((1.0, 0.0), (0.0, 1.0), (0.3, 1.0), (1.0, 0.3)):
        answer = Answer("first", confidence=3, played_seconds=heard[0], second_played_seconds=heard[1])
        with pytest.raises(AnswerRefused, match="both clips"):
            actions.record_answer(study=study, token=trial.token, answer=answer)
    assert not Response.objects.filter(trial=trial).exists()


def test_without_a_script_the_clock_of_the_server_counts_both_clips():
    study = comparing(unheard="refuse")
    person = begin(study)
    trial = actions.give_trial(participant=person)
    answer = Answer("first", confidence=3)
    for seconds, taken in ((0.9, False), (1.1, True)):
        now = trial.playable_since + timezone.timedelta(seconds=seconds)
        if taken:
            actions.record_answer(study=study, token=trial.token, answer=answer, now=now)
        else:
            with pytest.raises(AnswerRefused, match="both clips"):
                actions.record_answer(study=study, token=trial.token, answer=answer, now=now)
    stored = Response.objects.get(trial=trial)
    assert (stored.played_seconds, stored.second_played_seconds, stored.listening_measured) == (None, None, False)


def test_more_seconds_of_both_clips_than_passed_are_doubted():
    study = comparing()
    trial = actions.give_trial(participant=begin(study))
    answer = Answer("first", confidence=3, played_seconds=1.0, second_played_seconds=1.0)
    now = trial.playable_since + timezone.timedelta(seconds=1.2)
    actions.record_answer(study=study, token=trial.token, answer=answer, now=now)
    assert Response.objects.get(trial=trial).listening_doubtful


def test_events_say_which_clip_they_are_of():
    study = comparing()
    listener = Listener(study.slug).begin()
    _, values, _ = listener.form()
    told = [
        {"sequence": 0, "kind": "play", "milliseconds": 5, "seconds": 0.0},
        {"sequence": 1, "kind": "play", "milliseconds": 9, "seconds": 0.5, "clip": 2},
        {"sequence": 2, "kind": "play", "milliseconds": 9, "clip": 3},
    ]
    data = {
        "trial": values["trial"],
        "events": json.dumps(told),
        "csrfmiddlewaretoken": values["csrfmiddlewaretoken"],
    }
    reply = listener.client.post(f"/study/{study.slug}/events/", data).json()
    assert reply["kept"] == 2
    assert [event.detail for event in TrialEvent.objects.order_by("sequence")] == [
        {"seconds": 0.0},
        {"seconds": 0.5, "clip": 2},
    ]


def test_practice_compares_practice_clips_among_themselves():
    versions = two_composers(3)
    extra = two_composers(1, first=20)
    study = make_study(
        versions=versions, mode="fits", cells=FITTING, practice=extra, practice_trials=1, clips_per_participant=2
    )
    first, *_ = answer_all(study, begin(study))
    assert first.kind == "practice"
    assert {first.stimulus.role, first.second.role} == {"practice"}


def test_counters_equal_a_recount_and_a_withdrawal_takes_all_of_it():
    study = comparing()
    people = [begin(study) for _ in range(3)]
    for person in people:
        answer_all(study, person)
    firsts = Counter(Trial.objects.filter(participant__study=study).values_list("stimulus", flat=True))
    fills = Fill.objects.filter(stimulus__study=study, kind="person")
    assert {fill.stimulus_id: fill.answers for fill in fills if fill.answers} == dict(firsts)
    for person in people:
        person.refresh_from_db()
        actions.withdraw(participant=person, by=None)
    assert sum(fills.values_list("answers", flat=True)) == 0


def test_nothing_on_the_page_tells_which_clip_is_whose():
    study = comparing()
    page = Listener(study.slug).begin().page
    for word in (*SLUGS, "muse", "paper", "matched"):
        assert word not in page.split("<main")[1].split("</main")[0].lower().replace("paper-", "")


def test_pages_before_and_after_publication_tell_of_pairs(client):
    study = comparing(count=4, quota=6)
    copy = actions.make_new_version(study=study, by=study.owner)
    for _ in range(3):
        answer_all(study, begin(study))
    client.force_login(study.owner)
    page = client.get(f"/studies/{copy.slug}/publish/").content.decode()
    assert "every pair is judged about 6 times" in page
    (row,) = pair_rows(study)
    assert (row.pairs, row.judged, row.fewest, row.most) == (4, 12, 3, 3)
    assert row.first == 6
    monitor = monitor_of(study)
    assert monitor.answers == 12
    assert {fill.answers for fill in monitor.fills} == {3}
    assert (
        "Matching pair · muse and Matching pair · paper"
        in client.get(f"/studies/{study.slug}/monitor/").content.decode()
    )
    assert "Bradley and Terry" in client.get(f"/studies/{study.slug}/preregistration.md").content.decode()


def test_the_rule_about_listening_goes_by_the_clip_that_was_heard_less():
    study = comparing(count=2, require_listening=False, exclusion_rules={"listening_share": 0.9})
    person = begin(study)
    while (trial := actions.give_trial(participant=person)) is not None:
        answer = Answer("first", confidence=3, played_seconds=1.0, second_played_seconds=0.4)
        later = trial.playable_since + timezone.timedelta(seconds=60)
        actions.record_answer(study=study, token=trial.token, answer=answer, now=later)
    actions.finish(participant=person)
    person.refresh_from_db()
    assert person.included is False
    (shown,) = describe_people([person])
    assert (shown.answers, shown.heard, shown.unmeasured) == (2, 0.4, 0)
    assert monitor_of(study).listening.heard == 0.4


def test_of_clips_that_were_told_longer_than_possible_no_more_is_believed_than_the_time_that_passed():
    study = comparing(count=2, require_listening=False)
    person = begin(study)
    trial = actions.give_trial(participant=person)
    answer = Answer("first", confidence=3, played_seconds=1.0, second_played_seconds=900.0)
    actions.record_answer(study=study, token=trial.token, answer=answer, now=trial.playable_since)
    Response.objects.update(seconds=0.25)
    assert Response.objects.get().listening_doubtful
    (shown,) = describe_people([person])
    assert (shown.heard, shown.doubtful) == (0.25, 1)
    assert monitor_of(study).listening.heard == 0.25


def test_listening_to_both_was_measured_or_to_neither():
    study = comparing(count=2, require_listening=False)
    person = begin(study)
    trial = actions.give_trial(participant=person)
    answer = Answer("first", confidence=3, played_seconds=1.0)
    actions.record_answer(study=study, token=trial.token, answer=answer)
    (shown,) = describe_people([person])
    assert (shown.heard, shown.unmeasured) == (None, 1)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_people_who_come_at_once_judge_pairs_equally_often():
    study = comparing(count=4, clips_per_participant=4)

    def take_part(number):
        person = actions.join(study=study, token=make_token(), language="en")
        answer_all(study, person)

    at_once(12, take_part)
    judged = Counter(Trial.objects.filter(participant__study=study).values_list("clip_key", flat=True))
    assert set(judged.values()) == {12}
    sides = Counter(Trial.objects.filter(participant__study=study).values_list("stimulus", "second"))
    assert all(abs(sides[a, b] - sides[b, a]) <= 4 for a, b in list(sides))
    assert loads_by_counter() == loads_recounted()
    assert counted() == recounted()
