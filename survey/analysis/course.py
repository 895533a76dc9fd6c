"""The precision of a study as its answers came in; for reading afterwards, not for stopping."""

from __future__ import annotations

import numpy as np

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.estimates import Interval
from survey.analysis.ratings.container import Ratings
from survey.analysis.reported import WidthPart

POINTS = 16


def widths_over_time(ratings: Ratings, points: int = POINTS) -> list[WidthPart]:
    """Return the half-widths of both intervals after a growing number of answers, in the order given.

    Looking daily at a 95 % interval has no 95 % guarantee: this belongs after the study is closed.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"S{s}", "", "fear", "fear" if (p + s) % 2 else "awe")
    ...                 for p in range(6) for s in range(4)])
    >>> [point.n for point in widths_over_time(data, points=3)]
    [8, 16, 24]
    """
    n = len(ratings)
    if n == 0:
        return []
    steps = np.unique(np.ceil(n * np.arange(1, points + 1) / points).astype(int))
    return [_width_after(ratings, int(step)) for step in steps]


def _width_after(ratings: Ratings, n: int) -> WidthPart:
    found = measure_accuracy(ratings.hits[:n], ratings.participant[:n], ratings.pieces()[:n], ratings.k)
    return WidthPart(n, _half(found.participants), _half(found.participants_stimuli))


def _half(interval: Interval | None) -> float | None:
    return None if interval is None else (interval[1] - interval[0]) / 2
