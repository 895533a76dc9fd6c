"""What the monitor shows while a study runs. Every number equals a recount of the rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count
from django.utils import timezone

from survey.models import Fill, Participant, Response, Stimulus, Study, Trial, TrialEvent

Outcome = Participant.Outcome
IDLE = timedelta(minutes=30)
LATEST = 200


@dataclass(frozen=True, slots=True)
class People:
    """Started = active + dropped + complete + screened out; the rest never began or left for good."""

    started: int
    active: int
    dropped: int
    complete: int
    screened_out: int
    no_consent: int
    quota_full: int
    withdrawn: int
    tests: int


@dataclass(frozen=True, slots=True)
class StimulusFill:
    stimulus: Stimulus
    answers: int


@dataclass(frozen=True, slots=True)
class Monitor:
    people: People
    dropped_at: list[tuple[str, int]]
    fills: list[StimulusFill]
    cells: list[tuple[str, int, int]]
    answers: int
    median_minutes: float | None
    listening_measured: float | None
    median_heard: float | None
    errors: int
    excluded: list[tuple[str, int]]
    excluded_people: int
    forecast: datetime | None

    @property
    def fewest(self) -> int:
        return min((fill.answers for fill in self.fills), default=0)

    @property
    def most(self) -> int:
        return max((fill.answers for fill in self.fills), default=0)


def monitor_of(study: Study, now: datetime | None = None) -> Monitor:
    """Everything at once; people only, previews and bots apart."""
    now = now or timezone.now()
    people = study.participants.filter(kind=Participant.Kind.PERSON)
    counted = _people(study, now)
    fills = _fills(study)
    latest = list(
        Response.objects.filter(trial__participant__in=people)
        .order_by("-pk")
        .values_list("listening_measured", "played_seconds", "trial__stimulus__duration_seconds")[:LATEST]
    )
    heard = [min(played / length, 1.0) for measured, played, length in latest if measured and length]
    reasons = Counter(
        reason.split(":")[0]
        for verdict in people.filter(included=False).values_list("verdict", flat=True)
        for reason in verdict
    )
    return Monitor(
        people=counted,
        dropped_at=_dropped_at(people, now),
        fills=fills,
        cells=_cells(study, fills),
        answers=sum(fill.answers for fill in fills),
        median_minutes=_median_minutes(people),
        listening_measured=sum(row[0] for row in latest) / len(latest) if latest else None,
        median_heard=median(heard) if heard else None,
        errors=TrialEvent.objects.filter(trial__participant__in=people, kind="error").count(),
        excluded=reasons.most_common(),
        excluded_people=people.filter(included=False).count(),
        forecast=_forecast(study, people, counted.complete, now),
    )


def _people(study: Study, now: datetime) -> People:
    rows = study.participants.values_list("kind", "outcome").annotate(n=Count("pk")).order_by()
    outcomes = Counter({outcome: n for kind, outcome, n in rows if kind == Participant.Kind.PERSON})
    active = study.participants.filter(
        kind=Participant.Kind.PERSON, outcome=Outcome.ACTIVE, last_seen_at__gt=now - IDLE
    ).count()
    return People(
        started=sum(outcomes[outcome] for outcome in (Outcome.ACTIVE, Outcome.COMPLETE, Outcome.SCREENED_OUT)),
        active=active,
        dropped=outcomes[Outcome.ACTIVE] - active,
        complete=outcomes[Outcome.COMPLETE],
        screened_out=outcomes[Outcome.SCREENED_OUT],
        no_consent=outcomes[Outcome.NO_CONSENT],
        quota_full=outcomes[Outcome.QUOTA_FULL],
        withdrawn=outcomes[Outcome.WITHDRAWN],
        tests=sum(n for kind, _, n in rows if kind != Participant.Kind.PERSON),
    )


def _dropped_at(people: Any, now: datetime) -> list[tuple[str, int]]:
    """(page, people) who left: before the first clip, or at which clip."""
    gone = people.filter(outcome=Outcome.ACTIVE, last_seen_at__lte=now - IDLE).annotate(given=Count("trials"))
    counts = Counter(gone.values_list("given", flat=True))
    return [("before the first clip" if not given else f"clip {given}", n) for given, n in sorted(counts.items())]


def _fills(study: Study) -> list[StimulusFill]:
    answers = dict(
        Fill.objects.filter(stimulus__study=study, kind=Participant.Kind.PERSON).values_list("stimulus", "answers")
    )
    stimuli = study.stimuli.select_related("condition").order_by("role", "condition__position", "emotion", "pk")
    return [StimulusFill(stimulus, answers.get(stimulus.pk, 0)) for stimulus in stimuli]


def _cells(study: Study, fills: list[StimulusFill]) -> list[tuple[str, int, int]]:
    """(cell, its main stimuli, their answers)"""
    stimuli: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    for fill in fills:
        if fill.stimulus.role == Stimulus.Role.MAIN:
            stimuli[fill.stimulus.condition.name] += 1
            answers[fill.stimulus.condition.name] += fill.answers
    return [(cell.name, stimuli[cell.name], answers[cell.name]) for cell in study.conditions.all()]


def _median_minutes(people: Any) -> float | None:
    """Of the latest who finished, from consent to the end."""
    times = people.filter(outcome=Outcome.COMPLETE).order_by("-finished_at").values_list("consented_at", "finished_at")
    spans = [(end - start).total_seconds() / 60 for start, end in times[:LATEST]]
    return median(spans) if spans else None


def _forecast(study: Study, people: Any, complete: int, now: datetime) -> datetime | None:
    """When the planned number will be complete, if people keep coming as in the last day."""
    planned = study.quota or study.analysis_plan.get("planned_n")
    if not study.is_open or not planned or complete >= planned:
        return None
    since = max(study.published_at or now, now - timedelta(days=1))
    recent = people.filter(outcome=Outcome.COMPLETE, finished_at__gt=since).count()
    if not recent:
        return None
    return now + (planned - complete) * ((now - since) / recent)


def open_trials(study: Study, now: datetime | None = None) -> int:
    """Clips on people's screens now."""
    return Trial.objects.filter(
        participant__study=study,
        participant__kind=Participant.Kind.PERSON,
        answered_at__isnull=True,
        lease_expires_at__gt=now or timezone.now(),
    ).count()
