"""Shares of hits that a fitted model implies: of the average listener and piece, and of new people and pieces."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import expit, logit

from survey.analysis.distributions import satterthwaite, t_half_width
from survey.analysis.estimates import Floats, Interval
from survey.analysis.mixed.fitting import Fit

NODES = 40


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its variance on the logit scale: what people, pieces and single answers contribute."""

    estimate: float
    parts: tuple[float, float, float]
    degrees: tuple[int, int]

    def interval(self, people: float = 1.0, pieces: float = 1.0) -> Interval:
        """Return the 95 % interval, as it would be with so many times the people and pieces.

        Everybody hears as many pieces as now, so that the answers' part falls with the people alone. That part is
        taken as known: Satterthwaite's degrees of freedom are those of people and pieces.
        """
        variances = (self.parts[0] / people, self.parts[1] / pieces, self.parts[2] / people)
        sizes = (people * (self.degrees[0] + 1) - 1, pieces * (self.degrees[1] + 1) - 1)
        degrees = satterthwaite(zip(variances, (*sizes, math.inf), strict=True))
        half = t_half_width(math.sqrt(sum(variances)), math.inf if degrees is None else degrees)
        middle = float(logit(self.estimate))
        return float(expit(middle - half)), float(expit(middle + half))


def marginal_shares(eta: Floats, spread: float) -> tuple[Floats, Floats]:
    """Return E logistic(η + spread × Z) for every η, and its derivatives by η; Z is standard normal.

    >>> shares, _ = marginal_shares(np.array([0.0, 1.0]), 1.0)
    >>> shares.round(4).tolist()
    [0.5, 0.6967]
    """
    # Gauss–Hermite quadrature for the weight exp(−x²/2); normalised, it is the mean over a standard normal.
    points, weights = hermegauss(NODES)
    weights = weights / weights.sum()
    # Shape (rows, nodes).
    each = expit(eta[:, None] + spread * points)
    return each @ weights, (each * (1 - each)) @ weights


def mean_share(fit: Fit, rows: Floats, weights: Floats, degrees: tuple[int, int], *, new: bool) -> Share:
    """Return the weighted mean share over rows of a design.

    The estimate is that of maximum likelihood, its error that of the restricted fit. With `new` it is the mean over new
    people and pieces, without it the share of the average listener and piece, whose random intercepts are 0.
    """
    # Intercepts of a new person and a new piece add up: one normal with the root of the summed variances.
    weights = weights / weights.sum()
    # Intercepts of a new person and a new piece add up: one normal with the root of the summed variances.
    spread, wide_spread = (float(np.hypot(*one)) if new else 0.0 for one in (fit.spreads, fit.restricted))
    estimate = float(weights @ marginal_shares(rows @ fit.fixed, spread)[0])
    shares, slopes = marginal_shares(rows @ fit.wide.fixed, wide_spread)
    wide = float(weights @ shares)
    # Delta method on the logit scale, where the interval is made: d logit(share) = d share / (share (1 − share)).
    gradient = (weights * slopes) @ rows / (wide * (1 - wide))
    people, pieces, answers = (max(float(gradient @ part @ gradient), 0.0) for part in fit.wide.parts)
    return Share(estimate, (people, pieces, answers), degrees)
