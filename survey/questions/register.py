"""Every question there is: whatever a module of this folder declares, found by looking into each."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from survey.questions.checking import problems_of
from survey.questions.question import BackgroundKey, Question, ResponseColumn, Switch


def find_questions(package: str = "survey.questions") -> dict[str, Question]:
    """Return the questions that the modules of a package declare, by key, in their order on pages.

    Raises
    ------
    ValueError
        When two questions have one key, or a question cannot be asked as it is; it names the modules.

    Examples
    --------
    >>> find_questions()["confidence"].told
    'how sure people are'
    """
    path = import_module(package).__path__
    found: dict[str, tuple[str, Question]] = {}
    for module in (import_module(f"{package}.{name.name}") for name in iter_modules(path)):
        for question in (value for value in vars(module).values() if isinstance(value, Question)):
            if problems := problems_of(question):
                raise ValueError(f"The question {question.key!r} in {module.__name__}: {' '.join(problems)}")
            where, known = found.setdefault(question.key, (module.__name__, question))
            if known is not question:
                raise ValueError(f"Two questions are called {question.key!r}: in {where} and {module.__name__}.")
    return dict(sorted(((key, one) for key, (_, one) in found.items()), key=lambda item: (item[1].position, item[0])))


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
