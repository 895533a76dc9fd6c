"""What was measured on the stimuli themselves, such as musical attributes of clips."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan
from typing import Any

import numpy as np

from survey.analysis.estimates import Floats
from survey.analysis.ratings.cells import Cells, Source, read_cells
from survey.analysis.ratings.problems import Problem, RatingsRefused

STIMULUS, MUSIC, PICTURE = "stimulus", "attributes", "picture_attributes"
"""Columns of stimuli.csv."""
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "."})
"""What other programs write where nothing was measured."""


@dataclass(frozen=True, slots=True)
class ClipAttributes:
    """Numbers measured on stimuli; they have names of their own, so that they fit any selection of ratings.

    Attributes
    ----------
    names : tuple of str, length A
        Of the attributes.
    stimuli : tuple of str, length S
        Identifiers, as ratings have them.
    values : array of float, shape (S, A)
        NaN where something was not measured.
    """

    names: tuple[str, ...]
    stimuli: tuple[str, ...]
    values: Floats

    def of(self, stimuli: Sequence[str]) -> Floats:
        """Return the values of these stimuli in their order, shape (len(stimuli), A); NaN where one is not known.

        Examples
        --------
        >>> measured = ClipAttributes(("tempo",), ("S1", "S2"), np.array([[72.0], [120.0]]))
        >>> measured.of(["S2", "S9"]).tolist()
        [[120.0], [nan]]
        """
        row = {name: place for place, name in enumerate(self.stimuli)}
        places = np.array([row.get(name, len(row)) for name in stimuli], np.int64)
        table: Floats = np.vstack([self.values, np.full((1, len(self.names)), np.nan)])[places]
        return table


def gather_attributes(rows: Mapping[str, Mapping[str, float]]) -> ClipAttributes | None:
    """Return attributes by stimulus as one table, None where nothing was measured; names in order.

    Examples
    --------
    >>> found = gather_attributes({"S1": {"tempo": 72}, "S2": {}, "S3": {"tempo": 90, "pedal": 0.5}})
    >>> found.names, found.values.tolist()
    (('pedal', 'tempo'), [[nan, 72.0], [nan, nan], [0.5, 90.0]])
    """
    names = tuple(sorted({name for row in rows.values() for name in row}))  # databases keep keys in orders of their own
    if not names:
        return None
    values = np.array([[row.get(name, nan) for name in names] for row in rows.values()], float)
    return ClipAttributes(names, tuple(rows), values)


def measured_of(told: Mapping[str, Any]) -> dict[str, float]:
    """Return the measured values among what is kept of a clip's attributes (target, unit and measured of each).

    >>> measured_of({"tempo": {"unit": "beats per minute", "target": [90, 106], "measured": 98.5}, "pedal": {}})
    {'tempo': 98.5}
    """
    found = {name: one.get("measured") if isinstance(one, Mapping) else one for name, one in told.items()}
    return {name: number for name, value in found.items() if (number := _finite(value)) is not None}


def _finite(value: object) -> float | None:
    """A number as a finite float; None for anything else, and for numbers beyond all floats."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def read_attributes(source: Source, column: str = MUSIC) -> ClipAttributes | None:
    """Return the attributes of a CSV with one row per stimulus; None where it has none.

    Either a column ``attributes`` (of music) or ``picture_attributes`` holds JSON, as in the `stimuli.csv` of an
    export, or every further column whose cells are all numbers or missing is an attribute; a comma may stand for the
    point.

    Parameters
    ----------
    source : path, text or file
    column : str
        Which of the two columns is wanted; a table that has only the other one has none.

    Raises
    ------
    RatingsRefused
        Without a column ``stimulus``, where a stimulus comes twice, and where JSON cannot be read, with the lines.

    Examples
    --------
    >>> read_attributes("stimulus,tempo,title\\nS1,72,Dawn\\nS2,,Dusk\\n").values.tolist()
    [[72.0], [nan]]
    >>> told = 'stimulus,attributes,picture_attributes\\nS1,{},"{""brightness"": 0.4}"\\n'
    >>> read_attributes(told) is None, read_attributes(told, PICTURE).values.tolist()
    (True, [[0.4]])
    """
    cells = read_cells(source)
    stimuli = stimuli_in(cells, "attributes")
    if column in cells.header:
        rows = _from_json(cells, column)
    else:
        rows = [] if {MUSIC, PICTURE} & set(cells.header) else _from_numbers(cells)
    if not rows:
        return None
    return gather_attributes(dict(zip(stimuli, rows, strict=True)))


def stimuli_in(cells: Cells, what: str) -> list[str]:
    """Return the stimuli of a table with one row for each; `what` it tells of them.

    Raises
    ------
    RatingsRefused
        Where the table cannot be read, has no column ``stimulus``, or names a stimulus twice, with the lines.
    """
    if cells.problems:
        raise RatingsRefused(cells.problems)
    if STIMULUS not in cells.header:
        message = f"there is no column {STIMULUS!r}: {what} are of stimuli, one row for each."
        raise RatingsRefused([Problem(cells.header_line, message)])
    stimuli = [name.strip() for name in cells.column(cells.header.index(STIMULUS))]
    first: dict[str, int] = {}
    problems = []
    for name, line in zip(stimuli, cells.lines, strict=True):
        if first.setdefault(name, line) != line:
            problems.append(Problem(line, f"stimulus {name!r} stands in line {first[name]} already."))
    if problems:
        raise RatingsRefused(problems)
    return stimuli


def _from_json(cells: Cells, column: str) -> list[dict[str, float]]:
    rows, problems = [], []
    for text, line in zip(cells.column(cells.header.index(column)), cells.lines, strict=True):
        try:
            told = json.loads(text) if text.strip() else {}
        except (ValueError, RecursionError) as error:  # no JSON, or numbers and nesting beyond what is read
            told, wrong = {}, f"the attributes are no JSON: {error}."
            problems.append(Problem(line, wrong))
        rows.append(measured_of(told) if isinstance(told, dict) else {})
    if problems:
        raise RatingsRefused(problems)
    return rows


def _from_numbers(cells: Cells) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = [{} for _ in cells.lines]
    for place, name in enumerate(cells.header):
        numbers = [_number(text) for text in cells.column(place)]
        if name in ("", STIMULUS) or None in numbers:
            continue
        for row, number in zip(rows, numbers, strict=True):
            if number is not None and not isnan(number):
                row[name] = number
    return rows


def _number(text: str) -> float | None:
    """A finite number, NaN for an empty cell or a word for a missing one, None for anything else."""
    if text.strip().casefold() in MISSING:
        return nan
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return None
    return value if isfinite(value) else None
