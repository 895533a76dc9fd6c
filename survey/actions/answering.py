"""The answer to a trial, in one transaction that also gives the next; the same however often it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from melodymuse_site.turns import ActionRefused
from survey.actions.acting import on_study
from survey.actions.counting import count_answer, count_named
from survey.actions.giving import give_next
from survey.design.listening import heard_enough, is_doubtful, time_enough
from survey.models import Participant, Response, Study, Trial, TrialEvent
from survey.queries import lock_trial, stimulus_facts, study_choices

LONGEST_WORD = 60
MOST_EVENTS = 500
ENDED = _("Your participation has ended, so this answer was not stored.")


class AnswerRefused(ActionRefused):
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


@dataclass(frozen=True, slots=True)
class Stored:
    """An answered trial, and whether another trial follows (None: nobody looked)."""

    trial: Trial
    goes_on: bool | None


@on_study
def record_answer(*, study: Study, token: str, answer: Answer, now: datetime | None = None) -> Stored:
    """Store the answer to the trial that `token` opens, and give the next one. The first answer stands."""
    now = now or timezone.now()
    trial = lock_trial(study, token)
    if trial is None:
        raise AnswerRefused(_("This page is out of date. Reload it and answer again."), field="trial")
    if trial.answered_at is not None:
        return Stored(trial, None)
    elapsed = (now - trial.playable_since).total_seconds()
    duration = next(facts.duration_seconds for facts in stimulus_facts(study) if facts.pk == trial.stimulus_id)
    choice = _check_answer(study, trial, answer, duration, elapsed)
    sooner = study.require_listening and not _has_waited(trial, duration, elapsed)
    response = Response.objects.create(
        trial=trial,
        choice=choice,
        confidence=answer.confidence,
        valence=answer.valence,
        arousal=answer.arousal,
        word="" if study.has_forgotten else answer.word[:LONGEST_WORD],
        answered_at=now,
        seconds=max((now - (trial.shown_at or trial.assigned_at)).total_seconds(), 0.0),
        played_seconds=answer.played_seconds,
        plays=answer.plays,
        hidden_seconds=answer.hidden_seconds,
        first_choice_seconds=answer.first_choice_seconds,
        listening_measured=answer.played_seconds is not None,
        listening_doubtful=sooner or is_doubtful(answer.played_seconds, elapsed),
    )
    trial.answered_at = now
    trial.save(update_fields=["answered_at"])
    Participant.objects.filter(pk=trial.participant_id).update(last_seen_at=now)
    if trial.kind != Trial.Kind.REPEAT:
        count_answer(trial.stimulus_id, trial.participant.kind, answers=1, seconds=response.seconds)
        if trial.asked_emotion:
            count_named(trial.stimulus_id, trial.participant.kind, trial.asked_emotion, 1)
    return Stored(trial, give_next(trial.participant, now, preloaded=trial.preload) is not None)


def _check_answer(study: Study, trial: Trial, answer: Answer, duration: float | None, elapsed: float) -> Any:
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
    unheard = duration is not None and answer.played_seconds == 0
    if unheard or (study.require_listening and not _can_have_heard(trial, duration, answer, elapsed)):
        raise AnswerRefused(_("Please listen to the whole clip first."), field="listening")
    return choice


def _can_have_heard(trial: Trial, duration: float | None, answer: Answer, elapsed: float) -> bool:
    """Whether enough was played, as far as measured, and enough time passed where the study refuses by the clock."""
    marks = trial.participant.study.unheard == Study.Unheard.MARK
    return (marks or _has_waited(trial, duration, elapsed)) and heard_enough(duration, answer.played_seconds)


def _has_waited(trial: Trial, duration: float | None, elapsed: float) -> bool:
    """Whether the clip can be over by the server's clock. Simulated participants do not wait."""
    return trial.participant.kind == Participant.Kind.BOT or time_enough(duration, elapsed)


@on_study
def record_events(*, study: Study, token: str, events: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Store what the browser tells of a trial; sent again, nothing changes.

    Returns for each event whether it is stored now. One whose number another event has already is not.
    """
    trial = lock_trial(study, token)
    if trial is None:
        raise AnswerRefused(_("This trial is not known."), field="trial")
    told = [
        (event["sequence"], event["kind"], event["milliseconds"], event.get("detail", {}))
        for event in events
        if event["sequence"] < MOST_EVENTS
    ]
    rows = [
        TrialEvent(trial=trial, sequence=sequence, kind=kind, milliseconds=milliseconds, detail=detail)
        for sequence, kind, milliseconds, detail in told
    ]
    TrialEvent.objects.bulk_create(rows, ignore_conflicts=True)
    known = {row[0]: row for row in trial.events.values_list("sequence", "kind", "milliseconds", "detail")}
    return [
        known.get(event["sequence"])
        == (event["sequence"], event["kind"], event["milliseconds"], event.get("detail", {}))
        for event in events
    ]
