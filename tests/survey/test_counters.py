"""Counters of what was named: always what a count of the trials would give, whatever happens to people and studies."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from survey import actions
from survey.actions.counting import uncount_answer
from survey.models import Fill, Load, Named, Participant, Trial
from survey.models.participation import make_token
from survey.queries import visiting
from tests.racing import at_once
from tests.survey.answering import count_answer
from tests.survey.crowd import let_come
from tests.survey.factories import make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]
YES = actions.Answer(chosen="yes", confidence=3, played_seconds=1.0)


def whole_study(**fields):
    """A yes/no study with every kind of trial."""
    versions = make_versions(12)
    return make_study(
        versions=versions[:8], practice=versions[8:10], gold=versions[10:], clips_per_participant=6,
        practice_trials=2, gold_trials=2, repeat_trials=2, mode="yes_no", require_listening=False, **fields,
    )  # fmt: skip


def counted():
    found = Named.objects.filter(trials__gt=0).values_list("stimulus__public_id", "kind", "emotion", "trials")
    return {(stimulus, kind, emotion): trials for stimulus, kind, emotion, trials in found}


def recounted():
    """As it was asked with every trial before there were counters."""
    answered = Trial.objects.filter(answered_at__isnull=False).exclude(kind="repeat").exclude(asked_emotion="")
    return Counter(answered.values_list("stimulus__public_id", "participant__kind", "asked_emotion"))


def loads_by_counter():
    found = Load.objects.filter(load__gt=0).values_list("stimulus", "kind", "load")
    return {(stimulus, kind): load for stimulus, kind, load in found}


def loads_recounted():
    """Answers that fill a stimulus, and trials on the screens of people who are still here."""
    of_use = Trial.objects.exclude(kind="repeat")
    answers = of_use.filter(response__isnull=False).values_list("stimulus", "participant__kind")
    on_screens = of_use.filter(holds_place=True, answered_at=None, participant__outcome="")
    return Counter(answers) + Counter(on_screens.values_list("stimulus", "participant__kind"))


def take_part(study, kind="person", answers=100, chosen="yes"):
    person = actions.join(study=study, token=make_token(), language="en", kind=kind)
    while answers and (trial := actions.give_trial(participant=person)) is not None:
        actions.record_answer(study=study, token=trial.token, answer=replace(YES, chosen=chosen))
        answers -= 1
    return person


def test_the_counters_are_what_the_trials_say_with_people_who_leave_withdraw_and_come_as_bots_or_previews():
    study = whole_study()
    let_come(study, finishers=6, at_once=3)
    for kind in ("bot", "preview"):
        take_part(study, kind=kind, answers=7)
    assert counted() == recounted()
    assert recounted().total() > 60
    assert {kind for _, kind, _ in counted()} == {"person", "bot", "preview"}
    for person in study.participants.filter(kind="person")[::2]:
        actions.withdraw(participant=person, by=None)
    assert counted() == recounted()
    actions.remove_bots(study=study, by=None)
    assert counted() == recounted()
    assert {kind for _, kind, _ in counted()} == {"person", "preview"}


def test_the_load_is_what_answers_and_screens_say_with_people_who_leave_withdraw_and_end():
    study = whole_study()
    Fill.objects.update(seconds=9000.0)  # as if people here took long: nobody has left yet
    for kind in ("bot", "preview"):
        actions.give_trial(participant=take_part(study, kind=kind, answers=3))
    waiting = [take_part(study, answers=2) for _ in range(4)]
    for person in waiting:
        actions.give_trial(participant=person)
    assert loads_by_counter() == loads_recounted()
    assert Trial.objects.filter(holds_place=True).count() >= 4
    actions.withdraw(participant=waiting[0], by=None)
    actions.leaving.end_with(waiting[1], "screened_out")
    assert not Trial.objects.filter(participant__in=waiting[:2], holds_place=True).exists()
    assert loads_by_counter() == loads_recounted()
    # Long after: the next draw gives back the places of all who left, and who comes back takes one again.
    later = timezone.now() + timedelta(days=2)
    left = Trial.objects.get(participant=waiting[2], answered_at=None)
    newcomer = actions.join(study=study, token=make_token(), language="en")
    actions.give_trial(participant=newcomer, now=later)
    assert list(Trial.objects.filter(holds_place=True).values_list("participant", flat=True)) == [newcomer.pk]
    assert loads_by_counter() == loads_recounted()
    assert actions.give_trial(participant=waiting[2], now=later) == left
    assert Trial.objects.get(pk=left.pk).holds_place
    assert loads_by_counter() == loads_recounted()
    # Whose place was given back may answer all the same.
    late = Trial.objects.get(participant=waiting[3], answered_at=None)
    actions.record_answer(study=study, token=late.token, answer=YES)
    assert loads_by_counter() == loads_recounted()
    actions.remove_bots(study=study, by=None)
    assert loads_by_counter() == loads_recounted()


def test_an_answer_that_is_sent_again_counts_once():
    study = whole_study()
    person = actions.join(study=study, token=make_token(), language="en")
    trial = actions.give_trial(participant=person)
    for _ in range(3):
        actions.record_answer(study=study, token=trial.token, answer=YES)
    assert list(Named.objects.values_list("emotion", "trials")) == [(trial.asked_emotion, 1)]


def test_where_people_choose_among_all_nothing_is_counted_as_named():
    take_part(make_study(require_listening=False), answers=2, chosen="awe")
    assert Named.objects.count() == 0
    assert sum(Fill.objects.values_list("answers", flat=True)) == 2


@pytest.mark.parametrize("change", ["wording", "stimuli"])
def test_previews_that_a_changed_draft_forgets_are_not_counted_any_more(change):
    study = whole_study(publish=False)
    take_part(study, kind="preview", answers=5)
    assert sum(counted().values()) == 5
    if change == "wording":
        actions.edit_study(study=study, by=study.owner, title="Another")
    else:
        actions.set_stimuli(study=study, by=study.owner, versions=make_versions(4, first=50))
    assert (counted(), Fill.objects.count()) == ({}, 0)


def test_answers_that_are_read_back_are_counted_and_uncounted_practice_among_them(tmp_path):
    study = whole_study()
    take_part(study)
    take_part(study, answers=4)
    before = counted()
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    Participant.objects.all().delete()
    Fill.objects.update(answers=0, seconds=0.0)
    Named.objects.all().delete()
    call_command("import_responses", str(tmp_path / "pack.zip"), study=study.slug, verbosity=0)
    assert counted() == recounted() == before
    for person in study.participants.all():
        actions.withdraw(participant=person, by=None)
    assert counted() == {}
    assert set(Fill.objects.values_list("answers", flat=True)) == {0}


@pytest.mark.django_db(transaction=True)
def test_twenty_who_answer_and_withdraw_at_the_same_moment_leave_the_counters_right():
    study = whole_study()
    people = [actions.join(study=study, token=make_token(), language="en") for _ in range(20)]
    tokens = [actions.give_trial(participant=person).token for person in people]

    def answer_or_withdraw(number):
        actions.record_answer(study=study, token=tokens[number], answer=YES)
        if number % 2:
            actions.withdraw(participant=people[number], by=None)

    at_once(20, answer_or_withdraw)
    assert counted() == recounted()
    assert recounted().total() == 10


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_200_people_who_answer_at_once_are_spread_evenly_over_the_stimuli():
    """Nobody waits for the study: each draw takes its place where the load is still what it saw, or draws again."""
    study = make_study(
        versions=make_versions(20), cells={"music_only": 1.0}, clips_per_participant=2, require_listening=False
    )
    people = [actions.join(study=study, token=make_token(), language="en") for _ in range(200)]
    # As if people here took long: who waits for a busy machine has not left, and their place is given to nobody else.
    for stimulus in study.stimuli.all():
        Fill.objects.update_or_create(stimulus=stimulus, kind="person", defaults={"answers": 0, "seconds": 9000.0})
    apart = []

    def answer_all(number):
        for person in people[number::20]:
            while (trial := actions.give_trial(participant=person)) is not None:
                actions.record_answer(study=study, token=trial.token, answer=replace(YES, chosen="awe"))
                loads = sorted(Load.objects.values_list("load", flat=True))
                apart.append(loads[-1] - loads[0])

    at_once(20, answer_all)
    assert Trial.objects.count() == 400
    assert loads_by_counter() == loads_recounted()
    assert max(apart) <= 2
    answers = Fill.objects.values_list("answers", flat=True)
    assert max(answers) - min(answers) <= 2


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_counts_places_on_screens():
    study = whole_study()
    take_part(study, answers=4)
    Fill.objects.update(seconds=9000.0)  # as if people here took long: nobody has left yet
    for kind in ("person", "bot"):
        actions.give_trial(participant=take_part(study, kind=kind, answers=1))
    before = loads_by_counter()
    try:
        call_command("migrate", "survey", "0024", verbosity=0)
    finally:
        call_command("migrate", "survey", verbosity=0)
    visiting._kept_study.cache_clear()
    assert loads_by_counter() == loads_recounted() == before


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_counts_the_answers_that_there_are():
    study = whole_study()
    take_part(study)
    take_part(study, answers=3)
    take_part(study, kind="bot", answers=4)
    before = counted()
    try:
        call_command("migrate", "survey", "0014", verbosity=0)
        assert "survey_named" not in connection.introspection.table_names()
    finally:
        call_command("migrate", "survey", verbosity=0)
    visiting._kept_study.cache_clear()  # another release is another process
    assert counted() == recounted() == before
    take_part(study)
    assert counted() == recounted()


@pytest.mark.skipif("sqlite" not in connection.vendor, reason="PostgreSQL scans tables that are this small")
def test_what_is_asked_to_give_a_trial_reads_no_answered_trial_of_others():
    """Or every trial of a study of 100,000 answers would take longer than the one before."""
    study = whole_study()
    person = take_part(study, answers=5)
    with CaptureQueriesContext(connection) as queries:
        actions.record_answer(study=study, token=actions.give_trial(participant=person).token, answer=YES)
    of_trials = re.compile(r'SELECT.*FROM "?survey_trial"?\s', re.DOTALL)
    asked = [query["sql"] for query in queries if of_trials.search(query["sql"])]
    assert len(asked) >= 3
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = [row[3] for row in cursor.fetchall() if "trial" in row[3]]
            fits = ("SEARCH" in step and ("stimulus_id" not in step or "open_by_stimulus" in step) for step in plan)
            assert all(fits), sql


@pytest.mark.parametrize(("seconds", "counted_as"), [(12.5, 12.5), (300.0, 300.0), (300.5, 300.0), (86_400.0, 300.0)])
def test_of_an_answer_after_a_long_pause_five_minutes_count_and_are_taken_back(seconds, counted_as):
    """The balance goes by how long an answer takes: one night would outweigh everybody's."""
    stimulus = make_study().stimuli.first()
    count_answer(stimulus.pk, "person", 4.0)
    count_answer(stimulus.pk, "person", seconds)
    fill = Fill.objects.get(stimulus=stimulus)
    assert (fill.answers, fill.seconds) == (2, 4.0 + counted_as)
    uncount_answer(stimulus.pk, "person", seconds)
    fill.refresh_from_db()
    assert (fill.answers, fill.seconds) == (1, 4.0)
