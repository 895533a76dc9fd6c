"""The monitor: every number equals a recount of the raw rows, however the study went, and it is quick."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from math import inf
from statistics import median

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.monitor_database import fill_up
from survey import actions
from survey.actions import hearing
from survey.actions.answering import Answer
from survey.actions.joining import QUOTA_HOLD
from survey.models import Participant, Response, Stimulus, Trial, TrialEvent
from survey.models.participation import make_token
from survey.queries import next_step
from survey.queries.monitor import LATEST, monitor_of
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]

IDLE = timedelta(minutes=30)
KINDS = ["person"] * 6 + ["preview", "bot"]
STEPS = (
    ["go on"] * 10
    + ["answer"] * 12
    + ["withdraw", "error", "error", "error", "play", "set aside", "take back", "pause", "decline"]
)


class Story:
    """People who come and go in random order, through the actions that the pages call."""

    def __init__(self, study, seed):
        self.study, self.random = study, random.Random(seed)
        self.now = timezone.now() - timedelta(hours=3)
        self.people: list[int] = []

    def run(self, steps):
        for step in steps:
            self.now += timedelta(seconds=self.random.choice([5, 20, 60, 300, 2400]))
            if not self.people or self.random.random() < 0.08:
                self.join(self.random.choice(KINDS))
            else:
                self.act(step, Participant.objects.select_related("study").get(pk=self.random.choice(self.people)))

    def join(self, kind):
        person = actions.join(study=self.study, token=make_token(), language="en", kind=kind, now=self.now)
        self.people.append(person.pk)
        self.move(person)

    def move(self, person):
        """What the server's clock wrote belongs to the story's time."""
        stored = Participant.objects.get(pk=person.pk)
        times = {"last_seen_at": self.now}
        if stored.finished_at:
            times["finished_at"] = self.now
        if stored.withdrawn_at:
            times["withdrawn_at"] = self.now
        Participant.objects.filter(pk=person.pk).update(**times)

    def act(self, step, person):
        if step == "decline":
            self.people.append(actions.decline(study=self.study, token=make_token(), language="en").pk)
        elif step == "withdraw":
            actions.withdraw(participant=person, by=None)
            self.move(person)
        elif step in ("error", "play"):
            self.tell(person, step)
        elif step == "set aside" and person.outcome in ("", "complete", "screened_out") and not person.set_aside:
            actions.set_aside(participant=person, reason="story", by=None)
        elif step == "take back":
            actions.take_back(participant=person, by=None)
        elif step == "pause":
            actions.restart_if_idle(participant=person, now=self.now)
        elif person.outcome == "":
            self.go_on(person)

    def tell(self, person, kind):
        trial = person.trials.last()
        if trial:
            event = {"sequence": trial.events.count(), "kind": kind, "milliseconds": 5}
            actions.record_events(study=self.study, token=trial.token, events=[event])

    def go_on(self, person):
        step = next_step(person)
        if step == "sound":
            self.check_sound(person)
        elif step == "headphones":
            self.test_headphones(person)
        elif step == "clip":
            self.answer(person)
        elif step == "about":
            actions.record_background(participant=person, answers={})
        elif self.random.random() < 0.8:
            actions.finish(participant=person)
        self.move(person)

    def check_sound(self, person):
        number, counted = hearing.check_number(person), hearing.tones_of(person)[0]
        actions.note_sent(participant=person, sound=hearing.name_check(number), now=self.now)
        self.now += timedelta(seconds=5)
        if self.random.random() < 0.2:
            counted = 10 - counted if counted != 5 else 3
        played = self.random.choice([None, 4.0])
        actions.check_sound(participant=person, number=number, counted=counted, played=played, now=self.now)

    def test_headphones(self, person):
        for number in range(1, 7):
            actions.note_sent(participant=person, sound=hearing.name_headphones(number), now=self.now)
        self.now += timedelta(seconds=30)
        wrong = int(self.random.random() > 0.7)
        heard = [(target + wrong) % 3 for target in hearing.targets_of(person)]
        played = [self.random.choice([4.0, 4.0, 4.0, 9.0]) for _ in heard] if self.random.random() < 0.7 else [None] * 6
        actions.record_headphones(participant=person, heard=heard, played=played, now=self.now)

    def answer(self, person):
        trial = actions.give_trial(participant=person, now=self.now)
        if trial is None or self.random.random() < 0.1:
            return
        played = self.random.choice([None, 0.2, 1.0, 1.7])
        slug = self.random.choice(["none", "awe", "fear"])
        self.now += timedelta(seconds=self.random.choice([0, 3, 9]))
        answer = Answer(chosen=slug, confidence=3, played_seconds=played)
        actions.record_answer(study=self.study, token=trial.token, answer=answer, now=self.now)


def recount(study, now):
    """Every number of the monitor from the raw rows, one row at a time, in another way than the monitor's."""
    people = [p for p in Participant.objects.select_related("study").filter(study=study) if p.kind == "person"]
    answers = [
        r
        for r in Response.objects.select_related("trial__participant", "trial__stimulus__condition").order_by("pk")
        if r.trial.participant in people
    ]
    counted = [r for r in answers if r.trial.kind != "repeat"]
    latest = answers[-LATEST:]
    heard = [
        min(min(r.played_seconds, r.seconds if r.listening_doubtful else inf) / r.trial.stimulus.duration_seconds, 1)
        for r in latest
        if r.listening_measured and r.trial.stimulus.duration_seconds
    ]
    finished = sorted((p.finished_at, p.pk, p.consented_at) for p in people if p.outcome == "complete")[-LATEST:]
    minutes = [(end - begin).total_seconds() / 60 for end, _, begin in finished]
    failed = [e for e in TrialEvent.objects.select_related("trial__participant") if e.kind == "error"]
    failed = [e for e in failed if e.trial.participant in people]
    left_out = [p for p in people if p.included is False]
    cells = Counter(r.trial.stimulus.condition.name for r in counted if r.trial.stimulus.role == "main")
    return {
        "people": recount_people(study, people, now),
        "pages": recount_pages(study, people, now),
        "fills": {
            s.pk: sum(r.trial.stimulus_id == s.pk for r in counted) for s in Stimulus.objects.filter(study=study)
        },
        "cells": {cell.name: cells[cell.name] for cell in study.conditions.all()},
        "answers": len(counted),
        "median_minutes": median(minutes) if minutes else None,
        "measured": sum(r.played_seconds is not None for r in latest) / len(latest) if latest else None,
        "heard": median(heard) if heard else None,
        "doubtful": sum(r.listening_doubtful for r in latest),
        "unmeasured tests": sum(False in (p.sound_measured, p.headphones.get("measured")) for p in people),
        "errors": (len(failed), len({e.trial.participant_id for e in failed})),
        "excluded": Counter(reason.partition(":")[0] for p in left_out for reason in p.verdict),
        "excluded_people": len(left_out),
        "forecast": recount_forecast(study, people, now),
    }


