"""Who was not let in, and why: for researchers alone."""

from __future__ import annotations

from collections import Counter

from survey.models import Participant, Study
from survey.models.participation import HEADPHONE_TEST
from survey.queries.questions import further_questions


def screened_out_by(study: Study, kind: str = Participant.Kind.PERSON) -> list[tuple[str, int]]:
    """(reason, number) of everybody of one kind who was screened out, the most frequent reason first."""
    people = Participant.objects.filter(study=study, kind=kind, outcome=Participant.Outcome.SCREENED_OUT)
    return Counter(people.order_by().values_list("screened_by", flat=True)).most_common()


def say_reason(study: Study, reason: str) -> str:
    """What a reason is called on pages and in reports: by what the question asks, or the headphone test."""
    if reason == HEADPHONE_TEST:
        return "headphone test not passed"
    asked = {question.key: question.told for question in further_questions(study)}
    return asked.get(reason, reason) or "not known"
