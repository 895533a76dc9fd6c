"""The data of a figure as a table to read: what a screen reader gets in place of its marks."""

from __future__ import annotations

from typing import Any

from survey.analysis.measures import Table
from survey.analysis.wording import UNDEFINED, decimal
from survey.figures.figure import Figure


def data_table(figure: Figure) -> Table:
    """Return the rows of a figure, with the names and the numbers of its CSV, rounded to three places."""
    rows = [[_write(value) for value in row] for row in figure.rows]
    header = [name.replace("_", " ") for name in figure.header]
    return Table(f"data-{figure.name}", f"Data of “{figure.title}”", header, rows)


def _write(value: Any) -> str:
    """A value as a cell says it.

    >>> _write(0.25), _write(12), _write(None), _write("fear"), _write(True)
    ('0.250', '12', '–', 'fear', 'yes')
    """
    if value is None:
        return UNDEFINED
    if isinstance(value, bool):
        return "yes" if value else "no"
    return decimal(value) if isinstance(value, float) else str(value)
