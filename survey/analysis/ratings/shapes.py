"""Tables of another shape than they were said to have: a wide one read as long, and the reverse."""

from __future__ import annotations

from collections.abc import Sequence

from survey.analysis.ratings.cells import Cells
from survey.analysis.ratings.codes import number_of
from survey.analysis.ratings.columns import NEEDED
from survey.analysis.ratings.problems import Problem
from survey.analysis.ratings.raters import group_columns
from survey.analysis.ratings.texts import clean, clean_all

FEW_ROWS = 3
LARGE = 20
"""Answers are seldom coded with larger numbers."""


def say_not_long(cells: Cells) -> list[Problem]:
    """Return what is to be said of a table that was read as long and has none of its columns."""
    if len(cells.header) < 2 or set(NEEDED) & {name.casefold() for name in cells.header}:
        return []
    columns = [clean_all(cells.column(place)) for place in range(len(cells.header))]
    items, rest = columns[0], columns[1:]
    if not items or len(set(items)) < len(items):
        return [
            Problem(cells.header_line, "If the columns only have other names: --column participant=NAME, and so on.")
        ]
    numbers = all(number_of(text) is not None for column in rest for text in column if text)
    if numbers:
        message = (
            "This looks like a table with a column per choice or per rater: add --counts where the cells count answers,"
            " --wide where they are the raters' answers."
        )
        return [Problem(cells.header_line, message)]
    if len(group_columns(rest)) < len(rest):
        message = "This looks like a wide table, the first column naming the item, then a column per rater: add --wide."
        return [Problem(cells.header_line, message)]
    return []


def say_long(cells: Cells) -> list[Problem]:
    """Return the problem of a long table that was said to be a wide or counts table."""
    if {"participant", "chosen"} <= {name.casefold() for name in cells.header}:
        message = "This is a long table, with a row per answer: leave --wide and --counts out."
        return [Problem(cells.header_line, message)]
    return []


def say_not_counts(cells: Cells) -> list[Problem]:
    """Return the problem of a table that was said to hold counts and holds words."""
    texts = [text for row in cells.rows for text in map(clean, row[1:]) if text]
    if texts and not any(character.isdigit() for text in texts for character in text) and len(set(texts)) < len(texts):
        message = "No cell holds a number: this looks like a wide table, with a column per rater; say --wide."
        return [Problem(cells.header_line, message)]
    return []


def doubt_wide(cells: Cells, columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the note where a table read as wide looks like counts: the rows of numbers have one sum."""
    rows = [[number_of(text or "0") for text in row] for row in zip(*columns, strict=True)]
    if len(rows) < FEW_ROWS or len(columns) < 2 or any(number is None for row in rows for number in row):
        return ()
    sums = {sum(number for number in row if number is not None) for row in rows}
    differ = len({tuple(sorted(map(str, row))) for row in rows}) > 1
    largest = max(number for row in rows for number in row if number is not None)
    if (len(sums) == 1 and differ) or largest > LARGE:
        return (
            f"The cells are numbers (from line {cells.lines[0]} on): if they count answers, one column per choice, read"
            " the table with --counts.",
        )
    return ()


def doubt_counts(cells: Cells, counts: Sequence[Sequence[int]]) -> tuple[str, ...]:
    """Return the note where a table read as counts looks like codes of answers."""
    flat = [count for row in counts for count in row]
    if len(counts) < FEW_ROWS or len(cells.header) < FEW_ROWS + 1 or min(flat) == 0 or max(flat) >= LARGE:
        return ()
    if len({sum(row) for row in counts}) == 1:
        return ()
    return (
        f"Every cell is a number from {min(flat)} to {max(flat)} (from line {cells.lines[0]} on): if these are raters'"
        " answers as codes, one column per rater, read the table with --wide.",
    )
