"""What becomes of what a composer is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from survey.teaching.arrays import Floats

USUAL: Final = 1.0
"""A composer does what it is asked, unless clips say otherwise."""
USUAL_SPREAD: Final = 0.5
"""Prior standard deviation of a slope about that; judgement."""
STEEPEST: Final = 1.5
"""A steeper slope is chance: no composer overdoes what it is asked by half."""


@dataclass(frozen=True, slots=True)
class Steering:
    """measured = offset + slope × asked, attribute by attribute, and what clips scatter about it.

    Attributes
    ----------
    slopes, offset : array of float, shape (A,)
    scatter : array of float, shape (A, A)
        Covariance of what is left.
    """

    slopes: Floats
    offset: Floats
    scatter: Floats


def fit_steering(asked: Floats, measured: Floats) -> Steering:
    """Return how clips follow what was asked of each attribute.

    Slopes are regressions with a normal prior about `USUAL`, within 0 … `STEEPEST`: an attribute that clips do not
    follow is not worth asking for.

    Parameters
    ----------
    asked, measured : array of float, shape (n, A)
        Of the same clips, in natural units; fewer than three clips say nothing.

    Raises
    ------
    ValueError
        Where the shapes differ.

    Examples
    --------
    >>> asked = np.array([[60.0], [80.0], [100.0], [120.0]])
    >>> found = fit_steering(asked, 0.5 * asked + 40.0)
    >>> found.slopes.round(2).tolist(), found.offset.round(1).tolist()
    ([0.5], [40.0])
    """
    asked, measured = np.asarray(asked, float), np.asarray(measured, float)
    if asked.shape != measured.shape or asked.ndim != 2:
        raise ValueError(f"Clips asked for {asked.shape} and measured {measured.shape} are not the same.")
    clips, attributes = asked.shape
    if clips < 3:
        return Steering(np.full(attributes, USUAL), np.zeros(attributes), np.zeros((attributes, attributes)))
    x, y = asked - asked.mean(axis=0), measured - measured.mean(axis=0)
    squares, products = (x * x).sum(axis=0), (x * y).sum(axis=0)
    plain = np.divide(products, squares, out=np.full(attributes, USUAL), where=squares > 0)
    noise = ((y - plain * x) ** 2).sum(axis=0) / (clips - 2)
    # Precision of the data, squares ÷ noise, beside that of the prior.
    both = squares + noise * USUAL_SPREAD**-2
    share = np.divide(squares, both, out=np.zeros(attributes), where=both > 0)
    slopes = np.clip(share * plain + (1.0 - share) * USUAL, 0.0, STEEPEST)
    left = y - slopes * x
    scatter = left.T @ left / (clips - 1)
    return Steering(slopes, measured.mean(axis=0) - slopes * asked.mean(axis=0), scatter)