def recount_people(study, people, now):
    is_active = {p.pk: p.outcome == "" and now - p.last_seen_at < IDLE for p in people}
    outcomes = Counter(p.outcome for p in people)
    return {
        "started": sum(p.outcome in ("", "complete", "screened_out") for p in people),
        "active": sum(is_active.values()),
        "dropped": sum(p.outcome == "" and not is_active[p.pk] for p in people),
        **{name: outcomes[name] for name in ("complete", "screened_out", "no_consent", "quota_full", "withdrawn")},
        "tests": Participant.objects.filter(study=study).count() - len(people),
    }


def recount_pages(study, people, now):
    """Asks `next_step` of every person, and counts who has come as far as each page."""
    names = ["Sound check", *(["Headphone test"] if study.headphones != "none" else [])]
    names += [f"Practice {n + 1}" for n in range(study.practice_trials)]
    names += [f"Clip {n + 1}" for n in range(study.clips_per_participant + study.gold_trials + study.repeat_trials)]
    names += [*(["About you"] if study.ask_background else []), "End"]
    standing = []
    for person in people:
        if person.outcome == "complete":
            standing.append((len(names), "finished"))
        elif person.outcome == "screened_out":
            standing.append((names.index("Headphone test"), "screened_out"))
        elif person.outcome == "":
            state = "active" if now - person.last_seen_at < IDLE else "dropped"
            standing.append((names.index(page_name(person)), state))
    return [
        (
            name,
            sum(place >= index for place, _ in standing),
            sum(place == index and state == "active" for place, state in standing),
            sum(place > index for place, _ in standing),
            sum(place == index and state == "dropped" for place, state in standing),
            sum(place == index and state == "screened_out" for place, state in standing),
        )
        for index, name in enumerate(names)
    ]


def page_name(person):
    if person.restarts:
        person.sound_checked_at = person.created_at
    step = next_step(person)
    if step != "clip":
        return {"sound": "Sound check", "headphones": "Headphone test", "about": "About you", "end": "End"}[step]
    answered = person.trials.filter(response__isnull=False).count()
    practice = [kind for kind in person.plan if kind == "practice"]
    return f"Practice {answered + 1}" if answered < len(practice) else f"Clip {answered + 1 - len(practice)}"


