"""Jackknife intervals of agreement: over clips, and over listeners.

A bootstrap over listeners would let a listener agree with their own copy (α too high by up to .09), and
a percentile bootstrap over few clips is biased down; leaving units out has neither fault.
"""

from __future__ import annotations

import math

import numpy as np

from survey.analysis.distributions import t_quantile
from survey.analysis.estimates import LEVEL, Floats, Interval, within


def jackknife_interval(
    name: str, estimate: float, left_out: Floats, unit: str, level: float = LEVEL
) -> tuple[Interval | None, str]:
    """Return the jackknife t interval, or None and the reason.

    estimate ± t(G − 1) · √((G − 1)/G · Σ(θ₋ᵢ − mean θ₋)²) over the G units left out in turn.

    Parameters
    ----------
    name : str
        Coefficient; decides the limits of the interval (0…1 for percent, −1…1 otherwise; few answers can
        push a coefficient itself below −1).
    estimate : float
    left_out : array of float, shape (G,)
        The coefficient without each unit in turn; NaN where it is not defined then.
    unit : str
        What is left out, for the reason.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 11.

    Examples
    --------
    >>> interval, _ = jackknife_interval("percent", 0.5, np.array([0.45, 0.5, 0.55]), "clip")
    >>> [round(end, 4) for end in interval]
    [0.2516, 0.7484]
    >>> jackknife_interval("percent", 1.0, np.array([1.0, 1.0]), "clip")[1]
    'interval not defined: the coefficient is the same whichever clip is left out'
    """
    size = int(left_out.size)
    if size < 2:
        return None, f"interval not defined: it needs at least two {unit}s"
    if np.isnan(left_out).any():
        return None, f"interval not defined: without one {unit} nothing is left to compare"
    if np.ptp(left_out) < 1e-12:
        return None, f"interval not defined: the coefficient is the same whichever {unit} is left out"
    deviations = left_out - left_out.mean()
    error = math.sqrt((size - 1) / size * float(deviations @ deviations))
    half = t_quantile((1 + level) / 2, size - 1) * error
    least = 0.0 if name == "percent" else min(-1.0, estimate)
    return within(estimate - half, estimate + half, least, 1.0), ""
