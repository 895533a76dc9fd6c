"""Yes/no studies with lures: what is asked is balanced over people and clips, and stays as it was where it was."""

import re
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from generation.emotions import get_emotion
from survey import actions
from survey.actions.publishing import reasons_against_publishing
from survey.actions.sessions import frame_of
from survey.exports.codebook import RESPONSES
from survey.exports.rows import rows_of
from survey.findings.columns import read_ratings
from survey.models import Participant, Response, Study, Trial
from survey.models.participation import make_token
from survey.preregistration import frozen_facts, write_preregistration
from survey.queries import alive_after, hot, named_about, visiting
from survey.queries.recruiting import recruited
from tests.racing import at_once
from tests.survey.crowd import let_come
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def yes_no(**fields):
    return make_study(mode="yes_no", require_listening=False, **fields)


YES = actions.Answer(chosen="yes", confidence=3, played_seconds=1.0)


def trials(study, kind="main"):
    return list(Trial.objects.filter(participant__study=study, kind=kind).select_related("stimulus", "participant"))


def leads_of(asked):
    """Targets less lures of every person, and of every clip."""
    people, clips = Counter(), Counter()
    for trial in asked:
        step = 1 if trial.asked_emotion == trial.stimulus.emotion else -1
        people[trial.participant_id] += step
        clips[trial.stimulus_id] += step
    return people, clips


def test_half_of_everybodys_trials_are_lures_and_every_clip_has_as_many_of_either():
    study = yes_no(versions=make_versions(16), clips_per_participant=8)
    let_come(study, finishers=40, at_once=10)
    asked = [trial for trial in trials(study) if trial.participant.outcome == "complete"]
    people, _ = leads_of(asked)
    assert (len(people), set(people.values())) == (40, {0})
    answered = [trial for trial in trials(study) if trial.answered_at]
    leads = leads_of(answered)[1].values()
    # 24 runs: .6 to 1.1 apart on average (a coin: 3.6), one clip 5 apart once in some dozens; people draw by chance.
    assert sum(map(abs, leads)) / len(leads) <= 1.6
    assert max(map(abs, leads)) <= 7
    lures = Counter(trial.asked_emotion for trial in answered if trial.asked_emotion != trial.stimulus.emotion)
    assert len(lures) == 8
    # About 13 times each; the most and least named are 2 to 6 apart, 10 where each is drawn by chance.
    assert max(lures.values()) - min(lures.values()) <= 8


def test_a_lure_about_a_mismatched_pair_is_neither_the_musics_nor_the_pictures_emotion():
    study = yes_no(cells={"mismatched": 1.0, "picture_only": 1.0}, clips_per_participant=8)
    let_come(study, finishers=12, at_once=4)
    pairs = [trial for trial in trials(study) if trial.stimulus.picture_emotion != trial.stimulus.emotion]
    assert {trial.asked_emotion == trial.stimulus.emotion for trial in pairs} == {True, False}
    assert [trial for trial in pairs if trial.asked_emotion == trial.stimulus.picture_emotion] == []


def test_a_repeat_asks_what_was_asked_the_first_time():
    study = yes_no(repeat_trials=3)
    let_come(study, finishers=8, at_once=3)
    first = {(trial.participant_id, trial.stimulus_id): trial.asked_emotion for trial in trials(study)}
    again = trials(study, "repeat")
    assert len(again) >= 24
    assert all(first[trial.participant_id, trial.stimulus_id] == trial.asked_emotion for trial in again)


@pytest.mark.parametrize(("always", "right"), [("yes", 2), ("no", 2)])
def test_who_always_says_the_same_has_half_of_the_gold_trials_wrong(always, right):
    versions = make_versions(12)
    study = yes_no(
        versions=versions[:8], gold=versions[8:], gold_trials=4, exclusion_rules={"gold_needed": 3},
    )  # fmt: skip
    for _ in range(4):
        Listener(study.slug).take_part(lambda listener: always)
    gold = trials(study, "gold")
    assert len(gold) == 16
    for trial in gold:
        if trial.asked_emotion != trial.stimulus.emotion:
            named, own = (get_emotion(slug).valence for slug in (trial.asked_emotion, trial.stimulus.emotion))
            assert named * own < 0
    for person in Participant.objects.filter(study=study):
        assert person.verdict == [f"gold trials: {right} of 4 as expected"]


def test_who_says_yes_to_targets_and_no_to_lures_has_every_gold_trial_right():
    versions = make_versions(12)
    study = yes_no(versions=versions[:8], gold=versions[8:], gold_trials=4, exclusion_rules={"gold_needed": 4})

    def answer(listener):
        trial = Trial.objects.select_related("stimulus").get(answered_at=None)
        return "yes" if trial.asked_emotion == trial.stimulus.emotion else "no"

    Listener(study.slug).take_part(answer)
    assert Participant.objects.get().included is True


