"""Long CSV: one row per answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from survey.analysis.ratings.building import Reading, build
from survey.analysis.ratings.cells import Source, read_cells
from survey.analysis.ratings.columns import find_columns, say_taken
from survey.analysis.ratings.container import Ratings
from survey.analysis.ratings.problems import Problem, RatingsRefused
from survey.analysis.ratings.shapes import say_not_long


def read_long(
    source: Source,
    *,
    choices: Sequence[str] | None = None,
    none: str | None = None,
    condition: str | None = None,
    columns: Mapping[str, str] | None = None,
    by: Sequence[str] = (),
    missing: Sequence[str] | None = None,
    neutral: Sequence[str] = (),
) -> Ratings:
    """Return the ratings of a CSV with the columns participant, stimulus, intended, chosen[, condition].

    An empty `chosen` is a missing answer; clips with an empty `intended` count for agreement alone. Further
    columns of `Rating` are used where they are present. What had to be assumed, and what looks doubtful, is in
    the `notes` of the result, with the lines.

    Parameters
    ----------
    source : Path, name of a file, text, or lines of text
    choices : sequence of str, optional
        Everything offered; see `collect`.
    none : str, optional
        Label of "none of these".
    condition : str, optional
        Name of the column with the cell; ``condition`` where the file has it.
    columns : mapping of str to str, optional
        Which column of the file is meant, for example ``{"participant": "subject"}``.
    by : sequence of str
        Further columns to analyse by.
    missing : sequence of str, optional
        What counts as missing beside the empty cell; without it what other programs write (NA, NaN, -99, …).
    neutral : sequence of str
        Intentions that nobody could choose.

    Raises
    ------
    RatingsRefused
        With every problem and its line number.

    Examples
    --------
    >>> table = "participant,stimulus,intended,chosen\\nP1,S1,fear,fear\\nP2,S1,fear,\\n"
    >>> ratings = read_long(table)
    >>> len(ratings), ratings.missing
    (1, 1)
    """
    cells = read_cells(source)
    places, problems = find_columns(cells.header, cells.header_line, columns or {}, by)
    if condition is not None:
        if condition in cells.header:
            places["condition"] = cells.header.index(condition)
        else:
            message = f"there is no column {condition!r}, which --condition names."
            problems.append(Problem(cells.header_line, message))
    if problems:
        raise RatingsRefused([*problems, *(say_not_long(cells) or cells.problems)])
    taken = say_taken(cells.header, cells.header_line, places, columns or {})
    found = {name: cells.column(place) for name, place in places.items()}
    try:
        ratings = build(found, cells.lines, Reading(choices, none, missing, neutral, by))
    except RatingsRefused as refused:
        raise RatingsRefused([*cells.problems, *refused.problems]) from None
    if cells.problems:
        raise RatingsRefused(cells.problems)
    return replace(ratings, notes=(*cells.notes, *taken, *ratings.notes))
