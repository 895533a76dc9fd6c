"""Codes in the order of names: random numbers are dealt by name, so that the order of rows changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survey.analysis.estimates import Codes
from survey.analysis.ratings.container import Ratings


def ranks_by_name(names: Sequence[str]) -> Codes:
    """Return the rank of every name, shape (names,).

    >>> ranks_by_name(["b", "a", "c"]).tolist()
    [1, 0, 2]
    """
    ranks = np.empty(len(names), np.int64)
    ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return ranks


def pieces_by_name(ratings: Ratings) -> Codes:
    """Return the codes of the pieces, 0 … n − 1, in the order of the names of their first stimulus, shape (N,)."""
    codes, place = np.unique(ratings.pieces(), return_inverse=True)
    name = np.full(codes.size, len(ratings.stimuli), np.int64)
    np.minimum.at(name, place, ranks_by_name(ratings.stimuli)[ratings.stimulus])
    ranks = np.empty(codes.size, np.int64)
    ranks[np.argsort(name, kind="stable")] = np.arange(codes.size)
    result: Codes = ranks[place]
    return result
