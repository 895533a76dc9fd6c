"""What simulated participants say who are to be let in."""

from __future__ import annotations

from collections.abc import Iterable

from survey.questions import Admission, Choice, Number, Question


def admitted_answers(questions: Iterable[Question]) -> dict[str, str]:
    """The field of each question that decides who is let in, and an answer that does.

    >>> from survey.questions import REGISTER
    >>> admitted_answers([REGISTER["adult"], REGISTER["age_to_enter"]])
    {'q_adult': 'yes', 'q_age_to_enter': '18'}
    """
    return {question.field: _fitting(question) for question in questions}


def _fitting(question: Question) -> str:
    kind, admits = question.kind, question.admits or Admission()
    if isinstance(kind, Choice):
        return next(slug for slug in kind.options if admits.admits(slug))
    assert isinstance(kind, Number)
    limits = [limit for limit in (admits.least, admits.most, kind.least, kind.most) if limit is not None]
    return f"{next(limit for limit in limits if kind.fits(limit) and admits.admits(limit)):g}"
