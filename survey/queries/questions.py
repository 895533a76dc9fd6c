"""What a study asks beside its main question: by its settings, and by questions of its own."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from survey.models import Study, StudyQuestion
from survey.questions import REGISTER, Question, Switch, When


def asked_questions(study: Study) -> tuple[Question, ...]:
    """Every question of `study` beside the main one, in the order of pages."""
    switched = (question for question in REGISTER.values() if question.switch and getattr(study, question.switch.name))
    return (*switched, *further_questions(study))


def asked_at(study: Study, when: When, *, hears_music: bool = True) -> list[Question]:
    """Those asked at one point of a participation; without music some make no sense.

    What decides who is let in is asked earlier, on a page of its own: `screening_of`.
    """
    return [
        question
        for question in asked_questions(study)
        if question.when is when and question.admits is None and (hears_music or not question.needs_music)
    ]


def screening_of(study: Study, *, hears_music: bool = True) -> list[Question]:
    """The questions whose answers decide who is let in, in their order."""
    return [
        question
        for question in further_questions(study)
        if question.admits is not None and (hears_music or not question.needs_music)
    ]


def further_questions(study: Study) -> tuple[Question, ...]:
    """Those whose answers go to the table of answers. Those of a published study are read once per process."""
    if study.is_draft or study.published_at is None:
        return tuple(row.asked() for row in study.questions.all())
    return _frozen_questions(study.pk, study.published_at)


@lru_cache(maxsize=64)
def _frozen_questions(study_id: int, _published_at: datetime) -> tuple[Question, ...]:
    return tuple(row.asked() for row in StudyQuestion.objects.filter(study_id=study_id).select_related("study"))


def grouped(questions: list[Question]) -> list[tuple[Switch | None, list[Question]]]:
    """Questions in their order; those that one setting asks under one heading stand together."""
    groups: list[tuple[Switch | None, list[Question]]] = []
    for question in questions:
        switch = question.switch if question.switch and question.switch.legend else None
        if switch is not None and groups and groups[-1][0] is switch:
            groups[-1][1].append(question)
        else:
            groups.append((switch, [question]))
    return groups
