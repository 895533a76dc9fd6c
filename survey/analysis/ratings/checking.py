"""What makes a table impossible to analyse: every problem with its line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from survey.analysis.estimates import Codes
from survey.analysis.ratings.choices import Offered
from survey.analysis.ratings.container import Factor
from survey.analysis.ratings.problems import Problem, cut, quote

Texts = list[str]


def check_columns(
    texts: Mapping[str, Texts], lines: Sequence[int], missing: Mapping[str, Collection[str]]
) -> list[Problem]:
    """Return a problem for every identifier that is empty or means missing."""
    problems = []
    for name, words in missing.items():
        for line, text in zip(lines, texts[name], strict=True):
            if not text:
                problems.append(Problem(line, f"{name} is empty."))
            elif text in words:
                means = f"{name} is {quote(text)}, which means missing"
                message = f"{means}; if it is a name, say with --missing what is missing."
                problems.append(Problem(line, message))
    return problems


def find_unknown(
    texts: Mapping[str, Texts], intended: Codes, chosen: Codes, lines: Codes, offered: Offered
) -> list[Problem]:
    """Return a problem for every intention and answer that is not among the choices."""
    return [
        Problem(int(lines[place]), _say_unknown(column, texts[column][place], names, offered.none))
        for column, codes, names in (("intended", intended, offered.emotions), ("chosen", chosen, offered.choices))
        for place in np.flatnonzero(codes == -2)
    ]


def _say_unknown(column: str, text: str, names: Sequence[str], none: str | None) -> str:
    if text == none:
        return f'{column} {quote(text)} is the label of "none of these"; a clip needs an intended emotion.'
    message = f"{column} {quote(text)} is not one of the choices ({', '.join(map(cut, names))})"
    alike = next((name for name in names if name.casefold() == text.casefold()), None)
    if alike:
        return f"{message}; did you mean {quote(alike)}?"
    if column == "chosen" and none is None:
        return f'{message}; if it means "none of these", add --none {text}.'
    if column == "intended":
        return f"{message}; if such clips carry no emotion that people could choose, add --neutral {text}."
    return f"{message}."


def find_twice(
    participant: Codes, stimulus: Codes, factors: Mapping[str, Factor], texts: Mapping[str, Texts], lines: Codes
) -> list[Problem]:
    """Return a problem where the same person, clip, cell and kind of trial come twice."""
    if participant.size == 0:
        return []
    key = participant * (int(stimulus.max()) + 1) + stimulus
    for name in ("condition", "kind"):
        key = key * len(factors[name].levels) + factors[name].codes
    _, first, places = np.unique(key, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[places] != np.arange(key.size))
    return [
        Problem(
            int(lines[place]),
            f"{quote(texts['participant'][place])} answered {quote(texts['stimulus'][place])} already on line"
            f" {int(lines[first[places[place]]])}; keep one of the two rows, or tell the cells apart in a"
            " condition column.",
        )
        for place in again
        if texts["participant"][place] and texts["stimulus"][place]
    ]


def find_two_intentions(
    stimulus: Codes, apart: Sequence[Factor], intended: Codes, texts: Mapping[str, Texts], lines: Codes
) -> list[Problem]:
    """Return a problem where one clip has two intentions within its cell, or one here and none there.

    `apart` are the factors within whose levels a clip has one intention: its cell, and the emotion asked about.
    """
    if stimulus.size == 0:
        return []
    item = stimulus
    for factor in apart:
        item = item * len(factor.levels) + factor.codes
    named = np.flatnonzero(intended >= 0)
    first = np.full(int(item.max()) + 1, -1, np.int64)
    first[item[named[::-1]]] = named[::-1]
    origin = first[item]
    odd = np.flatnonzero((origin >= 0) & (intended != intended[origin]) & (intended >= -1))
    problems = []
    for place in odd:
        name, other = texts["stimulus"][place], texts["intended"][origin[place]]
        line = int(lines[origin[place]])
        here = texts["intended"][place]
        if not name:
            continue
        message = (
            f"{quote(name)} is intended as {quote(here)} here and as {quote(other)} on line {line};"
            " one clip has one intended emotion."
            if here
            else f"intended is empty; line {line} says {quote(other)} for {quote(name)}."
        )
        problems.append(Problem(int(lines[place]), message))
    return problems
