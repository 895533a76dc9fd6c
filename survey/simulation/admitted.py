"""What simulated participants say who are to be let in."""

from __future__ import annotations

from collections.abc import Iterable

from survey.questions import Admission, Choice, Number, Question
from survey.simulation.truth import TruthRefused


def admitted_answers(questions: Iterable[Question]) -> dict[str, str]:
    """The field of each question that decides who is let in, and an answer that does.

    >>> from survey.questions import REGISTER
    >>> admitted_answers([REGISTER["adult"], REGISTER["age_to_enter"]])
    {'q_adult': 'yes', 'q_age_to_enter': '18'}

    Raises
    ------
    TruthRefused
        If no answer to one of them lets anybody in.
    """
    return {question.field: _fitting(question) for question in questions}


def _fitting(question: Question) -> str:
    kind, admits = question.kind, question.admits or Admission()
    if isinstance(kind, Choice):
        fitting = [slug for slug in kind.options if admits.admits(slug)]
    else:
        assert isinstance(kind, Number)
        least, most = admits.range_in(kind)
        ends = (most, least) if admits.least is None else (least, most)
        fitting = [f"{end:g}" for end in ends if kind.fits(end) and admits.admits(end)]
    if not fitting:
        raise TruthRefused(f"Nobody can be let in by the answer to “{question.key}”: change whom it lets in.")
    return fitting[0]
