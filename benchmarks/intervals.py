"""Figures with their 95 % intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


def from_draws(value: float, draws: ArrayLike) -> Measured:
    """A figure with the middle 95 % of what it was in draws.

    >>> from_draws(0.5, [0.0, 0.5, 1.0])
    Measured(value=0.5, low=0.025, high=0.975)
    """
    low, high = np.percentile(np.asarray(draws, dtype=np.float64), [2.5, 97.5])
    return Measured(float(value), float(low), float(high))
