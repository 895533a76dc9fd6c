"""Ratings from records in memory: single `Rating` objects, or a data frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from survey.analysis.ratings.building import Reading, build
from survey.analysis.ratings.cells import REPEATED, names_of, repeats_header
from survey.analysis.ratings.columns import find_columns, say_taken
from survey.analysis.ratings.container import Rating, Ratings
from survey.analysis.ratings.problems import Problem, RatingsRefused
from survey.analysis.ratings.texts import clean, clean_all


def collect(ratings: Iterable[Rating], choices: Sequence[str] | None = None, none: str | None = None) -> Ratings:
    """Return `Ratings` made from single ratings.

    Parameters
    ----------
    ratings : iterable of Rating
    choices : sequence of str, optional
        Everything offered. Without it: the eight emotions where nothing else occurs, otherwise what occurs.
    none : str, optional
        Label of "none of these".

    Raises
    ------
    RatingsRefused
        With every problem; the "line" is the rating's place, counted from 1.

    Examples
    --------
    >>> data = collect([Rating("P1", "S1", "", "fear", "fear"), Rating("P2", "S1", "", "fear", "awe")])
    >>> data.hits.tolist(), data.k
    ([True, False], 8)
    """
    rows = list(ratings)
    columns = {item.name: [getattr(row, item.name) for row in rows] for item in fields(Rating)}
    return build(columns, range(1, len(rows) + 1), Reading(choices, none))


def from_frame(
    frame: Any,
    choices: Sequence[str] | None = None,
    none: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    by: Sequence[str] = (),
    missing: Sequence[str] | None = None,
    neutral: Sequence[str] = (),
) -> Ratings:
    """Return `Ratings` made from a pandas DataFrame with the columns of `Rating`.

    Missing answers are NaN, None or an empty text. Columns beyond `Rating`'s are left out.

    Parameters
    ----------
    frame : pandas.DataFrame
    choices, none, missing, neutral
        See `read_long`.
    columns : mapping of str to str, optional
        Which column of the frame is meant, for example ``{"participant": "subject"}``.
    by : sequence of str
        Further columns to analyse by.

    Raises
    ------
    RatingsRefused
        When a needed column is missing or a value is wrong; the "line" is the row's place from 1.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"subject": [1], "stimulus": ["S1"], "intended": [2], "chosen": [2.0]})
    >>> from_frame(frame, columns={"participant": "subject"}).hits.tolist()
    [True]
    """
    if not hasattr(frame, "columns") or not hasattr(frame, "notna"):
        raise TypeError(f"from_frame takes a pandas DataFrame, not {type(frame).__name__}; read files with read_long.")
    header = [clean(" ".join(map(str, name)) if isinstance(name, tuple) else str(name)) for name in frame.columns]
    twice = sorted({name for name in header if header.count(name) > 1})
    places, problems = find_columns(header, 0, columns or {}, by)
    problems += [Problem(0, f"the column {name!r} comes twice.") for name in twice]
    problems += _repeated_headers(frame, header)
    if problems:
        raise RatingsRefused(problems)
    found = {name: _values(frame.iloc[:, place]) for name, place in places.items()}
    ratings = build(found, range(1, len(frame) + 1), Reading(choices, none, missing, neutral, by))
    taken = say_taken(header, 0, places, columns or {})
    return replace(ratings, notes=(*(note.removeprefix("line 0: ") for note in taken), *ratings.notes))


def _repeated_headers(frame: Any, header: Sequence[str]) -> list[Problem]:
    names = names_of(header)
    first = clean_all(frame.iloc[:, 0]) if header else []
    likely = [place for place, text in enumerate(first) if text.casefold() in names]
    return [Problem(place + 1, REPEATED) for place in likely if repeats_header(clean_all(frame.iloc[place]), names)]


def _values(column: Any) -> list[Any]:
    return list(column.astype(object).where(column.notna(), None))
