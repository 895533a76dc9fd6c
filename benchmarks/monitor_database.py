"""Studies full of people for `benchmarks/monitor.py`: rows as the actions would leave them, written in bulk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from benchmarks.stimuli import make_parts

EVENTS = ("loaded", "play", "pause", "play", "ended", "choose")
BATCH = 5000
CLIPS = 96
GONE = 4
"""Every fourth person left in the middle."""


def fill_up(study: Any, *, people: int, trials: int) -> None:
    """`people` who answer `trials` clips each; of the ones who left, the last answer is still to come."""
    from django.utils import timezone

    from survey.models import Participant, Response, Trial, TrialEvent

    now = timezone.now()
    before = set(Participant.objects.filter(study=study).values_list("pk", flat=True))
    Participant.objects.bulk_create((_person(study, number, trials, now) for number in range(people)), batch_size=BATCH)
    made = Participant.objects.filter(study=study).exclude(pk__in=before).order_by("pk")
    stimuli, choice = list(study.stimuli.all()), study.choices.first()
    for start in range(0, people, BATCH // trials):
        chunk = made[start : start + BATCH // trials]
        rows = Trial.objects.bulk_create(
            _trial(person, stimuli[(place + position * 7) % len(stimuli)], position, now)
            for place, person in enumerate(chunk, start)
            for position in range(1, trials + 1)
        )
        Response.objects.bulk_create(_response(trial, choice, now) for trial in rows)
        TrialEvent.objects.bulk_create(
            (
                TrialEvent(trial=trial, sequence=number, kind=_kind(trial, number), milliseconds=number)
                for trial in rows
                for number in range(len(EVENTS))
            ),
            batch_size=BATCH,
        )
    count_answers(study)


def _person(study: Any, number: int, trials: int, now: Any) -> Any:
    from survey.models import Participant

    begun = now - timedelta(minutes=10 + number % 600)
    person = Participant(
        study=study,
        last_seen_at=begun,
        consented_at=begun,
        consent_sha256="0" * 64,
        sound_checked_at=begun,
        plan=["main"] * (trials + 1),
        option_order=["fear", "awe"],
    )
    if number % GONE:
        person.plan, person.outcome, person.completion_code = ["main"] * trials, "complete", "CODE"
        person.finished_at = begun + timedelta(minutes=8, seconds=number % 60)
        person.included = bool(number % 10)
        person.verdict = [] if person.included else [f"too fast: median {number % 3}.1 s"]
    return person


def _trial(person: Any, stimulus: Any, position: int, now: Any) -> Any:
    from survey.models import Trial

    return Trial(
        participant=person,
        stimulus=stimulus,
        position=position,
        clip_key=f"{position}",
        assigned_at=now,
        lease_expires_at=now,
        answered_at=now,
    )


def _response(trial: Any, choice: Any, now: Any) -> Any:
    from survey.models import Response

    return Response(
        trial=trial,
        choice=choice,
        answered_at=now,
        seconds=5.0,
        confidence=3,
        played_seconds=20.0,
        plays=1,
        listening_measured=True,
    )


def _kind(trial: Any, number: int) -> str:
    return "error" if number == 0 and trial.position == 1 and trial.participant_id % 50 == 0 else EVENTS[number]


def count_answers(study: Any) -> None:
    from django.db.models import Count, F, Sum

    from survey.models import Fill, Response

    rows = (
        Response.objects.filter(trial__participant__study=study)
        .order_by()
        .values(stimulus=F("trial__stimulus_id"))
        .annotate(n=Count("pk"), total=Sum("seconds"))
    )
    for row in rows:
        Fill.objects.update_or_create(
            stimulus_id=row["stimulus"], kind="person", defaults={"answers": row["n"], "seconds": row["total"]}
        )


def make_studies(number: int) -> list[Any]:
    """Published studies of 96 clips each."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from survey.models import Study

    owner = get_user_model().objects.create_superuser("benchmark", password="x" * 20)
    made = []
    for place in range(number):
        study = Study.objects.create(
            slug=f"benchmark-{place}", title="Benchmark", owner=owner, consent_text="Yes?", question="Which?"
        )
        make_parts(study, CLIPS)
        now = timezone.now()
        Study.objects.filter(pk=study.pk).update(status="published", published_at=now, consent_sha256="0" * 64)
        made.append(Study.objects.get(pk=study.pk))
    return made
