"""The answer to a trial, in one transaction that also gives the next; the same however often it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from melodymuse_site.turns import ActionRefused
from survey.actions.acting import on_trial
from survey.actions.counting import answer_counted
from survey.actions.giving import give_next
from survey.actions.looking import Busy
from survey.actions.saying import storable, store_said
from survey.design.following import HERTZ, read_course
from survey.design.listening import heard_enough, is_doubtful, time_enough
from survey.models import Course, Participant, Response, Study, Trial, TrialEvent
from survey.queries import asked_at, facts_of, hot, study_choices
from survey.questions import RESPONSE_COLUMNS, When
from survey.questions.said import NotAnswered, check_said

MOST_EVENTS = 500
ENDED = _("Your participation has ended, so this answer was not stored.")


class AnswerRefused(ActionRefused):
    """An answer that cannot be stored; the message says what to do. `field` names the part it is about."""

    def __init__(self, message: Any, field: str = "chosen") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True, init=False)
class Answer:
    """What a participant said about one stimulus, and what the browser measured meanwhile.

    What was said to other questions than the main one is given by their keys: `Answer("awe", confidence=4)`.
    `course` is what was rated while the clip played, as the page sends it (`survey.design.following`).
    """

    chosen: str
    said: Mapping[str, Any] = field(default_factory=dict)
    played_seconds: float | None = None
    plays: int | None = None
    second_played_seconds: float | None = None
    second_plays: int | None = None
    hidden_seconds: float | None = None
    first_choice_seconds: float | None = None
    course: str = ""

    def __init__(
        self,
        chosen: str,
        said: Mapping[str, Any] | None = None,
        *,
        played_seconds: float | None = None,
        plays: int | None = None,
        second_played_seconds: float | None = None,
        second_plays: int | None = None,
        hidden_seconds: float | None = None,
        first_choice_seconds: float | None = None,
        course: str = "",
        **more: Any,
    ) -> None:
        values = {
            "chosen": chosen,
            "said": {**(said or {}), **more},
            "played_seconds": played_seconds,
            "plays": plays,
            "second_played_seconds": second_played_seconds,
            "second_plays": second_plays,
            "hidden_seconds": hidden_seconds,
            "first_choice_seconds": first_choice_seconds,
            "course": course,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class Stored:
    """An answered trial, whether another trial follows (None: nobody looked), and which was given with the answer."""

    trial: Trial
    goes_on: bool | None
    given: Trial | None = None


@on_trial
def record_answer(*, study: Study, trial: Trial | None, answer: Answer, now: datetime | None = None) -> Stored:
    """Store the answer to the trial that `token` opens, and give the next one. The first answer stands."""
    now = now or timezone.now()
    if trial is None:
        raise AnswerRefused(_("This page is out of date. Reload it and answer again."), field="trial")
    # Sent twice (a double tap, a page reloaded, a lost reply): the same success, nothing stored again.
    if trial.answered_at is not None:
        return Stored(trial, None)
    elapsed = (now - trial.playable_since).total_seconds()
    heard = _sounds_of(study, trial, answer)
    choice, said = _check_answer(study, trial, answer, heard, elapsed)
    sooner = study.require_listening and not _has_waited(trial, heard, elapsed)
    measured = all(sound.played is not None for sound in heard) if heard else answer.played_seconds is not None
    response = Response(
        trial=trial,
        choice=choice,
        **{question.key: said.get(question.key, question.empty) for question in RESPONSE_COLUMNS},
        answered_at=now,
        seconds=max((now - (trial.shown_at or trial.assigned_at)).total_seconds(), 0.0),
        played_seconds=answer.played_seconds if measured else None,
        plays=answer.plays,
        second_played_seconds=answer.second_played_seconds if measured and trial.second_id else None,
        second_plays=answer.second_plays if trial.second_id else None,
        hidden_seconds=answer.hidden_seconds,
        first_choice_seconds=answer.first_choice_seconds,
        listening_measured=measured,
        listening_doubtful=sooner or is_doubtful(_together(heard, answer), elapsed),
    )
    held = _store(trial, response, _read_course(study, trial, answer), now)
    store_said(trial.participant, said, asked_at(study, When.CLIP), now, trial)
    # The next trial in the same transaction: the reply names it, and the next page has nothing to write.
    try:
        given = give_next(trial.participant, now, preloaded=trial.preload, waits=held)
    except Busy:  # the next page draws it
        return Stored(trial, None)
    return Stored(trial, given is not None, given)


def _read_course(study: Study, trial: Trial, answer: Answer) -> Course | None:
    """What was rated while the clip played; None where nothing was, or where it cannot be: the answer stands."""
    duration = facts_of(study)[trial.stimulus_id].duration_seconds
    found = read_course(answer.course, study.rated_while_playing, duration)
    if found is None:
        return None
    return Course(
        trial=trial,
        dimensions=study.continuous,
        hertz=HERTZ,
        samples=found.samples,
        is_whole=found.is_whole,
        valence=list(found.values.get("valence", ())),
        arousal=list(found.values.get("arousal", ())),
    )


def _store(trial: Trial, response: Response, course: Course | None, now: datetime) -> bool:
    """Write the answer down, and what moves with it; whether no load was moved."""
    held, trial.holds_place, trial.answered_at = trial.holds_place, False, now
    person = trial.participant
    person.last_seen_at = now
    rated = [] if course is None else [hot.insert(course)]
    written = [hot.insert(response), *rated, *hot.mark_answered(trial.pk, person.pk, now)]
    # Counters move in the transaction of the answer: they equal a recount at any time. What is played again counts not.
    if trial.kind not in Trial.AGAIN:
        written.append(answer_counted(trial.stimulus_id, person.kind, response.seconds))
        if trial.asked_emotion:
            written.append(hot.count_named(trial.stimulus_id, person.kind, trial.asked_emotion, 1))
        # Its place is the answer's now; whose place was given back meanwhile takes one more. Loads come last.
        if not held:
            written.append(hot.add_load(trial.stimulus_id, person.kind, 1))
            hot.run(written)
            return False
    hot.run(written)
    return True


class _Sound(NamedTuple):
    """A sound of the trial: how long it is, and the seconds that the browser saw played."""

    duration: float
    played: float | None


def _sounds_of(study: Study, trial: Trial, answer: Answer) -> list[_Sound]:
    """The sounds of the trial in their order; none where a picture is judged alone."""
    told = ((trial.stimulus_id, answer.played_seconds), (trial.second_id, answer.second_played_seconds))
    facts = facts_of(study)
    lengths = [(facts[key].duration_seconds, played) for key, played in told if key is not None]
    return [_Sound(length, played) for length, played in lengths if length is not None]


def _together(heard: Sequence[_Sound], answer: Answer) -> float | None:
    """Seconds played of all sounds, as far as they were measured."""
    known = [sound.played for sound in heard if sound.played is not None]
    return sum(known) if known else answer.played_seconds


def _check_answer(
    study: Study, trial: Trial, answer: Answer, heard: Sequence[_Sound], elapsed: float
) -> tuple[Any, dict[str, Any]]:
    """The chosen StudyChoice, and what else was said. Raises AnswerRefused where something is missing or cannot be."""
    if trial.participant.outcome != Participant.Outcome.ACTIVE:
        raise AnswerRefused(ENDED, field="trial")
    if not answer.chosen:
        raise AnswerRefused(_("Please choose one of the answers."))
    choice = next((choice for choice in study_choices(study) if choice.slug == answer.chosen), None)
    if choice is None:
        raise AnswerRefused(_("Please choose one of the answers on this page."))
    try:
        said = check_said(asked_at(study, When.CLIP, hears_music=bool(heard)), answer.said)
    except NotAnswered as error:
        raise AnswerRefused(str(error), field=error.question.field) from error
    unheard = any(sound.played == 0 for sound in heard)
    if unheard or (study.require_listening and not _can_have_heard(trial, heard, elapsed)):
        both, one = _("Please listen to both clips to the end first."), _("Please listen to the whole clip first.")
        raise AnswerRefused(both if trial.second_id else one, field="listening")
    return choice, storable(study, said)


def _can_have_heard(trial: Trial, heard: Sequence[_Sound], elapsed: float) -> bool:
    """Whether enough was played, as far as measured, and enough time passed where the study refuses by the clock."""
    marks = trial.participant.study.unheard == Study.Unheard.MARK
    return (marks or _has_waited(trial, heard, elapsed)) and all(heard_enough(*sound) for sound in heard)


def _has_waited(trial: Trial, heard: Sequence[_Sound], elapsed: float) -> bool:
    """Whether all sounds can be over by the server's clock, one after the other. Simulated participants do not wait."""
    whole = sum(sound.duration for sound in heard) if heard else None
    return trial.participant.kind == Participant.Kind.BOT or time_enough(whole, elapsed)


@on_trial
def record_events(*, study: Study, trial: Trial | None, events: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Store what the browser tells of a trial; sent again, nothing changes.

    Returns for each event whether it is stored now. One whose number another event has already is not.
    """
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
    # The unique (trial, sequence) decides what is new: a beacon may arrive twice, or together with its own repetition.
    TrialEvent.objects.bulk_create(rows, ignore_conflicts=True)
    rows_of = trial.events.values_list("sequence", "kind", "milliseconds", "detail")
    known = {sequence: (kind, milliseconds, detail) for sequence, kind, milliseconds, detail in rows_of}
    return [
        known.get(event["sequence"]) == (event["kind"], event["milliseconds"], event.get("detail", {}))
        for event in events
    ]
