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
LEAST_START = 0.1
"""A search that begins at 0 stays there: the deviance is even in a standard deviation, and has no slope at 0."""
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
    start, wide = restricted or (np.full(2, STARTS[0]), likelihood.restricted(np.full(2, STARTS[1])))
    scale = _joint_scale(data, wide)
    # Parameters of the joint search: σ people, σ pieces, then the fixed effects, shape (2 + p,).
    spreads, best = _maximum(likelihood, np.concatenate([np.maximum(start, LEAST_START), wide.fixed]), scale)
    intervals: list[Interval | None] = [None, None]
    if restricted is None:
        wide = likelihood.restricted(spreads)
    elif profiles:
        intervals = profile_intervals(likelihood, start, wide)
    return Fit(
        spreads=spreads,
        fixed=best.fixed,
        errors=_errors(likelihood, spreads, best.fixed, np.sqrt(np.diag(scale))),
        deviance=best.deviance,
        restricted=spreads if restricted is None else start,
        wide=wide,
        intervals=intervals,
        singular=(not spreads[0] > 0, not spreads[1] > 0),
        is_plain=restricted is None,
    )


def _maximum(likelihood: Likelihood, start: Floats, scale: Floats) -> tuple[Floats, Point]:
    """Standard deviations of maximum likelihood, and the model there; once more for the others where one is 0."""

    def everything(x: Floats) -> tuple[float, Floats, Point]:
        point = likelihood.maximum(x[:2], x[2:])
        return point.deviance, np.concatenate([point.by_spread, point.by_fixed]), point

    at, best = minimise(everything, start, scale)
    spreads = _settled(at[:2])
    if (spreads > 0).all():
        return spreads, best

    def fixed_alone(x: Floats) -> tuple[float, Floats, Point]:
        point = likelihood.maximum(spreads, x)
        return point.deviance, point.by_fixed, point

    # With a standard deviation at 0 the others are fitted again with it held there: the search ended at a bound.
    return spreads, minimise(fixed_alone, at[2:], scale[2:, 2:]).known


def _restricted(likelihood: Likelihood) -> tuple[Floats, Point] | None:
    """Standard deviations of restricted maximum likelihood and the model there, None where it has no maximum."""

    def bounded(x: Floats) -> tuple[float, Floats, Point]:
        if float(np.abs(x).max()) > LARGEST:
            raise NotConverged("the standard deviations grow without end")
        point = likelihood.restricted(x)
        return point.deviance, point.by_spread, point

    for start in STARTS:
        try:
            at, point = minimise(bounded, np.full(2, start), _spread_scale(likelihood.data))
        except (NotConverged, np.linalg.LinAlgError):
            likelihood.reset()
        else:
            spreads = _settled(at)
            return spreads, point if (spreads > 0).all() else likelihood.restricted(spreads)
    return None


def _settled(spreads: Floats) -> Floats:
    """Standard deviations are determined up to their sign; next to 0 they are 0."""
    spreads = np.abs(spreads)
    return np.where(spreads < SINGULAR, 0.0, spreads)


def _spread_scale(data: Crossed) -> Floats:
    # A standard deviation estimated from n effects has a variance of about σ²/(2n).
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
            # Central differences of the exact gradient: one order less of differencing than of the deviance itself.
            moved[place] += side * DIFFERENCE * scale[place]
            point = likelihood.maximum(moved[:2], moved[2:])
            slopes.append(np.concatenate([point.by_spread, point.by_fixed])[free])
        rows.append((slopes[0] - slopes[1]) / (2 * DIFFERENCE * scale[place]))
    hessian = np.array(rows)
    try:
        # Symmetrised (/ 2), and halved as a deviance is −2 log likelihood.
        covariance = np.linalg.inv((hessian + hessian.T) / 4)
    except np.linalg.LinAlgError:
        return None
    variances = np.diag(covariance)[-fixed.size :]
    return np.sqrt(variances) if bool((variances > 0).all()) else None