def recount_forecast(study, people, now):
    complete = [p for p in people if p.outcome == "complete"]
    if study.status != "published" or not study.quota or len(complete) >= study.quota:
        return None
    hours = min((now - study.published_at).total_seconds() / 3600, 24)
    recent = sum((now - p.finished_at).total_seconds() / 3600 < hours for p in complete)
    return now + timedelta(hours=(study.quota - len(complete)) * hours / recent) if recent else None


def read(monitor):
    """The monitor's numbers in the recount's form."""
    names = ("started", "active", "dropped", "complete", "screened_out", "no_consent", "quota_full", "withdrawn")
    return {
        "people": {name: getattr(monitor.people, name) for name in (*names, "tests")},
        "pages": [(p.name, p.started, p.active, p.finished, p.dropped, p.screened_out) for p in monitor.pages],
        "fills": {fill.stimulus.pk: fill.answers for fill in monitor.fills},
        "cells": {name: answers for name, _, answers in monitor.cells},
        "answers": monitor.answers,
        "median_minutes": monitor.median_minutes,
        "measured": monitor.listening.measured,
        "heard": monitor.listening.heard,
        "doubtful": monitor.listening.doubtful,
        "unmeasured tests": monitor.listening.tests,
        "errors": (monitor.errors.events, monitor.errors.people),
        "excluded": Counter(dict(monitor.excluded)),
        "excluded_people": monitor.excluded_people,
        "forecast": monitor.forecast,
    }


def assert_equal(shown, counted):
    forecasts = shown.pop("forecast"), counted.pop("forecast")
    assert shown == counted
    assert (forecasts[0] is None) == (forecasts[1] is None)
    assert forecasts[0] is None or abs(forecasts[0] - forecasts[1]) < timedelta(seconds=1)