def test_verdict_bonus_table_and_report_call_the_same_gold_answers_right():
    """Four places judge; whoever says yes to everything has the targets right in every one of them."""
    versions = make_versions(12)
    study = yes_no(
        versions=versions[:8], gold=versions[8:], gold_trials=4, exclusion_rules={"gold_needed": 2}, id_storage="kept",
        recruiter="prolific",
    )  # fmt: skip
    entry = f"/study/{study.slug}/?PROLIFIC_PID=somebody"
    Listener(study.slug, entry=entry).take_part(lambda listener: "yes")
    targets = [trial for trial in trials(study, "gold") if trial.asked_emotion == trial.stimulus.emotion]
    assert len(targets) == 2
    assert Participant.objects.get().included is True
    assert next(recruited(study, per_gold=Decimal(1))).bonus == 2
    names = [column.name for column in RESPONSES]
    table = [dict(zip(names, row, strict=True)) for row in rows_of(study, "responses_long")]
    assert sum(row["hit"] for row in table if row["trial_kind"] == "gold") == 2
    gold = read_ratings(study).where("kind", "gold")
    assert (int(gold.hits.sum()), len(gold)) == (2, 4)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_names_the_lure_in_the_words_kept_at_publication(language):
    study = yes_no(language=language)
    words = {one.emotion: one.asked_labels[language] for one in study.stimuli.all()}
    listener = Listener(study.slug).begin()
    seen = set()
    while not listener.address.endswith("/end/"):
        if listener.address.endswith("/clip/"):
            trial = Trial.objects.select_related("stimulus").get(answered_at=None)
            assert f'<strong class="asked">{words[trial.asked_emotion]}</strong>' in listener.page
            seen.add(trial.asked_emotion == trial.stimulus.emotion)
        listener.send()
    assert seen == {True, False}


EXPLAINED = re.compile(r"<dl>.*?</dl>", re.DOTALL)
"""What the words mean, all of them at every trial: the asked one stands among them, each time at another place."""


def bare(page, trial):
    """A page without what differs from trial to trial: token, word, media and counters."""
    page = EXPLAINED.sub("", page)
    page = page.replace(trial.token, "TOKEN").replace(trial.asked_emotion.capitalize(), "WORD")
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    page = re.sub(r"(clips|pictures)/[0-9a-f]{64}", "FILE", page)
    page = re.sub(r"/resume/[^/]+/", "", page)
    page = re.sub(r' ?data-preload="[^"]*"', "", page)
    return re.sub(r'(max|value)="\d+"|\d+ of \d+|Clip \d+', "", page)


def test_a_lures_page_differs_from_a_targets_page_in_the_word_alone():
    study = yes_no(ask_confidence=False, instructions="")
    listener = Listener(study.slug).begin()
    pages, explained = defaultdict(set), set()
    while not listener.address.endswith("/end/"):
        if listener.address.endswith("/clip/"):
            trial = Trial.objects.select_related("stimulus").get(answered_at=None)
            explained.add(tuple(EXPLAINED.findall(listener.page)))
            if trial.position > 1:
                pages[trial.asked_emotion == trial.stimulus.emotion].add(bare(listener.page, trial))
        listener.send(chosen="yes")
    assert pages[True] & pages[False]
    assert len(pages[True] | pages[False]) == 1
    ((words,),) = explained  # one list, the same at every trial
    assert words.count("<dt>") == 8


def test_without_lures_every_trial_names_the_intended_emotion():
    study = yes_no(lures="none", gold=make_versions(1, first=40), gold_trials=1)
    let_come(study, finishers=4, at_once=2)
    asked = [*trials(study), *trials(study, "gold")]
    assert all(trial.asked_emotion == trial.stimulus.emotion for trial in asked)


def test_where_people_choose_among_all_nothing_is_asked():
    study = make_study()
    Listener(study.slug).begin()
    assert Trial.objects.get().asked_emotion == ""


def asked_about(stimulus_id, kind, now):
    study = Study.objects.get(stimuli=stimulus_id)
    return dict(named_about(stimulus_id, kind, alive_at(study, kind, now)))


def alive_at(study, kind, now):
    return alive_after(study, hot.loads(frame_of(study).stimuli, kind), now)


def test_a_lease_that_ran_out_and_another_kind_of_participant_do_not_count():
    study = yes_no(lures="none")
    now = timezone.now()
    person = actions.join(study=study, token=make_token(), language="en", now=now)
    trial = actions.give_trial(participant=person, now=now)
    assert asked_about(trial.stimulus_id, "person", now) == {trial.asked_emotion: 1}
    assert asked_about(trial.stimulus_id, "bot", now) == {}
    later = now + study.lease + timezone.timedelta(minutes=1)
    assert asked_about(trial.stimulus_id, "person", later) == {}


def test_who_left_counts_as_long_for_what_is_named_as_for_the_balance_of_the_clips():
    """Three usual answer times, not the study's longest lease; before, the two rules waited for different times."""
    study = yes_no(versions=make_versions(4), lease_minutes=15)
    now = timezone.now()
    quick, left = (actions.join(study=study, token=make_token(), language="en", now=now) for _ in range(2))
    for _ in range(4):
        now += timezone.timedelta(seconds=20)
        trial = actions.give_trial(participant=quick, now=now - timezone.timedelta(seconds=20))
        actions.record_answer(study=study, token=trial.token, answer=YES, now=now)
    trial = actions.give_trial(participant=left, now=now)
    for seconds, live in ((59, 1), (61, 0)):
        at = now + timezone.timedelta(seconds=seconds)
        over = hot.places_over(study.pk, "person", alive_at(study, "person", at), at)
        assert (trial.pk not in {one.trial_id for one in over}) == bool(live)
        before = Counter(asked_about(trial.stimulus_id, "person", now + timezone.timedelta(days=1)))
        assert (Counter(asked_about(trial.stimulus_id, "person", at)) - before).total() == live


