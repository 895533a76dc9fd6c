"""Columns of numbers beside the answers: how sure, how long, how pleasant, how activated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from survey.analysis.estimates import Floats
from survey.analysis.ratings import doubts
from survey.analysis.ratings.codes import number_of
from survey.analysis.ratings.impossible import leave_out_impossible, say_above, say_long
from survey.analysis.ratings.missing import NUMBERS, missing_from
from survey.analysis.ratings.texts import clean

SCALES: Final = {
    "confidence": None,
    "seconds": None,
    "position": None,
    "valence": (-1.0, 1.0),
    "arousal": (-1.0, 1.0),
}
"""Every column of numbers, and from where to where its scale goes where only one scale will do."""


def read_numbers(
    columns: Mapping[str, Sequence[Any]], lines: Sequence[int], missing: Sequence[str] | None = None
) -> tuple[dict[str, Floats], list[str]]:
    """Return every column of numbers, NaN where there is none, and what is to be said.

    A column of valence or arousal that leaves −1 … 1 is on another scale than the emotions' coordinates, and is left
    out as a whole. The codes of questionnaires (−9, −99 …) are missing: none of these numbers can be that low.

    Parameters
    ----------
    columns : mapping of str to sequence
    lines : sequence of int
        Where each row stands.
    missing : sequence of str, optional
        What counts as missing beside the empty cell.

    Examples
    --------
    >>> numbers, notes = read_numbers({"valence": ["0,5", "-99", "loud"]}, [2, 3, 4])
    >>> numbers["valence"].tolist(), notes
    ([0.5, nan, nan], ["The valence 'loud' (line 4) is no number and was left out."])
    >>> read_numbers({"arousal": [7, 1]}, [2, 3])[1][0][:79]
    "The arousal '7' (line 2) lies outside −1 to 1, so the whole column was left out"
    """
    numbers, notes = {}, []
    for name, scale in SCALES.items():
        column = columns.get(name)
        if column is None:
            numbers[name] = np.full(len(lines), np.nan)
            continue
        values = np.fromiter((_as_number(value) for value in column), float, len(lines))
        values[_means_missing(column, values, missing)] = np.nan
        notes += _no_numbers(name, column, values, lines, missing)
        values, said = leave_out_impossible(name, column, values, lines)
        notes += said
        if scale is not None:
            said = _outside(name, values, scale, lines)
            values = np.full(len(lines), np.nan) if said else values
            notes += said or say_above(name, values)
        if name == "seconds":
            notes += say_long(values, lines)
        numbers[name] = values
    return numbers, notes


def _as_number(value: object) -> float:
    if value is None:
        return float("nan")
    try:
        found = float(value if isinstance(value, int | float) else clean(str(value)).replace(",", "."))
    except (ValueError, OverflowError):
        return float("nan")
    return found if np.isfinite(found) else float("nan")


def _means_missing(column: Sequence[Any], values: Floats, named: Sequence[str] | None) -> np.ndarray:
    """Which numbers mean that there is none."""
    if named is None:
        codes = sorted(float(number) for number in NUMBERS if number is not None)
    else:
        codes = [float(number) for number in map(number_of, map(clean, named)) if number is not None]
    return np.isin(values, codes)


def _no_numbers(
    name: str, column: Sequence[Any], values: Floats, lines: Sequence[int], missing: Sequence[str] | None
) -> list[str]:
    """Say which cells hold something that is no number and does not mean missing."""
    where: dict[str, list[int]] = {}
    for place in np.flatnonzero(np.isnan(values)).tolist():
        value = column[place]
        if value is None or value != value or not np.isnan(_as_number(value)):  # NaN is not equal to itself
            continue
        if text := clean(str(value)):
            where.setdefault(text, []).append(lines[place])
    for text in missing_from(missing, None, None).among(where):
        del where[text]
    return doubts.say_no_numbers(name, where)


def _outside(name: str, values: Floats, scale: tuple[float, float], lines: Sequence[int]) -> list[str]:
    low, high = scale
    places = np.flatnonzero((values < low) | (values > high))
    if not places.size:
        return []
    where: dict[str, list[int]] = {}
    for place in places.tolist():
        where.setdefault(f"{values[place]:g}", []).append(lines[place])
    return doubts.say_outside(name, where, low, high)
