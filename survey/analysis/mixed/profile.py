"""Profile intervals of the standard deviations of people and pieces, from the restricted likelihood."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq, root
from scipy.special import chdtri

from survey.analysis.estimates import ALPHA, Floats, Interval
from survey.analysis.mixed.laplace import Likelihood, NotConverged, Point
from survey.analysis.mixed.minimum import minimise

CUT = float(chdtri(1, ALPHA))
"""95 % quantile of χ² with one degree of freedom."""
LARGEST = 30.0
"""No standard deviation is sought beyond it, on the logit scale: odds of e³⁰."""
CLOSE = 1e-4
"""An end is found where another step would move it by less than this share."""
MISSED = 0.01
"""It is believed where the deviance is that close to the cut: .1 % of the interval's width."""
DIFFERENCE = 0.02
FARTHEST = 3.0
"""The two equations are not followed beyond e³ times the best standard deviations."""


def profile_intervals(likelihood: Likelihood, best: Floats, least: Point) -> list[Interval | None]:
    """Return where the restricted deviance is within `CUT` of the least, for people and for pieces.

    The other standard deviation and the fixed effects are at their best everywhere. An interval begins at 0 where 0 is
    within. None where the profile could not be followed.
    """
    profile = _Profile(likelihood, best, least.deviance)
    return [profile.interval(which) for which in (0, 1)]


class _Profile:
    """The restricted likelihood along one standard deviation, the other at its best."""

    def __init__(self, likelihood: Likelihood, best: Floats, deviance: float) -> None:
        self.likelihood, self.best, self.deviance = likelihood, best, deviance
        self.hessian = self._curvature() if bool((best > 0).all()) else None

    def _curvature(self) -> Floats | None:
        """The Hessian of the deviance at its least by the logarithms; None where it is not that of a minimum."""
        rows = []
        for which in (0, 1):
            step = np.zeros(2)
            step[which] = DIFFERENCE * self.best[which]
            slopes = [self.likelihood.restricted(self.best + side * step).by_spread for side in (1, -1)]
            rows.append((slopes[0] - slopes[1]) / (2 * step[which]))
        # By logarithms: d²/d ln σ_i d ln σ_j = σ_i σ_j d²/dσ_i dσ_j where the slopes are 0, as they are at the least.
        hessian: Floats = (np.array(rows) + np.array(rows).T) / 2 * np.outer(self.best, self.best)
        return hessian if bool((np.linalg.eigvalsh(hessian) > 0).all()) else None

    def interval(self, which: int) -> Interval | None:
        """Return where the deviance is within `CUT` of the least; from 0 where 0 is within."""
        try:
            return self._end(which, -1), self._end(which, 1)
        except (NotConverged, np.linalg.LinAlgError):
            return None

    def _end(self, which: int, side: int) -> float:
        found = None
        if self.hessian is not None:
            try:
                found = self._solved(which, side, self.hessian)
            except (NotConverged, np.linalg.LinAlgError):
                self.likelihood.reset()
        found = self._bracketed(which, side) if found is None else found
        if found > LARGEST:
            raise NotConverged("the profile has no end")
        return found

    def _solved(self, which: int, side: int, hessian: Floats) -> float | None:
        """Solve deviance = least + cut and slope by the other = 0 together; None where that does not arrive.

        Venzon & Moolgavkar (1988), Applied Statistics 37, 87–94; in logarithms, in which the deviance is rounder. The
        derivatives of the slope are those at the least; SciPy's hybrid method mends them as it goes.
        """
        covariance = np.linalg.inv(hessian)
        unit = math.sqrt(hessian[1 - which, 1 - which])
        last: dict[bytes, tuple[float, Floats]] = {}

        def there(logs: Floats) -> tuple[float, Floats]:
            if float(np.abs(logs).max()) > FARTHEST:
                raise NotConverged("the profile leaves the neighbourhood of the least")
            # The solver asks for values and derivatives at one place in two calls: the last place is kept, no more.
            if logs.tobytes() not in last:
                spreads = self.best * np.exp(logs)
                point = self.likelihood.restricted(spreads)
                last.clear()
                last[logs.tobytes()] = (point.deviance - self.deviance - CUT, point.by_spread * spreads)
            return last[logs.tobytes()]

        def misses(logs: Floats) -> Floats:
            excess, slopes = there(logs)
            return np.array([excess, slopes[1 - which] / unit])

        def derivatives(logs: Floats) -> Floats:
            return np.stack([there(logs)[1], hessian[1 - which] / unit])

        # Where a quadratic deviance would reach the cut; its covariance is 2 H⁻¹, and the 2 makes its start a bit
        # short.
        start = side * math.sqrt(CUT) * covariance[which] / math.sqrt(covariance[which, which])
        found = root(misses, start, jac=derivatives, method="hybr", options={"xtol": CLOSE, "factor": 1.0})
        if not found.success or float(np.abs(found.fun).max()) > MISSED or side * found.x[which] <= 0:
            return None
        return float(self.best[which] * math.exp(found.x[which]))

    def _bracketed(self, which: int, side: int) -> float:
        """Go outwards until the deviance is beyond the cut, then close in by Brent's method on its signed root."""
        centre, size = float(self.best[which]), self.likelihood.data.sizes[which]
        other = float(self.best[1 - which])
        # Two standard errors, σ/√(2n); below .3 a step in proportion would be too short to arrive.
        step = side * 2 * max(centre, 0.3) / math.sqrt(2 * size)
        inside = outside = centre
        while True:
            inside, outside, step = outside, max(outside + step, 0.0), 1.5 * step
            value, other = self._beyond(which, outside, other)
            if value > 0:
                break
            if outside == 0.0:
                return 0.0
            if outside > LARGEST:
                return outside
        return float(brentq(lambda x: self._beyond(which, x, other)[0], inside, outside, xtol=CLOSE, rtol=CLOSE))

    def _beyond(self, which: int, value: float, other: float) -> tuple[float, float]:
        """Root of the deviance above the least, less that of the cut, and the other standard deviation there."""
        spreads = np.empty(2)
        spreads[which] = value

        def along(x: Floats) -> tuple[float, Floats, Point]:
            spreads[1 - which] = x[0]
            point = self.likelihood.restricted(spreads)
            return point.deviance, point.by_spread[1 - which : 2 - which], point

        size = self.likelihood.data.sizes[1 - which]
        at, point = minimise(along, np.array([max(other, 0.05)]), np.array([[max(other, 0.2) ** 2 / (2 * size)]]))
        # The root of the deviance is nearly straight in σ: Brent's method needs few steps.
        return math.sqrt(max(point.deviance - self.deviance, 0.0)) - math.sqrt(CUT), abs(float(at[0]))
