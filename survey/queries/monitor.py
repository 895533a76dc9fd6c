"""What the monitor shows while a study runs. Every number equals a recount of the rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from django.db.models import Count, F, Q
from django.utils import timezone

from survey.design.listening import share_played
from survey.models import Fill, Participant, Response, Stimulus, Study, Trial, TrialEvent
from survey.queries.admission import say_reason, screened_out_by
from survey.queries.dropout import PageCount, Standing, count_pages, standing_of
from survey.queries.numbers import Aim, aim_of
from survey.queries.pairs import PairRow, judgements, pair_rows
from survey.queries.stimuli import study_choices
from survey.queries.stopping import Stopping, stopping_of

Outcome = Participant.Outcome
LATEST = 200
"""How many answers, and how many people who finished, the numbers about time and listening are taken from."""
PACE = timedelta(days=1)


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
class Listening:
    """Of the latest answers: how many there are, the share whose listening was measured, and how much was heard.

    `heard` is the median over the measured ones of the share of the clip that was played. `doubtful` told of more
    seconds than had passed. `tests` are the people of the whole study whose sound check or headphone test no script
    saw played.
    """

    answers: int
    measured: float | None
    heard: float | None
    doubtful: int
    tests: int


class LatestAnswer(NamedTuple):
    """How an answer's clip, or both that are compared, were heard, and how many seconds the answer took."""

    measured: bool
    doubtful: bool
    seconds: float
    played: float | None
    length: float | None
    also_played: float | None
    also_length: float | None

    @property
    def share(self) -> float | None:
        """How much of the clip was played, whole at most, of two of the one heard less; None where not measured."""
        clips = ((self.played, self.length), (self.also_played, self.also_length))
        share = share_played(clips, at_most=self.seconds if self.doubtful else None) if self.measured else None
        return None if share is None else min(share, 1.0)


@dataclass(frozen=True, slots=True)
class Attention:
    """Attention trials that were answered, how many of them otherwise than asked for, and by how many people."""

    answered: int
    failed: int
    people: int


@dataclass(frozen=True, slots=True)
class Errors:
    """Sounds that could not be loaded, told by browsers, and how many people met one."""

    events: int
    people: int


@dataclass(frozen=True, slots=True)
class Monitor:
    people: People
    aim: Aim
    pages: list[PageCount]
    fills: list[StimulusFill]
    cells: list[tuple[str, int, int]]
    pairs: list[PairRow]
    answers: int
    median_minutes: float | None
    timed: int
    listening: Listening
    errors: Errors
    excluded: list[tuple[str, int]]
    excluded_people: int
    screened_out: list[tuple[str, int]]
    attention: Attention
    forecast: datetime | None
    stopping: Stopping
    counted_at: datetime

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
    standing = standing_of(study, now)
    counted = _people(study, standing)
    fills = _fills(study)
    minutes = _latest_minutes(people)
    verdicts = list(people.filter(included=False).order_by().values_list("verdict", flat=True))
    aim = aim_of(study)
    out = screened_out_by(study)
    return Monitor(
        people=counted,
        aim=aim,
        pages=count_pages(study, standing, complete=counted.complete, screened_out=dict(out)),
        fills=fills,
        cells=_cells(study, fills),
        pairs=pair_rows(study),
        answers=sum(fill.answers for fill in fills) // study.form.clips,
        median_minutes=median(minutes) if minutes else None,
        timed=len(minutes),
        listening=_listening(study, people),
        errors=_errors(study),
        excluded=Counter(reason.split(":")[0] for verdict in verdicts for reason in verdict).most_common(),
        excluded_people=len(verdicts),
        screened_out=[(say_reason(study, reason), number) for reason, number in out],
        attention=_attention(study),
        forecast=_forecast(study, people, aim, counted.complete, now),
        stopping=stopping_of(study, counted.complete, _fewest_main(fills)),
        counted_at=now,
    )


def _people(study: Study, standing: Standing) -> People:
    # order_by() empties the model's own order, which would otherwise split the groups.
    # Of columns that one index has, here as in `with_numbers`: the rows themselves are not read.
    rows = study.participants.values_list("kind", "outcome").annotate(n=Count("study_id")).order_by()
    outcomes = Counter({outcome: n for kind, outcome, n in rows if kind == Participant.Kind.PERSON})
    active, dropped = standing.active.total(), standing.dropped.total()
    return People(
        started=active + dropped + outcomes[Outcome.COMPLETE] + outcomes[Outcome.SCREENED_OUT],
        active=active,
        dropped=dropped,
        complete=outcomes[Outcome.COMPLETE],
        screened_out=outcomes[Outcome.SCREENED_OUT],
        no_consent=outcomes[Outcome.NO_CONSENT],
        quota_full=outcomes[Outcome.QUOTA_FULL],
        withdrawn=outcomes[Outcome.WITHDRAWN],
        tests=sum(n for kind, _, n in rows if kind != Participant.Kind.PERSON),
    )


