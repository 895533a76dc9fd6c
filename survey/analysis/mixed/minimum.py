"""The least of a deviance by SciPy's BFGS, in coordinates in which it is roughly a sphere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from scipy.optimize import minimize

from survey.analysis.estimates import Floats
from survey.analysis.mixed.laplace import NotConverged

MOST_ROUNDS = 80
GRADIENT = 1e-4
"""The search ends where no parameter could lower the deviance by more than this, squared, in its own scale."""
ROUNDED = 100 * GRADIENT
"""Where rounding ends the line search, the place is taken if its slope is below this."""

Known = TypeVar("Known")


class Least(NamedTuple, Generic[Known]):
    """Where the deviance is least, and what is known of that place."""

    at: Floats
    known: Known


def minimise(of: Callable[[Floats], tuple[float, Floats, Known]], start: Floats, scale: Floats) -> Least[Known]:
    """Return the minimum of a function that returns the deviance, its slope and whatever else is known there.

    `scale` is a guess of the parameters' covariance, shape (p, p). A deviance falls by z² at z standard errors, hence
    the ½.

    Raises
    ------
    NotConverged
        Where no minimum is found; what `of` raises ends the search.

    Examples
    --------
    >>> minimise(lambda x: (float(x @ x), 2 * x, "least"), np.array([3.0]), np.eye(1)).known
    'least'
    """
    # x = start + L z with LL' = scale: in z the deviance has roughly the identity as its Hessian, BFGS's own start.
    root = np.linalg.cholesky(scale)
    seen: dict[bytes, Known] = {}

    def scaled(z: Floats) -> tuple[float, Floats]:
        deviance, slope, known = of(start + root @ z)
        # SciPy returns the place alone; what else was computed there is found again by its bytes.
        seen[z.tobytes()] = known
        return deviance / 2, root.T @ slope / 2

    found = minimize(
        scaled, np.zeros(start.size), jac=True, method="BFGS", options={"gtol": GRADIENT, "maxiter": MOST_ROUNDS}
    )
    if not found.success and not float(np.abs(found.jac).max()) < ROUNDED:
        raise NotConverged(f"no minimum of the deviance: {found.message}")
    return Least(start + root @ found.x, seen[found.x.tobytes()])
