"""Every question there is: whatever a module of this folder declares, found by looking into each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from survey.questions.question import BackgroundKey, Question, ResponseColumn, Switch, When
from survey.questions.translated import say_in, site_languages

PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]{0,48}[a-z0-9]")


def find_questions(package: str = "survey.questions") -> dict[str, Question]:
    """Return the questions that the modules of a package declare, by key, in their order on pages.

    Raises
    ------
    ValueError
        When two questions have one key, or a question cannot be asked as it is.

    Examples
    --------
    >>> find_questions()["confidence"].told
    'how sure people are'
    """
    path = import_module(package).__path__
    modules = (import_module(f"{package}.{found.name}") for found in iter_modules(path))
    return collect(value for module in modules for value in vars(module).values() if isinstance(value, Question))


def collect(questions: Iterable[Question]) -> dict[str, Question]:
    """Return questions by key, in their order on pages; ValueError where a key is taken or a question is not whole."""
    found: dict[str, Question] = {}
    for question in questions:
        if found.setdefault(question.key, question) is not question:
            raise ValueError(f"Two questions are called {question.key!r}.")
        if problems := problems_of(question):
            raise ValueError(f"The question {question.key!r}: {' '.join(problems)}")
    return dict(sorted(found.items(), key=lambda item: (item[1].position, item[0])))


def problems_of(question: Question) -> list[str]:
    """Return what a question of the register lacks, in sentences; empty where it is whole.

    Examples
    --------
    >>> from survey.questions import Text, in_words
    >>> half = Question(
    ...     key="Half", wording=in_words(en="Why?"), kind=Text(), when=When.AFTER, told="why", meaning="Reasons."
    ... )
    >>> problems_of(half)[0]
    'Its key may have small letters, digits and underscores alone.'
    """
    problems = []
    if not PLAIN_KEY.fullmatch(question.key):
        problems.append("Its key may have small letters, digits and underscores alone.")
    if not question.told or not question.meaning:
        problems.append("It needs words for the plan (`told`) and the codebook (`meaning`).")
    empty = [language for language in site_languages() if not say_in(question.wording, language).strip()]
    if empty:
        problems.append(f"It has no wording in {', '.join(empty)}.")
    if isinstance(question.storage, ResponseColumn) and question.when is not When.CLIP:
        problems.append("A column of the responses holds answers about clips alone.")
    if isinstance(question.storage, BackgroundKey) and question.when is not When.AFTER:
        problems.append("The background is asked after the clips.")
    if not question.in_table and question.switch is None:
        problems.append("A setting of the study must ask it, or its answers go to the table.")
    return problems


def switches_of(register: Mapping[str, Question]) -> dict[str, Switch]:
    """Return every setting of a study that asks questions, by its field, in the order of the exports' columns."""
    ordered = (*response_columns(register), *register.values())
    return {question.switch.name: question.switch for question in ordered if question.switch is not None}


def response_columns(register: Mapping[str, Question]) -> list[Question]:
    """Return the questions whose answers are columns of the responses, in the order of exports."""
    placed = [(q.storage.place, q) for q in register.values() if isinstance(q.storage, ResponseColumn)]
    return [question for _, question in sorted(placed, key=lambda one: one[0])]


def background_keys(register: Mapping[str, Question]) -> list[Question]:
    """Return the questions whose answers are keys of the background."""
    return [question for question in register.values() if isinstance(question.storage, BackgroundKey)]