def _fills(study: Study) -> list[StimulusFill]:
    answers = dict(
        Fill.objects.filter(stimulus__study=study, kind=Participant.Kind.PERSON).values_list("stimulus", "answers")
    )
    if study.form.compares:  # the counters know of the clip that came first
        for (_, second), times in judgements(study, every_kind=True).items():
            answers[second] = answers.get(second, 0) + times
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


def _fewest_main(fills: list[StimulusFill]) -> int:
    return min((fill.answers for fill in fills if fill.stimulus.role == Stimulus.Role.MAIN), default=0)


def _latest_minutes(people: Any) -> list[float]:
    """Of the latest who finished, from consent to the end."""
    times = people.filter(outcome=Outcome.COMPLETE).order_by("-finished_at", "-pk")
    rows = times.values_list("consented_at", "finished_at")[:LATEST]
    return [(end - start).total_seconds() / 60 for start, end in rows]


def _listening(study: Study, people: Any) -> Listening:
    latest = _latest_answers(study)
    heard = [share for one in latest if (share := one.share) is not None]
    return Listening(
        answers=len(latest),
        measured=sum(one.measured for one in latest) / len(latest) if latest else None,
        heard=median(heard) if heard else None,
        doubtful=sum(one.doubtful for one in latest),
        tests=people.filter(Q(sound_measured=False) | Q(headphones__measured=False)).count(),
    )


def _latest_answers(study: Study) -> list[LatestAnswer]:
    """The last `LATEST` by key, which is the order of storing, latest first."""
    # Choice by choice, as an index has them: sought among the answers of all studies, those of one that nobody answers
    # any more would be the last to be found.
    found: list[tuple[Any, ...]] = []
    for choice in study_choices(study):
        # Of the study is whoever chose: said once more, PostgreSQL would expect few rows and take another way.
        answers = Response.objects.filter(choice=choice, trial__participant__kind=Participant.Kind.PERSON)
        found += answers.order_by("-pk").values_list(
            "pk",
            "listening_measured",
            "listening_doubtful",
            "seconds",
            "played_seconds",
            "trial__stimulus__duration_seconds",
            "second_played_seconds",
            "trial__second__duration_seconds",
        )[:LATEST]
    return [LatestAnswer(*row[1:]) for row in sorted(found, reverse=True)[:LATEST]]


def _attention(study: Study) -> Attention:
    if not study.attention_trials:
        return Attention(0, 0, 0)
    trials = Trial.objects.filter(
        participant__study=study,
        participant__kind=Participant.Kind.PERSON,
        kind=Trial.Kind.ATTENTION,
        response__isnull=False,
    )
    failed = ~Q(response__choice__slug=F("instructed"))
    counted = trials.order_by().aggregate(
        answered=Count("pk"),
        failed=Count("pk", filter=failed),
        people=Count("participant", filter=failed, distinct=True),
    )
    return Attention(**counted)


def _errors(study: Study) -> Errors:
    # From the errors on, which are few, with an index of their own (it has their trials, so these are counted).
    events = TrialEvent.objects.filter(
        kind="error", trial__stimulus__study=study, trial__participant__kind=Participant.Kind.PERSON
    )
    return Errors(
        **events.order_by().aggregate(events=Count("trial_id"), people=Count("trial__participant", distinct=True))
    )


def _forecast(study: Study, people: Any, aim: Aim, complete: int, now: datetime) -> datetime | None:
    """When as many as wanted, or as the quota lets in, will be complete, if people come as in the last day."""
    wanted = min(aim.people, study.quota or aim.people)
    if not study.is_open or aim.said_by == "nobody" or complete >= wanted:
        return None
    # The pace of the last day, or since publication where that is later.
    since = max(study.published_at or now, now - PACE)
    recent = people.filter(outcome=Outcome.COMPLETE, finished_at__gt=since).count()
    if not recent:
        return None
    try:
        return now + (wanted - complete) * ((now - since) / recent)
    except OverflowError:  # later than the calendar goes
        return None
