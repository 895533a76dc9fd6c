"""The next trial, and the answer to it: each in one transaction, each the same however often it is asked."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from survey.actions.turns import in_turn
from survey.design.assignment import Candidate, draw_repeat, order_by_fill
from survey.models import Fill, Participant, Response, Study, Trial, TrialEvent
from survey.queries import StimulusFacts, stimulus_facts, stimulus_loads, study_choices

REPEAT_DISTANCE = 3
LONGEST_WORD = 60
MOST_EVENTS = 500
NEEDED_OF_TRIALS = ("stimulus_id", "clip_key", "kind", "answered_at", "position", "ahead")
LOADED_AHEAD = 2
LONG_PAUSE = 300.0
ENDED = _("Your participation has ended, so this answer was not stored.")
SHOWN_AT_ONCE = timedelta(seconds=2)
_random = random.SystemRandom()


class AnswerRefused(ValueError):
    """An answer that cannot be stored; the message says what to do. `field` names the part it is about."""

    def __init__(self, message: Any, field: str = "chosen") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Answer:
    """What a participant said about one stimulus, and what the browser measured meanwhile."""

    chosen: str
    confidence: int | None = None
    valence: float | None = None
    arousal: float | None = None
    word: str = ""
    played_seconds: float | None = None
    plays: int | None = None
    hidden_seconds: float | None = None
    first_choice_seconds: float | None = None


def give_trial(*, participant: Participant, now: datetime | None = None) -> Trial | None:
    """The participant's open trial, else a new one; None when the plan is done.

    Usually the trial was given with the answer before it, and there is nothing to write.
    """
    now = now or timezone.now()
    trial = Trial.objects.filter(participant=participant, answered_at__isnull=True).first()
    if trial and trial.lease_expires_at > now:
        return trial
    return _give_in_turn(participant, now)


@in_turn
def _give_in_turn(participant: Participant, now: datetime) -> Trial | None:
    lock_study(participant.study)
    return _open_or_next(participant, now)


def lock_study(study: Study) -> None:
    """One after the other from here to the end of the transaction: choices must see each other.

    Always the first lock that is taken, so that two transactions never wait for each other.
    """
    if connection.features.has_select_for_update:  # on SQLite every writing transaction is alone already
        Study.objects.select_for_update(no_key=True).only("pk").get(pk=study.pk)


def _open_or_next(participant: Participant, now: datetime) -> Trial | None:
    """The least filled stimulus (answers + live leases per weight), random among ties, becomes the next trial."""
    study = participant.study
    trials = list(Trial.objects.filter(participant=participant).order_by("position").only(*NEEDED_OF_TRIALS))
    lease = now + timedelta(minutes=study.lease_minutes)
    if trials and trials[-1].answered_at is None:
        Trial.objects.filter(pk=trials[-1].pk).update(lease_expires_at=lease)
        return trials[-1]
    drawn = _draw(participant, trials, now)
    if drawn is None:
        return None
    return Trial.objects.create(
        participant=participant,
        stimulus_id=drawn.facts.pk,
        position=len(trials) + 1,
        kind=drawn.kind,
        clip_key=drawn.facts.clip_key,
        asked_emotion=drawn.facts.emotion if study.mode == Study.Mode.YES_NO else "",
        option_order=participant.option_order,
        ahead=drawn.ahead,
        assigned_at=now,
        lease_expires_at=lease,
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """The next trial, and the sound files that will probably come after it."""

    kind: str
    facts: StimulusFacts
    ahead: list[str]


def _draw(participant: Participant, trials: Sequence[Trial], now: datetime) -> Drawn | None:
    """The kind and stimulus of the next trial. A planned trial that nothing fits is left out of the plan."""
    while len(trials) < len(participant.plan):
        kind = participant.plan[len(trials)]
        drawn = _draw_repeat(participant, trials) if kind == Trial.Kind.REPEAT else _draw_new(participant, trials, now)
        if drawn is not None:
            return drawn
        participant.plan = [*participant.plan[: len(trials)], *participant.plan[len(trials) + 1 :]]
        participant.save(update_fields=["plan"])
    return None


def _draw_repeat(participant: Participant, trials: Sequence[Trial]) -> Drawn | None:
    main = [trial.stimulus_id for trial in trials if trial.kind == Trial.Kind.MAIN]
    repeated = {trial.stimulus_id for trial in trials if trial.kind == Trial.Kind.REPEAT}
    key = draw_repeat(main, repeated, REPEAT_DISTANCE, _random)
    found = next((facts for facts in stimulus_facts(participant.study) if facts.pk == key), None)
    return found and Drawn(Trial.Kind.REPEAT, found, trials[-1].ahead)


def _draw_new(participant: Participant, trials: Sequence[Trial], now: datetime) -> Drawn | None:
    """The least filled stimulus of the planned kind that this person has not met, and two that may follow it."""
    kind = participant.plan[len(trials)]
    fitting = {facts.pk: facts for facts in _not_met(participant, kind, trials)}
    told = trials[-1].ahead if trials else []
    loads, answers = stimulus_loads(participant.study, kind=participant.kind, now=now)
    candidates = [
        Candidate(pk, loads.get(pk, 0), answers.get(pk, 0), facts.weight, facts.emotion, facts.condition_id)
        for pk, facts in fitting.items()
    ]
    preferred = {pk for pk, facts in fitting.items() if facts.audio in told}
    # A sound may come in two cells: a few more than needed, so that two other sounds are among them.
    order = order_by_fill(candidates, random.Random(_random.getrandbits(64)), 2 * LOADED_AHEAD + 1, preferred)
    if not order:
        return None
    drawn, *later = (fitting[candidate.key] for candidate in order)
    ahead = dict.fromkeys(facts.audio for facts in later if facts.has_audio and facts.audio != drawn.audio)
    return Drawn(kind, drawn, list(ahead)[:LOADED_AHEAD])


def _not_met(participant: Participant, kind: str, trials: Sequence[Trial]) -> list[StimulusFacts]:
    """The stimuli of `kind` that may come next: no clip twice, no picture alone that was seen with music."""
    every = stimulus_facts(participant.study)
    met = {trial.clip_key for trial in trials}
    given = {trial.stimulus_id for trial in trials}
    seen = {facts.picture_sha256 for facts in every if facts.pk in given}
    cell = participant.condition_id if kind == Trial.Kind.MAIN else None
    return [
        facts
        for facts in every
        if facts.role == kind
        and facts.clip_key not in met
        and (facts.has_audio or facts.picture_sha256 not in seen)
        and cell in (None, facts.condition_id)
    ]


def show_trial(*, trial: Trial, now: datetime | None = None) -> None:
    """Remember when the trial was first on a screen; the answer's time counts from there.

    A page that is shown right after its trial was given needs no writing: the time is the same.
    """
    now = now or timezone.now()
    if trial.shown_at is None and now - trial.assigned_at > SHOWN_AT_ONCE:
        trial.shown_at = now
        _note_showing(trial.pk, now)


@in_turn
def _note_showing(trial_id: int, now: datetime) -> None:
    Trial.objects.filter(pk=trial_id, shown_at__isnull=True).update(shown_at=now)


@dataclass(frozen=True, slots=True)
class Stored:
    """An answered trial, and whether another trial follows (None: nobody looked)."""

    trial: Trial
    goes_on: bool | None


@in_turn
def record_answer(*, study: Study, token: str, answer: Answer, now: datetime | None = None) -> Stored:
    """Store the answer to the trial that `token` opens, and give the next one. The first answer stands."""
    now = now or timezone.now()
    lock_study(study)
    trials = Trial.objects.select_for_update(of=("self",)).select_related("participant")
    trial = trials.filter(token=token, participant__study=study).first()
    if trial is None:
        raise AnswerRefused(_("This page is out of date. Reload it and answer again."), field="trial")
    if trial.answered_at is not None:
        return Stored(trial, None)
    choice = _check_answer(study, trial, answer)
    response = Response.objects.create(
        trial=trial,
        choice=choice,
        confidence=answer.confidence,
        valence=answer.valence,
        arousal=answer.arousal,
        word=answer.word[:LONGEST_WORD],
        answered_at=now,
        seconds=max((now - (trial.shown_at or trial.assigned_at)).total_seconds(), 0.0),
        played_seconds=answer.played_seconds,
        plays=answer.plays,
        hidden_seconds=answer.hidden_seconds,
        first_choice_seconds=answer.first_choice_seconds,
        listening_measured=answer.played_seconds is not None,
    )
    trial.answered_at = now
    trial.save(update_fields=["answered_at"])
    Participant.objects.filter(pk=trial.participant_id).update(last_seen_at=now)
    if trial.kind != Trial.Kind.REPEAT:
        count_answer(trial.stimulus_id, trial.participant.kind, answers=1, seconds=response.seconds)
    trial.participant.study = study
    return Stored(trial, _open_or_next(trial.participant, now) is not None)


def count_answer(stimulus_id: int, kind: str, *, answers: int, seconds: float) -> None:
    """Move the stimulus' counter; inside the transaction that stores or removes the answer."""
    moved = {"answers": F("answers") + answers, "seconds": F("seconds") + min(seconds, LONG_PAUSE) * answers}
    fills = Fill.objects.filter(stimulus_id=stimulus_id, kind=kind)
    if not fills.update(**moved):
        Fill.objects.get_or_create(stimulus_id=stimulus_id, kind=kind)
        fills.update(**moved)


