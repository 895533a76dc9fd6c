"""Yes and no in many words: whether somebody is included must never be guessed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survey.analysis.estimates import Codes, Truths
from survey.analysis.ratings.codes import number_of
from survey.analysis.ratings.problems import Problem, quote, say_lines
from survey.analysis.ratings.texts import clean, fold

SHOWN = 6
YES = frozenset(
    fold(word)
    for word in (
        *("true", "t", "yes", "y", "included", "include", "keep", "in"),
        *("wahr", "ja", "j", "w", "eingeschlossen"),
        *("vrai", "oui", "o", "inclus", "inclure"),
        *("verdadero", "sí", "s", "v", "incluido", "verdadeiro", "sim", "vero"),
        *("doğru", "evet", "e", "dahil", "ja", "sann", "sant", "sand", "tak", "waar"),
    )
)
NO = frozenset(
    fold(word)
    for word in (
        *("false", "f", "no", "n", "excluded", "exclude", "drop", "out"),
        *("falsch", "nein", "ausgeschlossen"),
        *("faux", "non", "exclu", "exclure"),
        *("falso", "excluido", "não"),
        *("yanlış", "hayır", "h", "hariç", "nej", "nei", "falsk", "falskt", "nie", "nee", "onwaar"),
    )
)


def truth_of(value: object) -> bool | None:
    """Return what a word says, None where it says neither yes nor no.

    >>> [truth_of(value) for value in ("FALSCH", "hayır", "0.0", "1", "Oui", True, "maybe", "2", "")]
    [False, False, False, True, True, True, None, None, None]
    """
    text = "" if value is None else clean(str(value))
    number = number_of(text)
    if number is not None:
        return {0: False, 1: True}.get(int(number)) if number == int(number) else None
    word = fold(text).rstrip(".!").removeprefix("=").removesuffix("()")
    return True if word in YES else False if word in NO else None


def one_truth_each(
    truths: Truths, people: Codes, names: Sequence[str], lines: Sequence[int]
) -> tuple[Truths, list[str]]:
    """Return one truth per person: whoever is included in some rows only is not included, and that is said.

    Examples
    --------
    >>> truths, notes = one_truth_each(np.array([True, False, True]), np.array([0, 0, 1]), ["P1", "P2"], [2, 3, 4])
    >>> truths.tolist(), notes[0][:66]
    ([False, False, True], "included is both yes and no for 'P1' (line 3 says no): a person is")
    """
    no = np.bincount(people, weights=~truths, minlength=len(names)) > 0
    both = np.flatnonzero(no & (np.bincount(people, weights=truths, minlength=len(names)) > 0))
    if not both.size:
        return truths, []
    where = [lines[place] for place in np.flatnonzero(~truths & np.isin(people, both)).tolist()]
    listed = ", ".join(repr(names[person]) for person in both[:SHOWN].tolist())
    more = f" and {both.size - SHOWN} more people" if both.size > SHOWN else ""
    says = "says" if len(where) == 1 else "say"
    note = (
        f"included is both yes and no for {listed}{more} ({say_lines(where)} {says} no): a person is included or not,"
        " so all their answers count as not included."
    )
    return truths & ~np.isin(people, both), [note]


def read_truths(values: Sequence[object] | None, lines: Sequence[int], column: str) -> tuple[Truths, list[Problem]]:
    """Return a column of yes and no, and a problem for every cell that says neither.

    >>> truths, problems = read_truths(["ja", "nein", "maybe"], [2, 3, 4], "included")
    >>> truths.tolist()[:2], str(problems[0])
    ([True, False], "line 4: included is 'maybe', which is neither yes nor no; write true or false.")
    """
    if values is None:
        return np.ones(len(lines), bool), []
    known: dict[str, bool | None] = {}
    truths = np.ones(len(lines), bool)
    problems = []
    for place, value in enumerate(values):
        text = "" if value is None else str(value)
        if text not in known:
            known[text] = truth_of(text)
        truth = known[text]
        truths[place] = bool(truth)
        if truth is None:
            said = f"is {quote(clean(text))}, which is neither yes nor no" if clean(text) else "is empty"
            problems.append(Problem(lines[place], f"{column} {said}; write true or false."))
    return truths, problems
