"""Ratings from records in memory: single `Rating` objects, or a data frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from survey.analysis.ratings.building import build
from survey.analysis.ratings.container import Rating, Ratings
from survey.analysis.ratings.problems import Problem, RatingsRefused


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
    return build(columns, range(1, len(rows) + 1), choices, none)


def from_frame(frame: Any, choices: Sequence[str] | None = None, none: str | None = None) -> Ratings:
    """Return `Ratings` made from a pandas DataFrame with the columns of `Rating`.

    Missing answers are NaN, None or an empty text. Columns beyond `Rating`'s are left out.

    Raises
    ------
    RatingsRefused
        When a needed column is missing or a value is wrong; the "line" is the row's place from 1.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"participant": [1], "stimulus": ["S1"], "intended": ["awe"], "chosen": ["awe"]})
    >>> len(from_frame(frame))
    1
    """
    absent = [name for name in ("participant", "stimulus", "intended", "chosen") if name not in frame.columns]
    if absent:
        raise RatingsRefused([Problem(0, f"The table has no column {', '.join(absent)}.")])
    known = [item.name for item in fields(Rating) if item.name in frame.columns]
    columns = {name: frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in known}
    return build(columns, range(1, len(frame) + 1), choices, none)
