"""Wide tables (a column per rater) and counts tables (a column per choice), for agreement alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from survey.analysis.estimates import Codes, Counts
from survey.analysis.ratings.building import settle_choices
from survey.analysis.ratings.cells import Cells, read_cells
from survey.analysis.ratings.problems import Problem, RatingsRefused

MOST = 1_000_000_000
"""Largest count of one cell."""


@dataclass(frozen=True, slots=True)
class CountsTable:
    """Answers per item and choice; with a wide table also who gave them.

    Attributes
    ----------
    items, choices : tuple of str
    counts : array of int, shape (items, choices)
    raters : tuple of str
        Empty for a counts table.
    item, rater, answer : array of int
        One entry per answer; empty for a counts table.
    missing : int
    notes : tuple of str
    """

    items: tuple[str, ...]
    choices: tuple[str, ...]
    counts: Counts
    raters: tuple[str, ...]
    item: Codes
    rater: Codes
    answer: Codes
    missing: int
    notes: tuple[str, ...]


def read_wide(
    source: Path | Iterable[str], *, choices: Sequence[str] | None = None, none: str | None = None
) -> CountsTable:
    """Return a table whose first column names the item and whose other columns are raters.

    An empty cell is a missing answer.

    Raises
    ------
    RatingsRefused
        With every problem and its line number.

    Examples
    --------
    >>> table = read_wide(["unit,A,B", "1,x,x", "2,x,y", "3,,y"])
    >>> table.counts.tolist(), table.missing
    ([[2, 0], [1, 1], [0, 1]], 1)
    """
    cells = read_cells(source)
    problems = [*cells.problems, *_check_items(cells, "a rater")]
    texts = [[cell.strip() for cell in row[1:]] for row in cells.rows]
    flat = [text for row in texts for text in row]
    offered, _, notes = settle_choices([], flat, choices, none)
    place = {name: code for code, name in enumerate(offered)}
    problems += [
        Problem(line, f"{name!r} answered {text!r}, which is not one of the choices ({', '.join(offered)}).")
        for line, row in zip(cells.lines, texts, strict=True)
        for name, text in zip(cells.header[1:], row, strict=True)
        if text and text not in place
    ]
    if problems:
        raise RatingsRefused(problems)
    width = len(cells.header) - 1
    codes = np.array([place.get(text, -1) for text in flat], np.int64)
    item = np.repeat(np.arange(len(texts)), width)
    rater = np.tile(np.arange(width), len(texts))
    given = codes >= 0
    return _table(cells, offered, item[given], rater[given], codes[given], int((~given).sum()), notes)


def _table(
    cells: Cells,
    offered: tuple[str, ...],
    item: Codes,
    rater: Codes,
    answer: Codes,
    missing: int,
    notes: tuple[str, ...],
) -> CountsTable:
    shape = (len(cells.rows), len(offered))
    counts = np.bincount(item * shape[1] + answer, minlength=shape[0] * shape[1]).reshape(shape)
    items = tuple(row[0].strip() for row in cells.rows)
    raters = tuple(cells.header[1:])
    return CountsTable(items, offered, counts, raters, item, rater, answer, missing, (*cells.notes, *notes))


def read_counts(
    source: Path | Iterable[str], *, choices: Sequence[str] | None = None, none: str | None = None
) -> CountsTable:
    """Return a table whose first column names the item and whose other columns count each choice.

    The header is the declared list; `choices` and `none` may add options that nobody chose. An empty cell is 0.

    Raises
    ------
    RatingsRefused
        With every problem and its line number.

    Examples
    --------
    >>> read_counts(["item,joy,fear", "1,3,1", "2,0,4"]).counts.tolist()
    [[3, 1], [0, 4]]
    """
    cells = read_cells(source)
    problems = [*cells.problems, *_check_items(cells, "a choice")]
    named = tuple(cells.header[1:])
    if choices is None and problems:
        raise RatingsRefused(problems)
    offered, _, _ = settle_choices([], [], named if choices is None else choices, none)
    problems += [
        Problem(cells.header_line, f"the column {name!r} is not one of the choices ({', '.join(offered)}).")
        for name in named
        if name not in offered
    ]
    numbers = [[_whole_number(cell) for cell in row[1:]] for row in cells.rows]
    problems += [
        Problem(line, f"{name!r} has {cell.strip()!r}; a count is a whole number from 0 to {MOST:,}.")
        for line, row, values in zip(cells.lines, cells.rows, numbers, strict=True)
        for name, cell, value in zip(named, row[1:], values, strict=True)
        if value is None
    ]
    if problems:
        raise RatingsRefused(problems)
    counts = np.zeros((len(numbers), len(offered)), np.int64)
    for place, name in enumerate(named):
        counts[:, offered.index(name)] = [values[place] or 0 for values in numbers]
    nobody: Codes = np.empty(0, np.int64)
    items = tuple(row[0].strip() for row in cells.rows)
    return CountsTable(items, offered, counts, (), nobody, nobody, nobody, 0, cells.notes)


def _whole_number(cell: str) -> int | None:
    text = cell.strip()
    if not text:
        return 0
    if not text.isascii() or "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if 0 <= value <= MOST and value.is_integer() else None


def _check_items(cells: Cells, what: str) -> list[Problem]:
    problems = []
    if len(cells.header) < 2:
        problems.append(
            Problem(cells.header_line, f"the first column names the item, each further column {what}; there is none.")
        )
    unnamed = [place for place, name in enumerate(cells.header) if place and not name]
    problems += [Problem(cells.header_line, f"column {place + 1} has no name.") for place in unnamed]
    seen: dict[str, int] = {}
    for line, row in zip(cells.lines, cells.rows, strict=True):
        name = row[0].strip()
        if not name:
            problems.append(Problem(line, "the item (first column) is empty."))
        elif name in seen:
            again = f"the item {name!r} was on line {seen[name]} already; the first column must name the item."
            problems.append(Problem(line, again))
        else:
            seen[name] = line
    return problems
