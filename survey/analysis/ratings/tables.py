"""Wide tables (a column per rater) and counts tables (a column per choice), for agreement alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Codes, Counts
from survey.analysis.ratings.cells import Cells, Source, read_cells
from survey.analysis.ratings.choices import settle_choices
from survey.analysis.ratings.codes import one_spelling, respell
from survey.analysis.ratings.doubts import LinesOf, say_alike, say_missing, say_respelled
from survey.analysis.ratings.missing import missing_from
from survey.analysis.ratings.problems import Problem, RatingsRefused, quote
from survey.analysis.ratings.raters import find_raters, say_raters
from survey.analysis.ratings.shapes import doubt_counts, doubt_wide, say_long, say_not_counts
from survey.analysis.ratings.sums import find_sums
from survey.analysis.ratings.texts import clean, clean_all

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
    source: Source,
    *,
    choices: Sequence[str] | None = None,
    none: str | None = None,
    missing: Sequence[str] | None = None,
    raters: Sequence[str] | None = None,
) -> CountsTable:
    """Return a table whose first column names the item and whose other columns are raters.

    An empty cell is a missing answer. Columns that look like facts (age, country) are left out, and a note says so.

    Parameters
    ----------
    source : Path, name of a file, text, or lines of text
    choices, none, missing
        See `read_long`.
    raters : sequence of str, optional
        The columns that are raters.

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
    if long := say_long(cells):
        raise RatingsRefused(long)
    problems = [*cells.problems, *_check_items(cells, "a rater")]
    names, line = cells.header[1:], cells.header_line
    columns = [clean_all(cells.column(place)) for place in range(1, len(cells.header))]
    absent = missing_from(missing, choices, none)
    found = absent.among(text for column in columns for text in column)
    columns = [["" if text in found else text for text in column] for column in columns]
    chosen, wrong = find_raters(names, columns, line, raters)
    kept = [cells.column(place + 1) for place in chosen.places]
    columns = [columns[place] for place in chosen.places]
    declared = [clean(text) for text in (*(choices or ()), *([none] if none else []))]
    spelling = one_spelling((text for column in columns for text in column), declared)
    said = LinesOf([text for column in columns for text in column], cells.lines * len(columns))
    raw = LinesOf([text for column in kept for text in clean_all(column)], cells.lines * len(columns))
    notes = (
        *chosen.notes,
        *doubt_wide(cells, columns),
        *say_missing(found, raw),
        *say_respelled(spelling, said),
        *(say_alike("answers", said) if choices is None else ()),
        *([say_raters([names[place] for place in chosen.places], line)] if raters is None and chosen.places else ()),
    )
    names = [names[place] for place in chosen.places]
    texts = [list(row) for row in zip(*(respell(column, spelling) for column in columns), strict=True)]
    texts = texts or [[] for _ in cells.rows]
    flat = [text for row in texts for text in row]
    offered = settle_choices([], flat, choices, none)
    place = {name: code for code, name in enumerate(offered.choices)}
    problems += wrong
    problems += [
        Problem(
            line,
            f"{quote(name)} answered {quote(text)}, which is not one of the choices ({', '.join(offered.choices)}).",
        )
        for line, row in zip(cells.lines, texts, strict=True)
        for name, text in zip(names, row, strict=True)
        if text and text not in place
    ]
    if problems:
        raise RatingsRefused(problems)
    width = len(names)
    codes = np.array([place.get(text, -1) for text in flat], np.int64)
    # The cells row by row: item, rater and answer of each, shape (items × raters,); empty cells are dropped below.
    item = np.repeat(np.arange(len(texts)), width)
    rater = np.tile(np.arange(width), len(texts))
    given = codes >= 0
    answers = (item[given], rater[given], codes[given])
    return _table(cells, offered.choices, names, answers, int((~given).sum()), (*notes, *offered.notes))


def _table(
    cells: Cells,
    offered: tuple[str, ...],
    raters: Sequence[str],
    answers: tuple[Codes, Codes, Codes],
    missing: int,
    notes: tuple[str, ...],
) -> CountsTable:
    shape = (len(cells.rows), len(offered))
    item, rater, answer = answers
    counts = np.bincount(item * shape[1] + answer, minlength=shape[0] * shape[1]).reshape(shape)
    items = tuple(clean(row[0]) for row in cells.rows)
    return CountsTable(items, offered, counts, tuple(raters), item, rater, answer, missing, (*cells.notes, *notes))


def read_counts(source: Source, *, choices: Sequence[str] | None = None, none: str | None = None) -> CountsTable:
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
    if other := say_long(cells) or say_not_counts(cells):
        raise RatingsRefused(other)
    problems = [*cells.problems, *_check_items(cells, "a choice")]
    declared = [clean(text) for text in (*(choices or ()), *([none] if none else []))]
    named = tuple(respell(cells.header[1:], one_spelling(cells.header[1:], declared)))
    if choices is None and problems:
        raise RatingsRefused(problems)
    offered = settle_choices([], [], named if choices is None else choices, none).choices
    problems += [
        Problem(cells.header_line, f"the column {quote(name)} is not one of the choices ({', '.join(offered)}).")
        for name in named
        if name not in offered
    ]
    numbers = [[_whole_number(clean(cell)) for cell in row[1:]] for row in cells.rows]
    problems += [
        Problem(line, _say_no_count(name, clean(cell)))
        for line, row, values in zip(cells.lines, cells.rows, numbers, strict=True)
        for name, cell, value in zip(named, row[1:], values, strict=True)
        if value is None
    ]
    if problems:
        raise RatingsRefused(problems)
    known = [[value or 0 for value in values] for values in numbers]
    summed, doubtful = find_sums(cells, np.array(known, np.int64).reshape(-1, len(named)), declared=choices is not None)
    if summed:
        raise RatingsRefused(summed)
    counts = np.zeros((len(known), len(offered)), np.int64)
    for place, name in enumerate(named):
        counts[:, offered.index(name)] = [values[place] for values in known]
    nobody: Codes = np.empty(0, np.int64)
    items = tuple(clean(row[0]) for row in cells.rows)
    notes = (*cells.notes, *doubtful, *doubt_counts(cells, known))
    return CountsTable(items, offered, counts, (), nobody, nobody, nobody, 0, notes)


_THOUSANDS = re.compile(r"\d{1,3}(?:[.,'’ ]\d{3})+", re.ASCII)
_COMMA = re.compile(r"\d+,0+", re.ASCII)


def _whole_number(text: str) -> int | None:
    if not text:
        return 0
    if not text.isascii() or "_" in text or _THOUSANDS.fullmatch(text):
        return None
    try:
        value = float(text.replace(",", ".") if _COMMA.fullmatch(text) else text)
    except ValueError:
        return None
    return int(value) if 0 <= value <= MOST and value.is_integer() else None


def _say_no_count(name: str, text: str) -> str:
    if _THOUSANDS.fullmatch(text):
        bare = re.sub(r"\D", "", text)
        return (
            f"{quote(name)} has {quote(text)}: {bare}, or a number with decimals? Write counts without"
            f" points or blanks: {bare}."
        )
    return f"{quote(name)} has {quote(text)}; a count is a whole number from 0 to {MOST:,}."


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
        name = clean(row[0])
        if not name:
            problems.append(Problem(line, "the item (first column) is empty."))
        elif name in seen:
            again = f"the item {quote(name)} was on line {seen[name]} already; the first column must name the item."
            problems.append(Problem(line, again))
        else:
            seen[name] = line
    return problems
