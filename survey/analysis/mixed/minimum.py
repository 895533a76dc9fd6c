"""A minimum by quasi-Newton steps (BFGS), for deviances whose curvature is roughly known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from survey.analysis.estimates import Floats
from survey.analysis.mixed.laplace import NotConverged

MOST_ROUNDS = 80
ROUNDING = 1e-12
"""Of a deviance, as a share of it."""
GRADIENT = 1e-4
"""The search ends where no parameter could lower the deviance by more than this, squared, in its own scale."""


def minimise(of: Callable[[Floats], tuple[float, Floats]], start: Floats, scale: Floats) -> Floats:
    """Minimise by BFGS in coordinates in which the deviance is roughly a sphere.

    `scale` is a guess of the parameters' covariance. A deviance falls by z² at z standard errors, hence the ½.
    """
    root = np.linalg.cholesky(scale)
    x, (value, slope) = start, of(start)
    gradient = root.T @ slope / 2
    inverse = np.eye(x.size)
    for _ in range(MOST_ROUNDS):
        if float(np.abs(gradient).max(initial=0.0)) < GRADIENT:
            return x
        direction = -inverse @ gradient
        if float(direction @ gradient) >= 0:
            inverse, direction = np.eye(x.size), -gradient
        size = min(1.0, 4.0 / float(np.linalg.norm(direction)))
        for _ in range(25):
            tried = x + root @ (size * direction)
            try:
                new_value, new_slope = of(tried)
            except (NotConverged, np.linalg.LinAlgError):
                new_value = math.inf
            if new_value <= value + 1e-4 * 2 * size * float(direction @ gradient) + ROUNDING * abs(value):
                break
            size /= 3
        else:
            if float(np.abs(gradient).max()) < 100 * GRADIENT:
                return x
            raise NotConverged("no step lowers the deviance")
        new_gradient = root.T @ new_slope / 2
        inverse = _updated(inverse, size * direction, new_gradient - gradient)
        x, value, gradient = tried, new_value, new_gradient
    raise NotConverged(f"no minimum of the deviance after {MOST_ROUNDS} rounds")


def _updated(inverse: Floats, step: Floats, change: Floats) -> Floats:
    """BFGS update of an inverse Hessian; unchanged where the curvature is not positive."""
    curvature = float(step @ change)
    if curvature <= 1e-12:
        return inverse
    left = np.eye(step.size) - np.outer(step, change) / curvature
    result: Floats = left @ inverse @ left.T + np.outer(step, step) / curvature
    return result
