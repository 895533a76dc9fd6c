"""Numbers of a clip that also exist where there is nothing to count: then they are 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def shares(values: ArrayLike, edges: Sequence[float] | FloatArray | range) -> FloatArray:
    """Share of `values` between neighbouring edges, shape (edges − 1,); values outside count as the nearest.

    >>> shares([1, 1, 2, 9], (0, 2, 4)).tolist()
    [0.5, 0.5]
    """
    bounds = np.asarray(edges, dtype=np.float64)
    inside = np.clip(np.asarray(values, dtype=np.float64), bounds[0], np.nextafter(bounds[-1], -np.inf))
    return np.histogram(inside, bounds)[0] / max(inside.size, 1)


def share(found: NDArray[np.bool_], among: NDArray[np.bool_] | None = None) -> float:
    """Share of what is found, among all or among those marked.

    >>> share(np.array([True, False, False]), np.array([True, True, False])), share(np.zeros(0, bool))
    (0.5, 0.0)
    """
    count = found.size if among is None else int(among.sum())
    hits = int(found.sum()) if among is None else int((found & among).sum())
    return hits / count if count else 0.0


def mean_of(values: ArrayLike) -> float:
    """Mean, or 0 of nothing."""
    numbers = np.asarray(values, dtype=np.float64)
    return float(numbers.mean()) if numbers.size else 0.0


def spread_of(values: ArrayLike) -> float:
    """Standard deviation, or 0 of nothing."""
    numbers = np.asarray(values, dtype=np.float64)
    return float(numbers.std()) if numbers.size else 0.0


def correlate(one: FloatArray, other: FloatArray) -> float:
    """Pearson's correlation, or 0 where one of the two does not vary.

    >>> correlate(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])), correlate(np.ones(3), np.arange(3.0))
    (1.0, 0.0)
    """
    if len(one) < 2 or one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return round(float(np.corrcoef(one, other)[0, 1]), 12)


def entropy(symbols: NDArray[Any]) -> float:
    """Shannon entropy of symbols in bits.

    >>> entropy(np.array([3, 3, 5, 5]))
    1.0
    """
    if symbols.size == 0:
        return 0.0
    chance = np.unique(symbols, return_counts=True)[1] / symbols.size
    return float(-(chance * np.log2(chance)).sum()) + 0.0


def number(name: str, values: FloatArray, labels: Sequence[object] = ()) -> dict[str, float]:
    """Name the values of an array one by one: by their labels, or by their places.

    >>> number("degree", np.array([0.25, 0.75])), number("moves of", np.array([1.0]), ["a fifth"])
    ({'degree 0': 0.25, 'degree 1': 0.75}, {'moves of a fifth': 1.0})
    """
    places = labels or range(len(values))
    return {f"{name} {place}": float(value) for place, value in zip(places, values, strict=True)}
