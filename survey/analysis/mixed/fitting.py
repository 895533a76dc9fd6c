"""Fitting a crossed logistic mixed model: maximum and restricted maximum likelihood, errors, profile intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Floats, Interval
from survey.analysis.mixed.crossing import Crossed
from survey.analysis.mixed.laplace import Likelihood, NotConverged, Point
from survey.analysis.mixed.minimum import minimise
from survey.analysis.mixed.profile import profile_intervals

SINGULAR = 1e-3
"""A standard deviation below it is said to be 0: the fit is singular."""
STARTS = (0.7, 0.2)
"""Where the restricted search begins. With few answers per person and piece the approximated likelihood rises without
end towards huge standard deviations; the second start finds the maximum on this side of that ridge, where there is one.
"""
LARGEST = 6.0
"""Beyond it no standard deviation is believed: the odds of two people would differ by e¹² and more."""
DIFFERENCE = 1e-3


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    spreads : array of float, shape (2,)
        Standard deviations of people and pieces on the logit scale, by maximum likelihood: what lme4 gives.
    fixed, errors : array of float, shape (p,)
        Fixed effects, and their Wald standard errors from the Hessian of all parameters.
    deviance : float
        −2 log likelihood, without the binomial coefficients.
    restricted : array of float, shape (2,)
        Standard deviations by restricted maximum likelihood; they do not shrink for the fixed effects estimated.
    wide : Point
        The model at `restricted`: fixed effects, covariance and its parts. Intervals are made from it.
    intervals : list of Interval or None
        95 % profile intervals of `restricted`; None where the profile could not be followed.
    singular : tuple of bool
        Whether each standard deviation is 0.
    is_plain : bool
        Whether `restricted` are the plain standard deviations, as the restricted likelihood has no maximum.
    """

    spreads: Floats
    fixed: Floats
    errors: Floats | None
    deviance: float
    restricted: Floats
    wide: Point
    intervals: list[Interval | None]
    singular: tuple[bool, bool]
    is_plain: bool


def fit_crossed(data: Crossed, *, profiles: bool = True) -> Fit:
    """Fit the model; without `profiles` no interval of a standard deviation is sought.

    Raises
    ------
    NotConverged
        Where the search fails; fixed effects without a finite estimate must be left out before.

    Examples
    --------
    >>> people, pieces = np.repeat(np.arange(20), 8), np.tile(np.arange(8), 20)
    >>> hits = ((people + pieces) % 4 > 0).astype(float)  # everybody has six of eight, every piece fifteen of twenty
    >>> fit = fit_crossed(Crossed(hits, np.ones(160), np.ones((1, 1)), 0 * people, people, pieces))
    >>> fit.singular, fit.fixed.round(3).tolist()  # log of 3
    ((True, True), [1.099])
    """
    likelihood = Likelihood(data)
    restricted = _restricted(likelihood)
    wide = likelihood.restricted(np.full(2, STARTS[1]) if restricted is None else restricted)
    start = np.concatenate([np.full(2, STARTS[0]) if restricted is None else np.maximum(restricted, 0.1), wide.fixed])
    scale = _joint_scale(data, wide)
    found = minimise(lambda x: _all(likelihood.maximum(x[:2], x[2:])), start, scale)
    spreads, fixed = _settled(found[:2]), found[2:]
    free = spreads > 0
    if not free.all():
        fixed = minimise(lambda x: _fixed_alone(likelihood.maximum(spreads, x)), fixed, scale[2:, 2:])
    best = likelihood.maximum(spreads, fixed)
    errors = _errors(likelihood, spreads, fixed, np.sqrt(np.diag(scale)))
    intervals: list[Interval | None] = [None, None]
    is_plain = restricted is None
    if restricted is None:
        restricted = spreads
        wide = likelihood.restricted(restricted)
    elif profiles:
        likelihood.restricted(restricted)
        intervals = profile_intervals(likelihood, restricted, wide.deviance)
    return Fit(
        spreads,
        fixed,
        errors,
        best.deviance,
        restricted,
        wide,
        intervals,
        (not bool(free[0]), not bool(free[1])),
        is_plain,
    )


def _restricted(likelihood: Likelihood) -> Floats | None:
    """Standard deviations of restricted maximum likelihood, None where it has no maximum."""

    def bounded(x: Floats) -> tuple[float, Floats]:
        if float(np.abs(x).max()) > LARGEST:
            raise NotConverged("the standard deviations grow without end")
        return _both(likelihood.restricted(x))

    for start in STARTS:
        try:
            return _settled(minimise(bounded, np.full(2, start), _spread_scale(likelihood.data)))
        except (NotConverged, np.linalg.LinAlgError):
            likelihood.reset()
    return None


def _both(point: Point) -> tuple[float, Floats]:
    return point.deviance, point.by_spread


def _all(point: Point) -> tuple[float, Floats]:
    return point.deviance, np.concatenate([point.by_spread, point.by_fixed])


def _fixed_alone(point: Point) -> tuple[float, Floats]:
    return point.deviance, point.by_fixed


def _settled(spreads: Floats) -> Floats:
    """Standard deviations are determined up to their sign; next to 0 they are 0."""
    spreads = np.abs(spreads)
    return np.where(spreads < SINGULAR, 0.0, spreads)


def _spread_scale(data: Crossed) -> Floats:
    return np.diag([STARTS[0] ** 2 / (2 * size) for size in data.sizes])


def _joint_scale(data: Crossed, wide: Point) -> Floats:
    scale = np.zeros((2 + wide.fixed.size,) * 2)
    scale[:2, :2] = _spread_scale(data)
    scale[2:, 2:] = wide.covariance
    return scale


def _errors(likelihood: Likelihood, spreads: Floats, fixed: Floats, scale: Floats) -> Floats | None:
    """Standard errors of the fixed effects from the Hessian of every parameter that is not at its limit."""
    free = np.concatenate([spreads > 0, np.ones(fixed.size, bool)])
    at = np.concatenate([spreads, fixed])
    rows = []
    for place in np.flatnonzero(free):
        slopes = []
        for side in (1, -1):
            moved = at.copy()
            moved[place] += side * DIFFERENCE * scale[place]
            slopes.append(_all(likelihood.maximum(moved[:2], moved[2:]))[1][free])
        rows.append((slopes[0] - slopes[1]) / (2 * DIFFERENCE * scale[place]))
    hessian = np.array(rows)
    try:
        covariance = np.linalg.inv((hessian + hessian.T) / 4)
    except np.linalg.LinAlgError:
        return None
    variances = np.diag(covariance)[-fixed.size :]
    return np.sqrt(variances) if bool((variances > 0).all()) else None
