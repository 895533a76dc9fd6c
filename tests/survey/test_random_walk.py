"""Whatever people and researchers do, in whatever order: the counters are what a recount of the rows gives."""

import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum
from django.db.models.functions import Least
from django.utils import timezone

from survey import actions
from survey.actions.counting import LONG_PAUSE
from survey.models import Fill, Load, Named, Participant, Response, Trial
from survey.models.participation import make_token
from tests.survey.factories import make_study
from tests.survey.test_counters import YES, counted, loads_by_counter, loads_recounted, recounted, whole_study

pytestmark = [pytest.mark.django_db, pytest.mark.database]
STEPS = 150


def fills_by_counter():
    found = Fill.objects.filter(answers__gt=0).values_list("stimulus", "kind", "answers", "seconds")
    return {(stimulus, kind): (answers, round(seconds, 3)) for stimulus, kind, answers, seconds in found}


def fills_recounted():
    answers = Response.objects.exclude(trial__kind="repeat").order_by()
    found = answers.values_list("trial__stimulus", "trial__participant__kind")
    return {
        (stimulus, kind): (number, round(seconds, 3))
        for stimulus, kind, number, seconds in found.annotate(n=Count("pk"), s=Sum(Least("seconds", LONG_PAUSE)))
    }


class Walk:
    """One step after the other by chance, on a clock that stands still while nobody waits."""

    def __init__(self, seed, study):
        self.dice, self.study, self.now = random.Random(seed), study, timezone.now()
        self.done = Counter()

    def people(self, **which):
        return list(self.study.participants.filter(**which).order_by("pk"))

    def somebody(self, **which):
        found = self.people(**which)
        return self.dice.choice(found) if found else None

    def join(self):
        kind = self.dice.choice(["person", "person", "person", "preview", "bot"])
        actions.join(study=self.study, token=make_token(), language="en", kind=kind, now=self.now)

    def draw(self):
        if person := self.somebody(outcome=""):
            actions.give_trial(participant=person, now=self.now)

    def answer(self):
        waiting = Trial.objects.filter(participant__study=self.study, participant__outcome="", answered_at=None)
        if found := list(waiting.order_by("pk")):
            trial = self.dice.choice(found)
            for _ in range(self.dice.choice([1, 1, 2])):
                actions.record_answer(study=self.study, token=trial.token, answer=YES, now=self.now)

    def wait(self):
        self.now += timedelta(seconds=self.dice.choice([1, 20, 100, 1000, 8000]))

    def show(self):
        trial = Trial.objects.filter(participant__study=self.study, answered_at=None).order_by("pk").first()
        if trial:
            actions.show_trial(trial=trial, participant=trial.participant, now=self.now)

    def restart(self):
        if person := self.somebody(outcome=""):
            Participant.objects.filter(pk=person.pk).update(sound_checked_at=self.now)
            actions.restart_if_idle(participant=person, now=self.now + timedelta(days=1))

    def finish(self):
        if person := self.somebody(outcome=""):
            actions.finish(participant=person)

    def withdraw(self):
        if person := self.somebody():
            actions.withdraw(participant=person, by=None)

    def set_aside(self):
        if person := self.somebody(outcome="complete", kind="person"):
            actions.set_aside(participant=person, reason="Noise", by=self.study.owner)

    def remove_bots(self):
        actions.remove_bots(study=self.study, by=None)

    def anonymise(self):
        actions.anonymise(study=self.study, by=None)

    OFTEN = ["join", "draw", "answer", "answer", "answer", "wait", "show"]
    SELDOM = ["restart", "finish", "withdraw", "set_aside", "remove_bots", "anonymise"]

    def step(self):
        name = self.dice.choice(self.OFTEN if self.dice.random() < 0.93 else self.SELDOM)
        with suppress(actions.JoinRefused):  # after the end of the retention
            getattr(self, name)()
        self.done[name] += 1
        return name


def check(after):
    assert loads_by_counter() == loads_recounted(), after
    assert fills_by_counter() == fills_recounted(), after
    assert counted() == recounted(), after
    # A place is held by somebody who is here, for one trial that is not answered.
    strange = Trial.objects.filter(holds_place=True)
    assert not strange.exclude(answered_at=None, participant__outcome="").exists(), after
    assert not strange.filter(kind="repeat").exists(), after


def choose_study(seed):
    if seed % 2:
        return whole_study()
    return make_study(
        mode="yes_no", require_listening=False, clips_per_participant=4, repeat_trials=1,
        cells={"matched": 1.0, "picture_only": 1.0},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_after_every_step_of_a_random_walk_the_counters_are_what_a_recount_gives(seed):
    study = choose_study(seed)
    walk = Walk(seed, study)
    for number in range(STEPS):
        name = walk.step()
        check((seed, number, name))
    assert walk.done["answer"] > 30
    assert Response.objects.count() > 5


@pytest.mark.slow
def test_after_a_random_walk_an_export_is_read_back_with_the_same_counters(tmp_path):
    study = whole_study()
    walk = Walk(7, study)
    for _ in range(STEPS):
        getattr(walk, walk.dice.choice(["join", "draw", "answer", "answer", "wait", "finish"]))()
    actions.remove_bots(study=study, by=None)
    for person in walk.people(kind="preview"):
        actions.withdraw(participant=person, by=None)
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    Participant.objects.all().delete()
    for counter in (Fill, Load, Named):
        counter.objects.all().delete()
    call_command("import_responses", str(tmp_path / "pack.zip"), study=study.slug, verbosity=0)
    check("read back")
    assert Fill.objects.filter(answers__gt=0).count() > 5
    # Whoever was in the middle comes back, and the walk goes on.
    for number in range(40):
        getattr(walk, walk.dice.choice(["join", "draw", "answer", "wait", "withdraw"]))()
        check(("after", number))
