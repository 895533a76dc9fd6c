"""Numbers that cannot be meant: no seconds at all, half places, scales from 0, thousands beside decimals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from survey.analysis.estimates import Floats, Truths
from survey.analysis.ratings.doubts import SHOWN
from survey.analysis.ratings.problems import quote, say_lines
from survey.analysis.ratings.texts import clean

LARGEST = 1e12
"""Nothing that people rate or take is larger; sums and squares of larger numbers may leave what a number can hold."""
LONG, LONG_IN_GENERAL = 3600, 300
"""Seconds: one answer that takes an hour, or half of them five minutes, may be milliseconds."""
ENOUGH = 8
"""So many ratings of one side of 0 and none of the other are no coincidence: 2⁻⁸ is .004."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+", re.ASCII)


def leave_out_impossible(
    name: str, column: Sequence[Any], values: Floats, lines: Sequence[int]
) -> tuple[Floats, list[str]]:
    """Return a column of numbers with NaN for those that cannot be meant, and what is to be said of them.

    Parameters
    ----------
    name : str
        Of the column, such as ``"seconds"``.
    column : sequence
        Its cells as they were written, length N.
    values : array of float, shape (N,)
    lines : sequence of int

    Examples
    --------
    >>> values, notes = leave_out_impossible("seconds", ["3", "0"], np.array([3.0, 0.0]), [2, 3])
    >>> values.tolist(), notes
    ([3.0, nan], ["The seconds '0' (line 3): no answer takes no time, or less; left out."])
    """
    reasons: list[tuple[Truths, str]] = [
        (np.abs(values) > LARGEST, "beyond what can be meant"),
        (_read_two_ways(column), "a thousand, or a number with decimals? The column has points and commas"),
    ]
    if name == "seconds":
        reasons.append((values <= 0, "no answer takes no time, or less"))
    if name == "position":
        reasons.append(((values < 0) | (values != np.floor(values)), "a place is a whole number"))
    notes = []
    for impossible, why in reasons:
        found = np.flatnonzero(impossible & ~np.isnan(values))
        if found.size:
            notes.append(f"The {name} {_some(column, found.tolist(), lines)}: {why}; left out.")
            values = np.where(impossible, np.nan, values)
    return values, notes


def _read_two_ways(column: Sequence[Any]) -> Truths:
    """Where a cell may be read in two ways, since the column has decimal points and decimal commas."""
    texts = [value if isinstance(value, str) else "" for value in column]
    if not (any("," in text for text in texts) and any("." in text for text in texts)):
        return np.zeros(len(texts), bool)
    return np.fromiter((_GROUPED.fullmatch(clean(text)) is not None for text in texts), bool, len(texts))


def _some(column: Sequence[Any], places: Sequence[int], lines: Sequence[int]) -> str:
    where: dict[str, list[int]] = {}
    for place in places:
        where.setdefault(clean(str(column[place])), []).append(lines[place])
    shown = ", ".join(f"{quote(text)} ({say_lines(where[text])})" for text in list(where)[:SHOWN])
    return f"{shown} and {len(where) - SHOWN} more" if len(where) > SHOWN else shown


def say_long(seconds: Floats, lines: Sequence[int]) -> list[str]:
    """Say that seconds may be milliseconds.

    >>> say_long(np.array([4500.0, 3.0]), [2, 3])
    ['The seconds are long (4500 on line 2): if they are milliseconds, divide by 1000.']
    """
    known = np.flatnonzero(~np.isnan(seconds))
    if not known.size or (seconds[known].max() < LONG and np.median(seconds[known]) < LONG_IN_GENERAL):
        return []
    longest = int(known[np.argmax(seconds[known])])
    return [
        f"The seconds are long ({seconds[longest]:g} on line {lines[longest]}): if they are milliseconds, divide by"
        " 1000."
    ]


def say_above(name: str, values: Floats) -> list[str]:
    """Say that a rating on −1 to 1 may be one on 0 to 1: no number is below 0.

    >>> say_above("valence", np.linspace(0, 1, 8))[0][:55]
    'No valence of 8 is below 0: they were taken as on −1 to'
    """
    known = values[~np.isnan(values)]
    if known.size < ENOUGH or known.min() < 0:
        return []
    return [
        f"No {name} of {known.size} is below 0: they were taken as on −1 to 1; if the scale goes from 0 to 1, turn x"
        " into 2 x − 1."
    ]
