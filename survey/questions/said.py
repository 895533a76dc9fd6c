"""Whether answers can be stored: what is missing, what cannot be, and what is left of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from survey.questions.kinds import Choice
from survey.questions.question import Question


class NotAnswered(ValueError):
    """An answer that is missing or cannot be; `question` is the one it is about, the message says what to do."""

    def __init__(self, message: str, question: Question) -> None:
        super().__init__(message)
        self.question = question


def check_said(questions: Iterable[Question], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what can be stored of `said`: key → answer, and key with `_own_words` → words beside an option.

    Parameters
    ----------
    questions : iterable of Question
        Those that are asked; what is said to others is left out.
    said : mapping
        Answers by the questions' keys. None and "" are no answers.

    Raises
    ------
    NotAnswered
        For the first question that needs an answer and has none, or has one that cannot be.

    Examples
    --------
    >>> from survey.questions import REGISTER
    >>> check_said([REGISTER["confidence"]], {"confidence": 4, "word": "dark"})
    {'confidence': 4}
    >>> check_said([REGISTER["confidence"]], {"confidence": 6})
    Traceback (most recent call last):
        ...
    survey.questions.said.NotAnswered: Please say how sure you are, from 1 to 5.
    """
    kept: dict[str, Any] = {}
    for question in questions:
        value = said.get(question.key)
        if value in (None, ""):
            if question.required:
                asked = _("Please answer this question: “%(question)s”") % {"question": question.wording}
                raise NotAnswered(str(question.missing or asked), question)
            continue
        if not question.kind.fits(value):
            asked = _("This answer cannot be: “%(question)s”") % {"question": question.wording}
            raise NotAnswered(str(question.wrong or asked), question)
        kept[question.key] = value
        words = str(said.get(own_key(question), "") or "").strip()
        if isinstance(question.kind, Choice) and question.kind.own == value and words:
            kept[own_key(question)] = words
    return kept


def own_key(question: Question) -> str:
    """Return the key of people's own words beside an option."""
    return f"{question.key}_own_words"