def _check_answer(study: Study, trial: Trial, answer: Answer) -> Any:
    """The chosen StudyChoice. Raises AnswerRefused where something is missing or cannot be."""
    if trial.participant.outcome != Participant.Outcome.ACTIVE:
        raise AnswerRefused(ENDED, field="trial")
    if not answer.chosen:
        raise AnswerRefused(_("Please choose one of the answers."))
    choice = next((choice for choice in study_choices(study) if choice.slug == answer.chosen), None)
    if choice is None:
        raise AnswerRefused(_("Please choose one of the answers on this page."))
    if study.ask_confidence and answer.confidence is None:
        raise AnswerRefused(_("Please say how sure you are."), field="confidence")
    if answer.confidence is not None and not 1 <= answer.confidence <= 5:
        raise AnswerRefused(_("Please say how sure you are, from 1 to 5."), field="confidence")
    duration = next(facts.duration_seconds for facts in stimulus_facts(study) if facts.pk == trial.stimulus_id)
    if study.require_listening and not heard_enough(duration, answer.played_seconds):
        raise AnswerRefused(_("Please listen to the whole clip first."), field="listening")
    return choice


def heard_enough(duration: float | None, played: float | None) -> bool:
    """Whether the played time covers the clip. Not measured counts as enough, and is marked."""
    if duration is None or played is None:
        return True
    return played >= min(0.95 * duration, duration - 0.5)


@in_turn
def record_events(*, study: Study, token: str, events: Sequence[Mapping[str, Any]]) -> int:
    """Store what the browser tells of a trial; sent again, nothing changes. Returns how many were new."""
    trial = Trial.objects.filter(token=token, participant__study=study).first()
    if trial is None:
        raise AnswerRefused(_("This trial is not known."), field="trial")
    known = trial.events.count()
    rows = [
        TrialEvent(
            trial=trial,
            sequence=event["sequence"],
            kind=event["kind"],
            milliseconds=event["milliseconds"],
            detail=event.get("detail", {}),
        )
        for event in events
        if event["sequence"] < MOST_EVENTS
    ]
    TrialEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return trial.events.count() - known