@contextmanager
def undone():
    """What happens inside leaves no rows."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


@pytest.fixture
def varied_study(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    versions = make_versions(6, emotions=("fear", "awe", "sadness"))
    extra = make_versions(2, first=60)
    return make_study(
        versions=versions,
        practice=extra[:1],
        gold=extra[1:],
        cells={"matched": 1, "music_only": 1},
        clips_per_participant=3,
        practice_trials=1,
        gold_trials=1,
        repeat_trials=1,
        headphones="gate",
        quota=12,
        require_listening=False,
        exclusion_rules={"longest_run": 2, "fastest_seconds": 3, "listening_share": 0.8},
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=120))
def test_whatever_happens_every_number_equals_a_recount(varied_study, seed, steps):
    with undone():
        story = Story(varied_study, seed)
        story.run(steps)
        now = story.now + timedelta(minutes=1)
        assert_equal(read(monitor_of(varied_study, now)), recount(varied_study, now))


def test_a_long_story_has_everything_in_it_and_equals_a_recount(varied_study):
    story, chooser = Story(varied_study, 7), random.Random(5)
    for _ in range(30):
        story.run([chooser.choice(STEPS) for _ in range(200)])
        now = story.now + timedelta(minutes=1)
        counted = recount(varied_study, now)
        if not missing(counted):
            break
    assert missing(counted) == []
    assert_equal(read(monitor_of(varied_study, now)), counted)


def missing(counted):
    """What has not happened yet in a story."""
    reasons = {"by hand", "straight-lining", "too little listening"}
    events, people = counted["errors"]
    return [
        *(name for name, number in counted["people"].items() if not number and name != "active"),
        *(reasons - set(counted["excluded"])),
        *(["errors met twice"] if not events > people > 0 else []),
        *(name for name in ("doubtful", "unmeasured tests") if not counted[name]),
        *(["answers"] if counted["answers"] < 60 else []),
    ]


def test_the_pages_add_up_to_the_people(varied_study):
    story = Story(varied_study, 3)
    chooser = random.Random(1)
    story.run([chooser.choice(STEPS) for _ in range(300)])
    monitor = monitor_of(varied_study, story.now)
    first, last = monitor.pages[0], monitor.pages[-1]
    assert (first.started, last.finished) == (monitor.people.started, monitor.people.complete)
    assert sum(page.dropped for page in monitor.pages) == monitor.people.dropped
    assert sum(page.active for page in monitor.pages) == monitor.people.active
    assert [page.finished for page in monitor.pages[:-1]] == [page.started for page in monitor.pages[1:]]
    for page in monitor.pages:
        assert sum(width for _, _, width in page.bars) == pytest.approx(100 * page.started / first.started)


def test_people_are_where_their_browser_stands():
    study = make_study(clips_per_participant=2, quota=20)
    for pages in range(5):  # consent, sound, two clips, about
        listener = Listener(study.slug)
        listener.get()
        for _ in range(pages + 1):
            listener.send()
    monitor = monitor_of(study)
    names = ["Sound check", "Clip 1", "Clip 2", "About you", "End"]
    assert [(page.name, page.active) for page in monitor.pages] == list(zip(names, [1, 1, 1, 1, 0], strict=True))
    assert [page.started for page in monitor.pages] == [5, 4, 3, 2, 1]
    monitor = monitor_of(study, timezone.now() + IDLE)
    assert [page.dropped for page in monitor.pages] == [1, 1, 1, 1, 0]


def test_a_long_pause_takes_nobody_back_in_the_table():
    study = make_study()
    listener = Listener(study.slug).begin()
    listener.send()
    Participant.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    listener.get()
    assert listener.address.endswith("/sound/")
    assert [page.name for page in monitor_of(study).pages if page.active] == ["Clip 2"]


def test_a_study_of_pictures_alone_has_no_sound_check():
    study = make_study(cells={"picture_only": 1}, ask_background=False, clips_per_participant=2)
    assert [page.name for page in monitor_of(study).pages] == ["Clip 1", "Clip 2", "End"]


@pytest.mark.parametrize("planned", [2**31 - 1, "12", -3, None])
def test_a_number_that_cannot_be_reached_gives_no_forecast(planned):
    study = make_study(analysis_plan={"planned_n": planned})
    Listener(study.slug).take_part()
    Participant.objects.update(finished_at=timezone.now())
    assert monitor_of(study, timezone.now() + timedelta(hours=20)).forecast is None


def test_when_the_number_is_reached_there_is_no_forecast_any_more():
    study = make_study(analysis_plan={"planned_n": 2})
    later = timezone.now() + timedelta(hours=1)
    Listener(study.slug).take_part()
    assert monitor_of(study, later).forecast == pytest.approx(later, abs=timedelta(hours=2))
    Listener(study.slug).take_part()
    assert monitor_of(study, later).forecast is None


def test_more_people_cost_no_more_questions(varied_study):
    def count():
        with connection.execute_wrapper(counter := Questions()):
            monitor_of(varied_study)
        return counter.n

    Story(varied_study, 1).run(["go on"] * 30)
    few = count()
    Story(varied_study, 2).run(["go on", "answer"] * 60)
    assert count() == few <= 12 + varied_study.choices.count()


class Questions:
    def __init__(self):
        self.n = 0

    def __call__(self, execute, *arguments):
        self.n += 1
        return execute(*arguments)


def page_of(study, user=None):
    client = Client()
    client.force_login(user or study.owner)
    return client.get(f"/studies/{study.slug}/monitor/").content.decode()


def test_the_page_prints_these_numbers_and_says_what_they_are_taken_from(varied_study):
    chooser = random.Random(5)
    story = Story(varied_study, 7)
    while not Participant.objects.filter(kind="person", outcome="complete").exists():
        story.run([chooser.choice(STEPS) for _ in range(100)])
    monitor = monitor_of(varied_study)
    page = page_of(varied_study)
    for page_count in monitor.pages:
        row = re.split(rf'<th scope="row">{page_count.name}[ \n]', page)[1].split("</tr>")[0]
        shown = [int(cell.split("<")[0]) for cell in row.split('<td class="number">')[1:]]
        numbers = [page_count.started, page_count.active, page_count.finished, page_count.dropped]
        assert shown[:4] == numbers
    assert f"of the latest {monitor.listening.answers} answers" in page
    assert f"latest {monitor.timed}</dd>" in page
    assert f"<dd>{monitor.people.started}</dd>" in page
    assert "of a quota of 12" in page


def test_only_the_latest_are_measured_and_the_page_says_how_many():
    study = make_study(versions=make_versions(8), clips_per_participant=8)
    fill_up(study, people=30, trials=8)
    monitor = monitor_of(study)
    assert (monitor.listening.answers, monitor.timed, monitor.answers) == (LATEST, 22, 240)
    assert "of the latest 200 answers" in page_of(study)


def test_the_monitor_shows_no_answer_to_the_hypothesis():
    study = make_study()
    Listener(study.slug).take_part()
    page = page_of(study).casefold()
    assert "accuracy" not in page
    assert "hit rate" not in page


def test_places_are_held_for_active_people_only():
    """The quota's rule and the monitor's differ on purpose: a place is held longer than somebody counts as active."""
    assert QUOTA_HOLD > IDLE


@pytest.mark.long
def test_with_100000_answers_the_monitor_takes_less_than_a_second():
    study = make_study(versions=make_versions(96), clips_per_participant=8)
    fill_up(study, people=12_500, trials=8)
    other = make_study(versions=make_versions(8), clips_per_participant=8)
    fill_up(other, people=3_000, trials=8)
    assert Trial.objects.count() == 124_000
    monitor_of(study)
    started = time.perf_counter()
    monitor = monitor_of(study)
    seconds = time.perf_counter() - started
    assert monitor.answers == 100_000
    assert seconds < 1.0
