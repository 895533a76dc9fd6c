"""Answers to further questions: stored in the table of answers, and what of them is not kept after the retention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from survey.models import Participant, QuestionAnswer, Study, Trial
from survey.queries import asked_questions
from survey.questions import Question
from survey.questions.said import own_key


def storable(study: Study, said: Mapping[str, Any]) -> dict[str, Any]:
    """What of `said` may be stored: after the end of the retention nothing about a person, and no free words."""
    if not study.has_forgotten:
        return dict(said)
    gone = [question for question in asked_questions(study) if question.is_forgotten]
    names = {name for question in gone for name in (question.key, own_key(question))}
    return {key: value for key, value in said.items() if key not in names}


def store_said(
    participant: Participant,
    said: Mapping[str, Any],
    questions: Iterable[Question],
    now: datetime,
    trial: Trial | None = None,
) -> None:
    """Inside an action: the answers to those of `questions` that have a row in the table."""
    rows = [
        QuestionAnswer.of(
            question,
            said[question.key],
            said.get(own_key(question), ""),
            participant=participant,
            trial=trial,
            answered_at=now,
        )
        for question in questions
        if question.in_table and question.key in said
    ]
    if rows:
        QuestionAnswer.objects.bulk_create(rows)