@pytest.mark.django_db(transaction=True)
def test_people_who_come_at_the_same_moment_leave_the_clips_even():
    """Twenty at once on one clip: read without the study's lock, they would all see none and toss a coin each."""
    study = yes_no(versions=make_versions(2), clips_per_participant=1)
    people = [actions.join(study=study, token=make_token(), language="en") for _ in range(20)]
    at_once(20, lambda number: actions.give_trial(participant=people[number]))
    people, clips = leads_of(trials(study))
    assert len(people) == 20
    # One trial each: nobody's own balance binds, so every clip is exactly even or one apart.
    assert all(abs(lead) <= 1 for lead in clips.values())


@pytest.mark.parametrize(
    ("emotions", "cells", "ready"),
    [
        (("sadness",), {"music_only": 1.0}, False),
        (("sadness", "awe"), {"music_only": 1.0}, True),
        (("sadness", "awe"), {"mismatched": 1.0}, False),
        (("sadness", "awe", "fear"), {"mismatched": 1.0}, True),
    ],
)
def test_a_study_is_published_only_where_every_clip_has_an_emotion_that_is_not_its_own(emotions, cells, ready):
    study = yes_no(versions=make_versions(6, emotions=emotions), cells=cells, publish=False)
    reasons = reasons_against_publishing(study)
    assert any("none is left for these clips" in reason for reason in reasons) is not ready
    actions.edit_study(study=study, by=study.owner, lures="none")
    assert reasons_against_publishing(Study.objects.get(pk=study.pk)) == []


@pytest.mark.parametrize("role", ["practice", "gold"])
def test_an_extra_clip_whose_emotion_no_main_clip_has_is_not_published_where_there_are_lures(role):
    """Its question would name what is named about nothing else: whoever noticed would know the answer."""
    strange = make_versions(2, emotions=("disgust", "awe"), first=40)
    fields = {
        "versions": make_versions(6, emotions=("sadness", "awe")), role: strange, f"{role}_trials": 2, "publish": False,
    }  # fmt: skip
    study = yes_no(**fields)
    (reason,) = reasons_against_publishing(study)
    assert reason.startswith(f"No main clip expresses what these practice or gold clips do: {strange[0]}. ")
    assert "(awe, sadness)" in reason
    actions.edit_study(study=study, by=study.owner, lures="none")
    assert reasons_against_publishing(Study.objects.get(pk=study.pk)) == []
    choosing = make_study(**{**fields, "versions": make_versions(6, emotions=("sadness", "awe"), first=60)})
    assert reasons_against_publishing(choosing) == []


def test_the_plan_says_what_is_named_and_a_choosing_study_says_nothing_of_it():
    study = yes_no(publish=False)
    assert ("Emotion named", Study.Lures.HALF.label) in frozen_facts(study)
    assert "- Lures: half of each person's main trials" in write_preregistration(study)
    actions.edit_study(study=study, by=study.owner, lures="none")
    text = write_preregistration(Study.objects.get(pk=study.pk))
    assert f"- Emotion named: {Study.Lures.NONE.label}" in text
    assert "Lures: half" not in text
    assert "Emotion named" not in dict(frozen_facts(make_study(publish=False)))


def test_a_new_version_asks_as_the_old_one_did():
    for lures in ("half", "none"):
        study = yes_no(lures=lures)
        assert actions.make_new_version(study=study, by=study.owner).lures == lures


@pytest.mark.django_db(transaction=True)
def test_studies_of_the_schema_before_go_on_naming_the_intended_emotion():
    """Back to the schema before, where nobody could say anything of lures, and forward again."""
    published, draft = yes_no(), yes_no(publish=False)
    Listener(published.slug).begin().send()
    try:
        call_command("migrate", "survey", "0013", verbosity=0)
    finally:
        call_command("migrate", "survey", verbosity=0)
    visiting._kept_study.cache_clear()  # another release is another process
    assert set(Study.objects.values_list("lures", flat=True)) == {"none"}
    assert Study._meta.get_field("lures").default == "half"
    let_come(Study.objects.get(pk=published.pk), finishers=3, at_once=1, leaving=0.0)
    asked = Trial.objects.filter(participant__study=published, participant__outcome="complete")
    assert asked.count() == 24
    assert all(trial.asked_emotion == trial.stimulus.emotion for trial in asked.select_related("stimulus"))
    assert Study.objects.get(pk=draft.pk).is_draft
    with pytest.raises(Exception, match="frozen"):
        Study.objects.filter(pk=published.pk).update(lures="half")
    assert Response.objects.exists()
