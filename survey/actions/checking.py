"""Around the answers: what a long pause does, and the questions about the person before and after the clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models.functions import Coalesce
from django.utils import timezone

from survey.actions.acting import on_person
from survey.actions.answering import AnswerRefused
from survey.actions.leaving import screen_out
from survey.actions.saying import storable, store_said
from survey.models import Participant, Trial
from survey.queries import asked_at, hears_music, screening_of
from survey.questions import BACKGROUND, Question, When
from survey.questions.said import NotAnswered, check_said

Outcome = Participant.Outcome


@on_person
def restart_if_idle(*, participant: Participant, now: datetime | None = None) -> bool:
    """After a long pause the block begins again: instructions and sound check, then the first unanswered trial."""
    now = now or timezone.now()
    if participant.outcome != Outcome.ACTIVE or not participant.sound_checked_at:
        return False
    if now - participant.last_seen_at <= participant.study.patience:
        return False
    participant.sound_checked_at = None
    participant.last_seen_at = now
    participant.restarts += 1
    participant.save(update_fields=["sound_checked_at", "last_seen_at", "restarts"])
    # The answer's time counts anew; that the clip could be heard before stays known.
    before = Coalesce("first_shown_at", "shown_at", "assigned_at")
    Trial.objects.filter(participant=participant, answered_at__isnull=True).update(shown_at=None, first_shown_at=before)
    return True


@on_person
def record_screening(*, participant: Participant, answers: Mapping[str, Any]) -> None:
    """Let somebody in by their answers to the questions that decide it, or screen them out; the first answer stands.

    Of whoever is let in the answers are stored like any others. Of whoever is not, only the question that decided is:
    the first on the page, if several did. Raises AnswerRefused where an answer is missing.
    """
    if participant.outcome != Outcome.ACTIVE or participant.screened_at is not None:
        return
    now = timezone.now()
    questions = screening_of(participant.study, hears_music=hears_music(participant))
    said = _check(questions, answers)
    participant.screened_at = participant.last_seen_at = now
    participant.save(update_fields=["screened_at", "last_seen_at"])
    unfit = next((q.key for q in questions if q.admits and not q.admits.admits(said[q.key])), "")
    if unfit:
        screen_out(participant, unfit)
    else:
        store_said(participant, storable(participant.study, said), questions, now)


@on_person
def record_before(*, participant: Participant, answers: Mapping[str, Any]) -> None:
    """Store what was said before the clips, once; raises AnswerRefused where a needed answer is missing."""
    if participant.outcome == Outcome.ACTIVE and participant.asked_before_at is None:
        participant.asked_before_at = timezone.now()
        _store(participant, answers, When.BEFORE, participant.asked_before_at)
        participant.save(update_fields=["asked_before_at"])


@on_person
def record_background(*, participant: Participant, answers: Mapping[str, Any]) -> None:
    """Store what was said after the clips, once; a repeated form changes nothing, and nothing is told of who has left.

    After the end of the retention only that they were asked is stored. Raises AnswerRefused where a needed answer is
    missing.
    """
    if participant.outcome == Outcome.ACTIVE and participant.background_at is None:
        participant.background_at = timezone.now()
        said = _store(participant, answers, When.AFTER, participant.background_at)
        participant.background = {question.key: said[question.key] for question in BACKGROUND if question.key in said}
        participant.save(update_fields=["background", "background_at"])


def _store(participant: Participant, answers: Mapping[str, Any], when: When, now: datetime) -> dict[str, Any]:
    """Check what was said at one point, store what goes to the table of answers, and return all that may be stored."""
    questions = asked_at(participant.study, when, hears_music=hears_music(participant))
    said = storable(participant.study, _check(questions, answers))
    store_said(participant, said, questions, now)
    return said


def _check(questions: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return check_said(questions, answers)
    except NotAnswered as error:
        raise AnswerRefused(str(error), field=error.question.field) from error
