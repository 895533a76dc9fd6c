"""The monitor: every number equals a recount, and it is quick with many answers."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from survey import actions
from survey.models import Fill, Participant, Response, Trial, TrialEvent
from survey.queries.monitor import monitor_of
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_every_number_equals_a_recount():
    study = make_study(
        clips_per_participant=4, exclusion_rules={"longest_run": 2}, cells={"matched": 1, "music_only": 1}
    )
    first = Listener(study.slug).take_part()
    Listener(study.slug).take_part(answer=lambda _: "none")
    Listener(study.slug).begin().send()
    gone = Listener(study.slug).begin()
    gone.send()
    Participant.objects.filter(pk=Participant.objects.latest("pk").pk).update(
        last_seen_at=timezone.now() - timedelta(hours=2)
    )
    declined = Listener(study.slug)
    declined.get()
    declined.send(consent="no")
    withdrawn = Listener(study.slug).take_part()
    actions.withdraw(participant=Participant.objects.latest("pk"))
    preview = actions.open_preview(study=study, by=study.owner)
    Listener(study.slug, entry=f"/study/{study.slug}/resume/{preview.token}/").take_part()

    monitor = monitor_of(study)
    people = monitor.people
    assert (people.started, people.active, people.dropped, people.complete) == (4, 1, 1, 2)
    assert (people.no_consent, people.withdrawn, people.tests, people.screened_out) == (1, 1, 1, 0)
    assert monitor.dropped_at == [("clip 2", 1)]
    counted = Response.objects.filter(trial__participant__kind="person")
    assert monitor.answers == counted.count() == 10
    assert {fill.stimulus.pk: fill.answers for fill in monitor.fills if fill.answers} == {
        pk: counted.filter(trial__stimulus=pk).count() for pk in set(counted.values_list("trial__stimulus", flat=True))
    }
    assert sum(answers for _, _, answers in monitor.cells) == 10
    assert monitor.excluded == [("straight-lining", 1)] or monitor.excluded_people >= 1
    assert monitor.listening_measured == 0.0
    assert (first.address, withdrawn.address) == (f"/study/{study.slug}/end/",) * 2


def test_the_monitor_shows_no_answer_to_the_hypothesis():
    study = make_study()
    Listener(study.slug).take_part()
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"/studies/{study.slug}/monitor/").content.decode()
    assert "accuracy" not in page.casefold()
    assert "hit rate" not in page.casefold()


@pytest.mark.long
def test_with_100000_answers_the_monitor_takes_less_than_a_second():
    study = make_study(versions=make_versions(96), clips_per_participant=25)
    fill_up(study, people=4000, trials=25)
    started = time.process_time()
    monitor = monitor_of(study)
    seconds = time.process_time() - started
    assert monitor.answers == 100_000
    assert seconds < 1.0


def fill_up(study, people, trials):
    """Rows as the actions would leave them, written in bulk."""
    now = timezone.now()
    stimuli = list(study.stimuli.all())
    choice = study.choices.first()
    Participant.objects.bulk_create(
        [
            Participant(
                study=study,
                last_seen_at=now,
                consented_at=now,
                consent_sha256="x",
                outcome="complete",
                finished_at=now,
                completion_code="C",
                included=True,
                plan=["main"] * trials,
            )
            for _ in range(people)
        ],
        batch_size=2000,
    )
    rows = []
    for number, person in enumerate(Participant.objects.filter(study=study)):
        for position in range(trials):
            stimulus = stimuli[(number + position * 7) % len(stimuli)]
            rows.append(
                Trial(
                    participant=person,
                    stimulus=stimulus,
                    position=position + 1,
                    clip_key=f"{position}",
                    assigned_at=now,
                    lease_expires_at=now,
                    answered_at=now,
                )
            )
    Trial.objects.bulk_create(rows, batch_size=5000)
    keys = list(Trial.objects.values_list("pk", "stimulus_id"))
    Response.objects.bulk_create(
        [Response(trial_id=pk, choice=choice, answered_at=now, seconds=5.0, confidence=3) for pk, _ in keys],
        batch_size=5000,
    )
    TrialEvent.objects.bulk_create(
        [
            TrialEvent(trial_id=pk, sequence=n, kind=kind, milliseconds=n)
            for pk, _ in keys
            for n, kind in enumerate(["play", "ended"])
        ],
        batch_size=10_000,
    )
    counts = {stimulus.pk: 0 for stimulus in stimuli}
    for _, stimulus_id in keys:
        counts[stimulus_id] += 1
    for pk, number in counts.items():
        Fill.objects.filter(stimulus_id=pk).update(answers=number, seconds=5.0 * number)
