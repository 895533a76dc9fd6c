"""Columns, rows and cells of a table of counts that count no answers: totals, and percentages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survey.analysis.estimates import Counts
from survey.analysis.ratings.cells import Cells
from survey.analysis.ratings.problems import Problem, quote, say_lines
from survey.analysis.ratings.texts import clean, fold

TOTALS = frozenset(
    map(
        fold,
        (
            *(
                "total",
                "totals",
                "sum",
                "sums",
                "all",
                "n",
                "answers",
                "responses",
                "raters",
                "grand total",
                "row total",
            ),
            *("column total", "summe", "gesamt", "insgesamt", "alle", "somme", "totaux", "toplam", "totale", "totaal"),
            *("suma", "soma", "totales", "totais", "summa", "totalt", "razem"),
        ),
    )
)
ENOUGH = 3
"""Sums of so many rows, or columns, are no coincidence, whatever they are called."""
HUNDRED, ROUNDED = 100, 1
"""The sum of percentages, and how far rounding to whole ones moves it."""


def find_sums(cells: Cells, counts: Counts, *, declared: bool) -> tuple[list[Problem], list[str]]:
    """Return what is wrong, and what is doubtful, where a column or row is the sum of the others.

    A sum that is called like one is refused; a sum by another name, or of a declared choice, is doubtful.

    Parameters
    ----------
    cells : Cells
    counts : array of int, shape (items, columns)
    declared : bool
        Whether the choices were declared: then a column called total is a choice.

    Examples
    --------
    >>> from survey.analysis.ratings.cells import read_cells
    >>> cells = read_cells(["item,joy,fear,total", "1,3,1,4", "2,0,4,4"])
    >>> str(find_sums(cells, np.array([[3, 1, 4], [0, 4, 4]]), declared=False)[0][0])[:68]
    "line 1: the column 'total' is the sum of the others, and no choice: "
    """
    problems, notes = [], []
    for place in sums_among(counts):
        name = cells.header[place + 1]
        if not declared and is_called_total(name):
            message = f"the column {quote(name)} is the sum of the others, and no choice: take it out."
            problems.append(Problem(cells.header_line, message))
        elif len(counts) >= ENOUGH or is_called_total(name):
            notes.append(
                f"line {cells.header_line}: in every row {quote(name)} is the sum of the other columns; if it is no"
                " choice, take it out."
            )
    for place in sums_among(counts.T):
        name, line = clean(cells.rows[place][0]), cells.lines[place]
        if is_called_total(name):
            problems.append(Problem(line, f"the row {quote(name)} is the sum of the others, and no item: take it out."))
        elif counts.shape[1] >= ENOUGH:
            notes.append(
                f"line {line}: the row {quote(name)} is the sum of the other rows; if it is no item, take it out."
            )
    return problems, [*notes, *say_percentages(cells, counts)]


def sums_among(counts: Counts) -> list[int]:
    """Return the columns that are the sum of all others in every row; of two columns, none is a sum.

    >>> sums_among(np.array([[1, 2, 3], [0, 4, 4]])), sums_among(np.array([[1, 1], [2, 2]]))
    ([2], [])
    """
    if counts.shape[1] < 3 or not counts.any():
        return []
    # x is the sum of the others exactly where 2x is the sum of all.
    is_sum = (2 * counts == counts.sum(axis=1, keepdims=True)).all(axis=0) & counts.any(axis=0)
    return [int(place) for place in np.flatnonzero(is_sum)]


def is_called_total(name: str) -> bool:
    """Whether a name says that something is a sum.

    >>> is_called_total("TOTAL:"), is_called_total("joy")
    (True, False)
    """
    return fold(name).strip(" .:()Σ") in TOTALS or name.strip() in ("Σ", "∑")


def say_percentages(cells: Cells, counts: Counts) -> Sequence[str]:
    """Return the note where every row may be whole percentages: all sum to 100, up to rounding.

    >>> from survey.analysis.ratings.cells import read_cells
    >>> cells = read_cells(["item,joy,fear", "1,33,67", "2,50,50"])
    >>> say_percentages(cells, np.array([[33, 67], [50, 50]]))[0][:56]
    'Every row sums to 100 (lines 2 and 3): if the cells are '
    """
    sums = counts.sum(axis=1)
    if not sums.size or HUNDRED not in sums or bool((np.abs(sums - HUNDRED) > ROUNDED).any()):
        return []
    about = "" if bool((sums == HUNDRED).all()) else "about "
    return [
        f"Every row sums to {about}{HUNDRED} ({say_lines(cells.lines)}): if the cells are percentages, they were taken"
        " for answers; write how many people gave each."
    ]
