"""What people answered to the questions beside the main one, counted."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from django.db.models import Count

from survey.analysis.reported import AskedPart, OptionPart
from survey.findings.columns import Choice
from survey.models import Participant, QuestionAnswer, Response, Study, Trial
from survey.queries.questions import asked_questions
from survey.questions import AnswerTable, Number, Question, ResponseColumn, Scale, Slider
from survey.questions import Choice as OneOf
from survey.questions.translated import say_in

BINS = 10


def count_asked(study: Study, choice: Choice) -> list[AskedPart]:
    """Every question that the study asks, with its answers counted: those that `choice` selects."""
    asked = _people(study, choice).count()
    return [_count(study, question, choice, asked) for question in asked_questions(study)]


def _people(study: Study, choice: Choice) -> Any:
    people = Participant.objects.counted(study)
    return people.exclude(included=False) if choice.included_only else people


def _count(study: Study, question: Question, choice: Choice, asked: int) -> AskedPart:
    counts, people = _answers(study, question, choice)
    numbers = question.kind.column == "number"
    return AskedPart(
        key=question.key,
        question=say_in(question.wording, study.language),
        about_clips=not question.about_person,
        options=[OptionPart(label, n) for label, n in _options(question, counts, study.language)],
        answers=counts.total(),
        people=people,
        asked=asked,
        mean=_mean(counts) if counts and numbers else None,
        sd=_spread(counts) if counts.total() > 1 and numbers else None,
    )


def _mean(counts: Counter[Any]) -> float:
    return float(sum(value * n for value, n in counts.items()) / counts.total())


def _spread(counts: Counter[Any]) -> float:
    """The standard deviation, of a sample."""
    mean = _mean(counts)
    return math.sqrt(sum(n * (value - mean) ** 2 for value, n in counts.items()) / (counts.total() - 1))


def _answers(study: Study, question: Question, choice: Choice) -> tuple[Counter[Any], int]:
    """How often each answer was given, and by how many people; about clips, in main trials alone."""
    storage = question.storage
    if isinstance(storage, AnswerTable):
        rows = QuestionAnswer.objects.counted(study).filter(question_id=storage.row)
        rows = rows if question.about_person else _of_trials(rows, choice)
        return _tally(_of_people(rows, "participant__", choice), question.kind.column, "participant", question)
    if isinstance(storage, ResponseColumn):
        rows = _of_people(_of_trials(Response.objects.counted(study), choice), "trial__participant__", choice)
        return _tally(rows, question.key, "trial__participant", question)
    said = [background.get(question.key) for background in _people(study, choice).values_list("background", flat=True)]
    counts = Counter(value for value in said if value)
    return counts, counts.total()


def _tally(rows: Any, column: str, person: str, question: Question) -> tuple[Counter[Any], int]:
    """Counted by the database: there may be a hundred thousand answers."""
    rows = rows.order_by().exclude(
        **({column: question.empty} if question.empty == "" else {f"{column}__isnull": True})
    )
    counts = Counter(dict(rows.values_list(column).annotate(n=Count("pk"))))
    return counts, rows.values(person).distinct().count()


def _of_people(rows: Any, to_participant: str, choice: Choice) -> Any:
    return rows.exclude(**{f"{to_participant}included": False}) if choice.included_only else rows


def _of_trials(rows: Any, choice: Choice) -> Any:
    rows = rows.filter(trial__kind=Trial.Kind.MAIN)
    if choice.cell:
        rows = rows.filter(trial__stimulus__condition__name=choice.cell)
    return rows.filter(trial__stimulus__composer=choice.composer) if choice.composer else rows


def _options(question: Question, counts: Counter[Any], language: str) -> tuple[tuple[str, int], ...]:
    """What can be answered, in its order, and how often it was; free text is in no list: it may tell who wrote it."""
    kind = question.kind
    if isinstance(kind, OneOf):
        return tuple((say_in(label, language), counts[slug]) for slug, label in kind.options.items())
    if isinstance(kind, Scale):
        return tuple((str(step), counts[step]) for step in kind.numbers)
    if isinstance(kind, Slider | Number) and counts:
        return _ranges(kind, counts)
    return ()


def _ranges(kind: Slider | Number, counts: Counter[float]) -> tuple[tuple[str, int], ...]:
    """Equal ranges between the ends of a slider, or between the least and the greatest number given."""
    low, high = (kind.least, kind.most) if isinstance(kind, Slider) else (min(counts), max(counts))
    width = (high - low) / BINS or 1.0
    places: Counter[int] = Counter()
    for value, n in counts.items():
        places[min(int((value - low) / width), BINS - 1)] += n
    last = BINS - 1 if high > low else 0
    return tuple(
        (_range(low + width * at, low + width * (at + 1), closed=at == last), places[at]) for at in range(last + 1)
    )


def _range(low: float, high: float, *, closed: bool) -> str:
    """A range in words; the last one holds its upper end, every other leaves it to the next."""
    return f"{low:g} to {high:g}" if closed else f"{low:g} to under {high:g}"
