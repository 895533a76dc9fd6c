"""What people answered to the questions beside the main one, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any

from survey.figures.distribution import Distribution
from survey.findings.reading import Choice
from survey.models import Participant, QuestionAnswer, Response, Study, Trial
from survey.queries import asked_questions
from survey.questions import AnswerTable, Number, Question, ResponseColumn, Scale, Slider
from survey.questions import Choice as OneOf
from survey.questions.translated import say_in

PREFIX = "question-"
"""Begins the names of these figures."""
BINS = 10


def distributions_of(study: Study, choice: Choice | None = None) -> list[Distribution]:
    """Every question that the study asks, with its answers counted: those that `choice` selects."""
    choice = choice or Choice()
    asked = _people(study, choice).count()
    return [_count(study, question, choice, asked) for question in asked_questions(study)]


def distribution_of(study: Study, name: str, choice: Choice | None = None) -> Distribution | None:
    """The one whose figure has this name; None where the study does not ask the question."""
    return next((found for found in distributions_of(study, choice) if found.name == name), None)


def _people(study: Study, choice: Choice) -> Any:
    people = Participant.objects.counted(study)
    return people.exclude(included=False) if choice.included_only else people


def _count(study: Study, question: Question, choice: Choice, asked: int) -> Distribution:
    given = _answers(study, question, choice)
    values = [value for _, value in given]
    numbers = question.kind.column == "number"
    return Distribution(
        name=f"{PREFIX}{question.key}",
        title=f"“{say_in(question.wording, study.language)}”",
        bins=_bins(question, values, study.language),
        answers=len(values),
        people=len({person for person, _ in given}),
        asked=asked,
        mean=mean(values) if values and numbers else None,
        sd=stdev(values) if len(values) > 1 and numbers else None,
        about_clips=not question.about_person,
    )


def _answers(study: Study, question: Question, choice: Choice) -> list[tuple[int, Any]]:
    """(person, answer) of those who answered; about clips, main trials alone."""
    storage = question.storage
    if isinstance(storage, AnswerTable):
        rows = QuestionAnswer.objects.counted(study).filter(question_id=storage.row)
        rows = rows if question.about_person else _of_trials(rows, choice)
        found = _of_people(rows, "participant__", choice).values_list("participant_id", question.kind.column)
    elif isinstance(storage, ResponseColumn):
        answers = _of_people(_of_trials(Response.objects.counted(study), choice), "trial__participant__", choice)
        found = answers.values_list("trial__participant_id", question.key)
    else:
        people = _people(study, choice).values_list("pk", "background")
        found = [(pk, background.get(question.key)) for pk, background in people]
    return [(person, value) for person, value in found if value not in (None, "")]


def _of_people(rows: Any, to_participant: str, choice: Choice) -> Any:
    return rows.exclude(**{f"{to_participant}included": False}) if choice.included_only else rows


def _of_trials(rows: Any, choice: Choice) -> Any:
    rows = rows.filter(trial__kind=Trial.Kind.MAIN)
    if choice.cell:
        rows = rows.filter(trial__stimulus__condition__name=choice.cell)
    return rows.filter(trial__stimulus__composer=choice.composer) if choice.composer else rows


def _bins(question: Question, values: Sequence[Any], language: str) -> tuple[tuple[str, int], ...]:
    """What can be answered, in its order, and how often it was; free text is in no list: it may tell who wrote it."""
    kind, counts = question.kind, Counter(values)
    if isinstance(kind, OneOf):
        return tuple((say_in(label, language), counts[slug]) for slug, label in kind.options.items())
    if isinstance(kind, Scale):
        return tuple((str(step), counts[step]) for step in kind.numbers)
    if isinstance(kind, Slider | Number) and values:
        return _ranges(question, values)
    return ()


def _ranges(question: Question, values: Sequence[float]) -> tuple[tuple[str, int], ...]:
    """Equal ranges between the ends of a slider, or between the least and the greatest number given."""
    kind = question.kind
    low, high = (kind.least, kind.most) if isinstance(kind, Slider) else (min(values), max(values))
    width = (high - low) / BINS or 1.0
    places = Counter(min(int((value - low) / width), BINS - 1) for value in values)
    last = max(places) if high == low else BINS - 1
    return tuple((f"{low + width * at:g} to {low + width * (at + 1):g}", places[at]) for at in range(last + 1))
